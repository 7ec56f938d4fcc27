import { constants, createHash, KeyObject, verify } from 'node:crypto'
import { isMmfError } from '../errors/mmf-error.ts'
import { checkDigestLength, digestNotSupported } from './digest.ts'
import { parseEcdsaSignature } from './ecdsa-der.ts'
import { takesDigest, verifyEcdsaDigest } from './ecdsa-digest.ts'
import { hasDigestInfo } from './emsa.ts'
import { keySpecs } from './key-specs.ts'
import type { Signable } from './keys.ts'
import { verifyRsaDigest } from './rsa-digest.ts'
import { assertAvailable, describe, type SignatureParameters, signatureParameters } from './signature-parameters.ts'
import type { SigningAlgorithmName } from './signing-algorithms.ts'
import { importSpki } from './spki.ts'

/** Why a signature is not valid. */
type VerificationReason =
  /** The mathematics says no: another document, another key, or a changed signature. */
  | 'signature_mismatch'
  /** Not a signature of this algorithm at all: wrong length, not strict DER. */
  | 'signature_malformed'
  /** The key is of another type or curve than the algorithm. */
  | 'key_mismatch'
  /** The bytes are no public key, or one that cannot be used. */
  | 'key_malformed'

export type Verdict = { readonly valid: true } | { readonly valid: false; readonly reason: VerificationReason }

const valid: Verdict = { valid: true }
const invalid = (reason: VerificationReason): Verdict => ({ valid: false, reason })

/**
 * THE check of a signature; nothing else in the platform verifies one for an answer. A message is checked by node:crypto, a ready
 * digest by the raw primitive and our own encodings, and both agree. Whatever is wrong with key or signature is a verdict.
 *
 * PKCS#1 v1.5 and PSS: RFC 8017 §8, MGF1 with the same hash and a salt of exactly the given length. ECDSA: strict DER, high S
 * allowed. ML-DSA: FIPS 204, Ed25519: RFC 8032 §5.1.7, messages only.
 *
 * @param publicKey a public KeyObject, or DER SubjectPublicKeyInfo without trailing bytes
 * @throws {MmfError} `digest_not_supported`, `digest_length_invalid`; `algorithm_unavailable` when the runtime lacks the algorithm: no verdict
 */
export async function verifySignature(
  algorithm: SigningAlgorithmName | SignatureParameters,
  publicKey: KeyObject | Uint8Array,
  input: Signable,
  signature: Uint8Array,
): Promise<Verdict> {
  const parameters = typeof algorithm === 'string' ? signatureParameters(algorithm) : algorithm
  const name = typeof algorithm === 'string' ? algorithm : describe(parameters)
  if ('digest' in input) checkDigest(name, parameters, input.digest)
  const key = publicKey instanceof KeyObject ? publicKey : importSpki(publicKey)
  if (key === undefined) {
    assertAvailable(parameters)
    return invalid('key_malformed')
  }
  if (!keyFits(parameters, key)) return invalid('key_mismatch')
  if (!wellFormed(parameters, key, signature)) return invalid('signature_malformed')
  try {
    const good =
      'digest' in input
        ? await checkByDigest(parameters, key, input.digest, signature)
        : await checkByMessage(parameters, key, input.message, signature)
    return good ? valid : invalid('signature_mismatch')
  } catch (error) {
    if (isMmfError(error)) throw error
    assertAvailable(parameters)
    return invalid('key_malformed')
  }
}

function checkDigest(name: string, parameters: SignatureParameters, digest: Uint8Array): void {
  if (parameters.scheme === 'ml-dsa' || parameters.scheme === 'ed25519') throw digestNotSupported(name)
  assertAvailable(parameters)
  checkDigestLength(name, createHash(parameters.hash).digest().length, digest)
}

/** Type and curve. A key restricted to PSS (RFC 4055 §1.2) serves PSS only, with its own hashes and at least its salt length. */
function keyFits(parameters: SignatureParameters, key: KeyObject): boolean {
  if (key.type !== 'public') return false
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  switch (parameters.scheme) {
    case 'rsa-pkcs1':
      return type === 'rsa'
    case 'rsa-pss':
      if (type !== 'rsa-pss') return type === 'rsa'
      return (
        [undefined, parameters.hash].includes(details?.hashAlgorithm) &&
        [undefined, parameters.mgfHash ?? parameters.hash].includes(details?.mgf1HashAlgorithm) &&
        (details?.saltLength ?? 0) <= parameters.saltBytes
      )
    case 'ecdsa':
      return type === 'ec' && [undefined, details?.namedCurve].includes(parameters.curve)
    case 'ed25519':
      return type === 'ed25519'
    case 'ml-dsa':
      return type === parameters.type
  }
}

function wellFormed(parameters: SignatureParameters, key: KeyObject, signature: Uint8Array): boolean {
  switch (parameters.scheme) {
    case 'rsa-pkcs1':
    case 'rsa-pss':
      return signature.length === Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
    case 'ecdsa':
      return parseEcdsaSignature(signature) !== undefined
    case 'ed25519':
      return signature.length === 64
    case 'ml-dsa':
      return Object.values(keySpecs).some(
        row => row.type === parameters.type && 'signatureBytes' in row && row.signatureBytes === signature.length,
      )
  }
}

async function checkByMessage(
  parameters: SignatureParameters,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  switch (parameters.scheme) {
    case 'rsa-pkcs1':
      return verify(parameters.hash, message, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
    case 'rsa-pss': {
      const { hash, mgfHash = hash, saltBytes: saltLength } = parameters
      // node:crypto has no parameter for MGF1 with another hash.
      if (mgfHash !== hash) return checkByDigest(parameters, key, createHash(hash).update(message).digest(), signature)
      return verify(hash, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature)
    }
    case 'ecdsa':
      return verify(parameters.hash, message, { key, dsaEncoding: 'der' }, signature)
    case 'ed25519':
      return verify(null, message, key, signature)
    case 'ml-dsa':
      return verify(null, message, { key, ...(parameters.context && { context: parameters.context }) }, signature)
  }
}

async function checkByDigest(
  parameters: SignatureParameters,
  key: KeyObject,
  digest: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  switch (parameters.scheme) {
    case 'rsa-pkcs1':
      if (!hasDigestInfo(parameters.hash)) throw digestNotSupported(describe(parameters))
      return verifyRsaDigest({ scheme: 'rsa-pkcs1', hash: parameters.hash }, key, digest, signature)
    case 'rsa-pss':
      return verifyRsaDigest({ mgfHash: parameters.hash, ...parameters }, key, digest, signature)
    case 'ecdsa':
      if (!takesDigest(key)) throw digestNotSupported(describe(parameters))
      return verifyEcdsaDigest(key, digest, signature)
    case 'ed25519':
    case 'ml-dsa':
      throw digestNotSupported(describe(parameters))
  }
}
