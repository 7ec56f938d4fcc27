import { constants, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt, timingSafeEqual } from 'node:crypto'
import { encodePkcs1, encodePss, type PssParameters, verifyPss } from './emsa.ts'
import type { Hash } from './signing-algorithms.ts'
import { exportSpki, publicKeyBits } from './spki.ts'

/** How the digest is encoded before the RSA primitive. */
export type RsaEncoding =
  | { readonly scheme: 'rsa-pkcs1'; readonly hash: Hash }
  | ({ readonly scheme: 'rsa-pss' } & PssParameters)

/**
 * Verifies a signature over a ready digest (RFC 8017 §8.1.2, §8.2.2): the signature has exactly the length of the modulus and is
 * smaller than it; the whole encoded message is compared, nothing in it is parsed leniently.
 */
export function verifyRsaDigest(
  encoding: RsaEncoding,
  key: KeyObject,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const bits = modulusBits(key)
  const length = Math.ceil(bits / 8)
  if (signature.length !== length) return false
  const raw = rawPublic(key, signature)
  if (raw === undefined) return false
  if (encoding.scheme === 'rsa-pkcs1') {
    const expected = encodePkcs1(encoding.hash, digest, length)
    return expected !== undefined && timingSafeEqual(raw, expected)
  }
  // With a modulus of 8n + 1 bits the encoded message is a byte shorter than the modulus, and that byte is zero.
  const encodedLength = Math.ceil((bits - 1) / 8)
  if (encodedLength < length && raw[0] !== 0) return false
  return verifyPss(encoding, digest, raw.subarray(length - encodedLength), bits)
}

/**
 * Signs a ready digest.
 * @throws {RangeError} when the modulus is too small for the encoding.
 */
export function signRsaDigest(encoding: RsaEncoding, privateKey: KeyObject, digest: Uint8Array): Uint8Array {
  const bits = modulusBits(privateKey)
  const length = Math.ceil(bits / 8)
  const encoded =
    encoding.scheme === 'rsa-pkcs1' ? encodePkcs1(encoding.hash, digest, length) : encodePss(encoding, digest, bits)
  if (encoded === undefined) throw new RangeError(`a modulus of ${bits} bits is too small for this digest`)
  const padded = Buffer.alloc(length)
  padded.set(encoded, length - encoded.length)
  // RSADP and RSASP1 are the same operation (RFC 8017 §5.1.2, §5.2.1).
  return new Uint8Array(privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, padded))
}

/** RSAVP1 (RFC 8017 §5.2.2); undefined when the number is not smaller than the modulus. */
function rawPublic(key: KeyObject, signature: Uint8Array): Buffer | undefined {
  try {
    return publicEncrypt({ key: plainRsa(key), padding: constants.RSA_NO_PADDING }, signature)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_OSSL_RSA_DATA_TOO_LARGE_FOR_MODULUS') return undefined
    throw error
  }
}

/** OpenSSL refuses the raw operation for keys typed RSASSA-PSS (RFC 4055 §1.2), so such a key is read again as plain RSA. */
function plainRsa(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'rsa-pss') return key
  const pkcs1 = publicKeyBits(exportSpki(key))
  if (pkcs1 === undefined) throw new TypeError('not a public RSA key')
  return createPublicKey({ key: Buffer.from(pkcs1), format: 'der', type: 'pkcs1' })
}

function modulusBits(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0
}
