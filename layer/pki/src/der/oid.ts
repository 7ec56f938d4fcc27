import { PkiError } from '../errors.ts'
import { oidNames } from './oid-names.ts'
import type { DerElement } from './reader.ts'

/**
 * OBJECT IDENTIFIER content octets to dotted decimal (X.690 §8.19). Arcs of any size.
 * @throws der_malformed for empty, truncated or non-minimal arcs, or more than 128 octets
 */
export function decodeOid(content: Uint8Array): string {
  const { length } = content
  if (length === 0 || length > 128) throw new PkiError('der_malformed', `OBJECT IDENTIFIER of ${length} octets`)
  if ((content[length - 1] as number) & 0x80) throw new PkiError('der_malformed', 'OBJECT IDENTIFIER truncated')
  let text = ''
  let arc = 0
  let start = 0
  for (let index = 0; index < length; index++) {
    const octet = content[index] as number
    if (index === start && octet === 0x80) throw new PkiError('der_malformed', 'OBJECT IDENTIFIER arc not minimal')
    if (octet & 0x80) {
      arc = arc * 128 + (octet & 0x7f)
      continue
    }
    // 2^53 is passed after seven octets; larger arcs (UUID based, for one) are decoded exactly.
    const value = index - start < 7 ? arc * 128 + octet : decodeLargeArc(content.subarray(start, index + 1))
    text += text === '' ? firstArcs(value) : `.${value}`
    arc = 0
    start = index + 1
  }
  return text
}

function decodeLargeArc(octets: Uint8Array): bigint {
  let value = 0n
  for (const octet of octets) value = (value << 7n) | BigInt(octet & 0x7f)
  return value
}

function firstArcs(value: number | bigint): string {
  if (value < 40) return `0.${value}`
  if (value < 80) return `1.${Number(value) - 40}`
  return typeof value === 'bigint' ? `2.${value - 80n}` : `2.${value - 80}`
}

/**
 * Dotted decimal to OBJECT IDENTIFIER content octets.
 * @throws der_encoding for text that is no OID
 */
export function encodeOid(oid: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(oid)) throw new PkiError('der_encoding', `'${oid.slice(0, 80)}' is no OID`)
  const [root, second, ...rest] = oid.split('.').map(BigInt) as [bigint, bigint, ...bigint[]]
  if (root < 2n && second > 39n) throw new PkiError('der_encoding', `'${oid.slice(0, 80)}' has a second arc above 39`)
  const octets: number[] = []
  for (const arc of [root * 40n + second, ...rest]) {
    const base128 = [Number(arc & 0x7fn)]
    for (let left = arc >> 7n; left > 0n; left >>= 7n) base128.unshift(Number(left & 0x7fn) | 0x80)
    octets.push(...base128)
  }
  return Uint8Array.from(octets)
}

/** An OID of the table with its octets. */
interface KnownOid {
  readonly oid: string
  readonly octets: Uint8Array
}

// What certificates use again and again is found by its octets instead of being decoded. An open hash table, filled once, never grown; that it
// is mostly empty keeps searches short.
// A power of two.
const slots = 1024
let knownOids: readonly (KnownOid | undefined)[] | undefined

function tableOfOids(): readonly (KnownOid | undefined)[] {
  const table = new Array<KnownOid | undefined>(slots).fill(undefined)
  for (const oid of Object.keys(oidNames)) {
    const octets = encodeOid(oid)
    let slot = slotOf(octets, 0, octets.length)
    while (table[slot] !== undefined) slot = (slot + 1) & (slots - 1)
    table[slot] = { oid, octets }
  }
  return table
}

/** By length and the last three octets, in which OIDs differ most; the octets decide, not the slot. */
function slotOf(source: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length < 3) return length
  const [last, second, third] = [source[end - 1] as number, source[end - 2] as number, source[end - 3] as number]
  return (length * 131 + last + second * 17 + third * 37) & (slots - 1)
}

/** Dotted decimal of an OBJECT IDENTIFIER element. @throws der_malformed */
export function readOid(element: DerElement): string {
  return oidOfOctets(element.source, element.contentStart, element.contentEnd)
}

/** Dotted decimal of the content octets of an OBJECT IDENTIFIER. @throws der_malformed */
export function oidOfOctets(source: Uint8Array, start: number, end: number): string {
  knownOids ??= tableOfOids()
  for (let slot = slotOf(source, start, end); ; slot = (slot + 1) & (slots - 1)) {
    const known = knownOids[slot]
    if (known === undefined) return decodeOid(source.subarray(start, end))
    if (end - start === known.octets.length && hasOctets(source, start, known.octets)) return known.oid
  }
}

function hasOctets(source: Uint8Array, start: number, octets: Uint8Array): boolean {
  for (let index = 0; index < octets.length; index++) if (octets[index] !== source[start + index]) return false
  return true
}

/** The name of an OID in the table, or the OID itself. */
export function oidName(oid: string): string {
  return (oidNames as Readonly<Record<string, string>>)[oid] ?? oid
}
