import { DerCursor } from '../der/cursor.ts'
import { TAG } from '../der/tags.ts'
import type { PublicKeyInfo } from '../signature/public-key.ts'

/** AlgorithmIdentifier of rsaEncryption with NULL (RFC 3279 §2.3.1), encoded. */
const RSA_ENCRYPTION = Uint8Array.of(0x30, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0)
/** The exponent 65537 as content of an INTEGER. */
const F4 = Uint8Array.of(1, 0, 1)
const MAX_OCTETS = 2048

/**
 * Reads in place the shape that nearly all RSA keys have: rsaEncryption with NULL, an odd modulus of whole octets, exponent 65537. Undefined for
 * every other; readPublicKey then decides. Three keys a chain are read for their size alone, and this is the cheapest honest way to it.
 * @throws der_malformed
 */
export function readUsualRsaKey(spki: Uint8Array): PublicKeyInfo | undefined {
  const cursor = new DerCursor(spki, 0, spki.length)
  cursor.next(TAG.SEQUENCE)
  if (cursor.offset !== spki.length) return undefined
  cursor.enter()
  if (!startsWith(spki, cursor.offset, cursor.limit, RSA_ENCRYPTION)) return undefined
  cursor.offset += RSA_ENCRYPTION.length
  cursor.next(TAG.BIT_STRING)
  if (cursor.offset !== cursor.limit || spki[cursor.contentStart] !== 0) return undefined
  cursor.offset = cursor.contentStart + 1
  cursor.next(TAG.SEQUENCE)
  if (cursor.offset !== cursor.limit) return undefined
  cursor.enter()
  cursor.next(TAG.INTEGER)
  const { contentStart: start, contentEnd: end } = cursor
  cursor.next(TAG.INTEGER)
  const exponentLength = cursor.contentEnd - cursor.contentStart
  if (cursor.offset !== cursor.limit || exponentLength !== F4.length) return undefined
  if (!startsWith(spki, cursor.contentStart, cursor.contentEnd, F4)) return undefined
  // A sign octet before a modulus whose first bit is set, its last one too.
  const wholeOctets = spki[start] === 0 && (spki[start + 1] as number) >= 0x80
  const length = end - start - 1
  if (!wholeOctets || length < 1 || length > MAX_OCTETS || ((spki[end - 1] as number) & 1) === 0) return undefined
  return { type: 'rsa', bits: length * 8, exponent: 65_537n, modulus: spki.subarray(start + 1, end) }
}

function startsWith(source: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false
  for (let index = 0; index < prefix.length; index++) if (source[start + index] !== prefix[index]) return false
  return true
}
