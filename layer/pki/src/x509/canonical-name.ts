import { createHash } from 'node:crypto'
import { toHex } from './bytes.ts'
import type { RelativeDistinguishedName } from './name.ts'
import { prepareString } from './string-preparation.ts'

/** One relative distinguished name as text: equal exactly where RFC 5280 §7.1 calls two equal. */
export function canonicalRdn(rdn: RelativeDistinguishedName): string {
  const parts = rdn.map(({ type, text, raw }) => {
    const value = text === undefined ? `#${toHex(raw)}` : prepareString(text)
    // The length keeps a value that holds separators from passing for two.
    return `${type}=${value.length}:${value}`
  })
  return parts.length === 1 ? (parts[0] as string) : parts.sort().join('+')
}

/** The relative distinguished names of a name as one sequence of octets: UTF-8 of a JSON array. */
export function canonicalBytes(rdns: readonly string[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(rdns))
}

/**
 * SHA-256 over {@link canonicalBytes}, lower-case hexadecimal: the one key by which names are looked up, in memory and in tables. Rows are
 * stored under it, so it never changes for a name without a migration.
 */
export function canonicalKey(rdns: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(rdns)).digest('hex')
}
