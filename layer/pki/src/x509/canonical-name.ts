import { hash } from 'node:crypto'
import { oidOfOctets } from '../der/oid.ts'
import type { DerElement } from '../der/reader.ts'
import { ia5At } from '../der/strings.ts'
import { toHex } from './bytes.ts'
import { plainValue } from './name-difference.ts'
import type { RelativeDistinguishedName } from './relative-distinguished-name.ts'
import { prepareString } from './string-preparation.ts'

/** One relative distinguished name as text: equal exactly where RFC 5280 §7.1 calls two equal. */
export function canonicalRdn(rdn: RelativeDistinguishedName): string {
  const parts = rdn.map(({ type, text, raw }) =>
    canonicalAttribute(type, text === undefined ? `#${toHex(raw)}` : prepareString(text)),
  )
  return parts.length === 1 ? (parts[0] as string) : parts.sort().join('+')
}

function canonicalAttribute(type: string, value: string): string {
  // The length keeps a value that holds separators from passing for two.
  return `${type}=${value.length}:${value}`
}

/** The same for every relative distinguished name of a name that isPlainName says yes to, without decoding it first. */
export function canonicalRdnsOfPlainName({ source, contentStart, contentEnd }: DerElement): readonly string[] {
  const rdns: string[] = []
  let at = contentStart
  while (at < contentEnd) {
    const value = plainValue(source, at, contentEnd)
    const end = value + (source[value - 1] as number)
    // Tag and length of the text stand between the type and the value.
    const type = oidOfOctets(source, at + plainType, value - 2)
    rdns.push(canonicalAttribute(type, prepareString(ia5At(source, value, end))))
    at = end
  }
  return rdns
}

/** Where the type starts in an RDN of one attribute with short lengths: after the headers of SET, SEQUENCE and OBJECT IDENTIFIER. */
const plainType = 6

/** The relative distinguished names as one text: the cheapest key for maps in memory. */
export function canonicalText(rdns: readonly string[]): string {
  return JSON.stringify(rdns)
}

/** The relative distinguished names of a name as one sequence of octets: UTF-8 of a JSON array. */
export function canonicalBytes(rdns: readonly string[]): Uint8Array {
  return new TextEncoder().encode(canonicalText(rdns))
}

/**
 * SHA-256 over {@link canonicalBytes}, lower-case hexadecimal: the one key by which names are looked up in tables. Rows are stored
 * under it, so it never changes for a name without a migration.
 */
export function canonicalKey(rdns: readonly string[]): string {
  return hash('sha256', canonicalText(rdns), 'hex')
}
