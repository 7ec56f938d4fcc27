import type { KeyObject } from 'node:crypto'
import { encodeEcdsaSignature, fixedEcdsaSignature, parseEcdsaSignature } from './ecdsa-der.ts'
import { keySpecs } from './key-specs.ts'

/** The key spec of an EC key; undefined for curves outside the table. */
function ecKeyOf(key: KeyObject) {
  const curve = key.asymmetricKeyDetails?.namedCurve
  return Object.values(keySpecs).flatMap(shape => (shape.type === 'ec' && shape.curve === curve ? [shape] : []))[0]
}

/** `high S` is allowed: KMS and OpenSSL make such signatures (FIPS 186-5 §6.4 asks for no low S). The digest is not hashed again. */
const options = { lowS: false, prehash: false, format: 'compact' } as const

/** Whether ready digests can be signed and verified with this EC key. */
export function takesDigest(key: KeyObject): boolean {
  return ecKeyOf(key) !== undefined
}

/** Verifies a DER signature over a ready digest (FIPS 186-5 §6.4.2). False for a malformed signature, too. */
export async function verifyEcdsaDigest(key: KeyObject, digest: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const curve = await ecKeyOf(key)?.digestCurve()
  const numbers = parseEcdsaSignature(signature)
  const { x, y } = key.export({ format: 'jwk' })
  if (curve === undefined || numbers === undefined || x === undefined || y === undefined) return false
  const point = Buffer.concat([Buffer.of(0x04), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const fixed = fixedEcdsaSignature(numbers, (point.length - 1) / 2)
  return fixed !== undefined && curve.verify(fixed, digest, point, options)
}

/**
 * Signs a ready digest; the nonce is derived from key, digest and fresh randomness (RFC 6979 §3.6). The private number is taken
 * from the key for this call only. The arithmetic is JavaScript's and not constant-time.
 * @throws {RangeError} for a curve without an implementation, or a key that is not EC.
 */
export async function signEcdsaDigest(privateKey: KeyObject, digest: Uint8Array): Promise<Uint8Array> {
  const curve = await ecKeyOf(privateKey)?.digestCurve()
  const { d } = privateKey.export({ format: 'jwk' })
  if (curve === undefined || d === undefined) throw new RangeError('no digest signing for this curve')
  const scalar = Buffer.from(d, 'base64url')
  try {
    return encodeEcdsaSignature(curve.sign(digest, scalar, { ...options, extraEntropy: true }))
  } finally {
    scalar.fill(0)
  }
}
