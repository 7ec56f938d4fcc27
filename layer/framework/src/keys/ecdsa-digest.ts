import type { KeyObject } from 'node:crypto'
import { encodeEcdsaSignature, fixedEcdsaSignature, parseEcdsaSignature } from './ecdsa-der.ts'

type NistModule = typeof import('@noble/curves/nist.js')

/** OpenSSL's curve name → the curve in `@noble/curves`. */
const curves: Readonly<Record<string, (nist: NistModule) => NistModule['p256']>> = {
  prime256v1: nist => nist.p256,
  secp384r1: nist => nist.p384,
  secp521r1: nist => nist.p521,
}

// node:crypto hashes whatever it is given, so ready digests need other code. It is loaded only when a digest comes.
async function loadCurve(key: KeyObject): Promise<NistModule['p256'] | undefined> {
  const choose = curves[key.asymmetricKeyDetails?.namedCurve ?? '']
  return choose?.(await import('@noble/curves/nist.js'))
}

/** `high S` is allowed: KMS and OpenSSL make such signatures (FIPS 186-5 §6.4 asks for no low S). The digest is not hashed again. */
const options = { lowS: false, prehash: false, format: 'compact' } as const

/** Whether ready digests can be signed and verified with this EC key. */
export function takesDigest(key: KeyObject): boolean {
  return Object.hasOwn(curves, key.asymmetricKeyDetails?.namedCurve ?? '')
}

/** Verifies a DER signature over a ready digest (FIPS 186-5 §6.4.2). False for a malformed signature, too. */
export async function verifyEcdsaDigest(key: KeyObject, digest: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const curve = await loadCurve(key)
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
  const curve = await loadCurve(privateKey)
  const { d } = privateKey.export({ format: 'jwk' })
  if (curve === undefined || d === undefined) throw new RangeError('no digest signing for this curve')
  const scalar = Buffer.from(d, 'base64url')
  try {
    return encodeEcdsaSignature(curve.sign(digest, scalar, { ...options, extraEntropy: true }))
  } finally {
    scalar.fill(0)
  }
}
