import { createHash, generateKeyPairSync, getCurves } from 'node:crypto'
import { MmfError } from '../errors/mmf-error.ts'
import { type MlDsaType, type SigningAlgorithmName, signingAlgorithm } from './signing-algorithms.ts'

/**
 * What a signature check needs to know, apart from key, input and signature. A name of the table stands for one of these; other
 * combinations (a curve with another hash, another salt) can be given directly. Hash names are node:crypto's.
 */
export type SignatureParameters =
  | { readonly scheme: 'rsa-pkcs1'; readonly hash: string }
  /** `mgfHash` is `hash` unless given. */
  | { readonly scheme: 'rsa-pss'; readonly hash: string; readonly saltBytes: number; readonly mgfHash?: string }
  /** `curve`: OpenSSL's name; any curve when left out. */
  | { readonly scheme: 'ecdsa'; readonly hash: string; readonly curve?: string }
  | { readonly scheme: 'ed25519' }
  /** `context`: FIPS 204 §5.2, at most 255 bytes, empty when left out. */
  | { readonly scheme: 'ml-dsa'; readonly type: MlDsaType; readonly context?: Uint8Array }

/** The parameters that a name of the table stands for. */
export function signatureParameters(algorithm: SigningAlgorithmName): SignatureParameters {
  const row = signingAlgorithm(algorithm)
  switch (row.scheme) {
    case 'rsa-pkcs1':
      return { scheme: row.scheme, hash: row.hash }
    case 'rsa-pss':
      return { scheme: row.scheme, hash: row.hash, saltBytes: row.saltBytes }
    case 'ecdsa':
      return { scheme: row.scheme, hash: row.hash, curve: row.key.curve }
    case 'ed25519':
      return { scheme: row.scheme }
    case 'ml-dsa':
      return { scheme: row.scheme, type: row.key.type }
  }
}

/**
 * Passes when this runtime has the hash, curve or key type. Asked when a check could not be carried out, so that a missing
 * algorithm is never taken for an invalid signature (Linux distributions strip curves; OpenSSL has ML-DSA since 3.5).
 * @throws {MmfError} `algorithm_unavailable`
 */
export function assertAvailable(parameters: SignatureParameters): void {
  try {
    if (parameters.scheme === 'ml-dsa') generateMlDsa(parameters.type)
    else if (parameters.scheme === 'ed25519') generateKeyPairSync('ed25519')
    else createHash(parameters.hash)
    if (parameters.scheme === 'rsa-pss' && parameters.mgfHash !== undefined) createHash(parameters.mgfHash)
    if (parameters.scheme === 'ecdsa' && parameters.curve !== undefined && !getCurves().includes(parameters.curve))
      throw new RangeError(`no curve ${parameters.curve}`)
  } catch (cause) {
    throw new MmfError('algorithm_unavailable', { detail: describe(parameters), cause })
  }
}

/** A short text for messages, without secrets. */
export function describe(parameters: SignatureParameters): string {
  if (parameters.scheme === 'ml-dsa') return parameters.type
  if (parameters.scheme === 'ed25519') return 'Ed25519'
  const curve = parameters.scheme === 'ecdsa' && parameters.curve !== undefined ? ` on ${parameters.curve}` : ''
  return `${parameters.scheme} with ${parameters.hash}${curve}`
}

// The types know one overload per name, so each is called with its own literal.
function generateMlDsa(type: MlDsaType): void {
  if (type === 'ml-dsa-44') generateKeyPairSync('ml-dsa-44')
  else if (type === 'ml-dsa-65') generateKeyPairSync('ml-dsa-65')
  else generateKeyPairSync('ml-dsa-87')
}
