import type { Name } from '@mmf/pki'
import { EntryRefused } from './entry-refused.ts'

/**
 * What a row may hold of things that have no bound of their own: whatever a file says, its rows must fit into a transaction of 4 MB with
 * those of 80 other records, and what is an index key into 2 KB.
 */
export const rowLimits = {
  /** Bytes of a name as text. */
  nameBytes: 8192,
  /** Octets of a key identifier; a SHA-512 has 64. */
  keyIdentifierBytes: 64,
  /** Octets of a serial or CRL number. RFC 5280 §4.1.2.2 and §5.2.3 allow 20. */
  numberBytes: 64,
} as const

/** A name as RFC 4514 text. @throws {EntryRefused} `name_too_long`; name_malformed */
export function boundedName(name: Name): string {
  // Escaping makes text longer than its encoding, never shorter: a large name is not even written.
  const text = name.raw.length > 4 * rowLimits.nameBytes ? undefined : name.toString()
  if (text !== undefined && Buffer.byteLength(text) <= rowLimits.nameBytes) return text
  throw new EntryRefused('name_too_long', `a name of more than ${rowLimits.nameBytes} bytes`)
}

/** Lower-case hex. @throws {EntryRefused} `name_too_long` */
export function boundedHex(bytes: Uint8Array, maxOctets: number): string {
  if (bytes.length <= maxOctets) return Buffer.from(bytes).toString('hex')
  throw new EntryRefused('name_too_long', `an identifier of ${bytes.length} octets; at most ${maxOctets}`)
}

/** Decimal. @throws {EntryRefused} `name_too_long` */
export function boundedNumber(value: bigint): string {
  if (BigInt.asUintN(8 * rowLimits.numberBytes, value) === value) return String(value)
  throw new EntryRefused('name_too_long', `a number of more than ${rowLimits.numberBytes} octets`)
}
