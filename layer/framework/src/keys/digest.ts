import { createHash } from 'node:crypto'
import { MmfError } from '../errors/mmf-error.ts'
import type { Signable } from './keys.ts'
import { type SigningAlgorithmName, signingAlgorithm } from './signing-algorithms.ts'

/**
 * The digest of a message under the algorithm's own hash.
 * @throws {MmfError} `digest_not_supported` for ML-DSA, which signs messages only.
 */
export function digestOf(algorithm: SigningAlgorithmName, message: Uint8Array): Uint8Array {
  const { hash } = signingAlgorithm(algorithm)
  if (hash === undefined) throw digestNotSupported(algorithm)
  return createHash(hash).update(message).digest()
}

/**
 * Passes when the algorithm can sign or verify this input: a message always, a digest of exactly its own length.
 * @throws {MmfError} `digest_not_supported` (FIPS 204 §5.4: a digest would need HashML-DSA, another algorithm), `digest_length_invalid`
 */
export function checkSignable(algorithm: SigningAlgorithmName, input: Signable): void {
  if ('message' in input) return
  const { digestBytes } = signingAlgorithm(algorithm)
  if (digestBytes === undefined) throw digestNotSupported(algorithm)
  checkDigestLength(algorithm, digestBytes, input.digest)
}

/** @throws {MmfError} `digest_length_invalid` */
export function checkDigestLength(algorithm: string, expected: number, digest: Uint8Array): void {
  if (digest.length === expected) return
  throw new MmfError('digest_length_invalid', {
    detail: `digest: ${digest.length} bytes; ${algorithm} needs ${expected}`,
    errors: [{ path: 'digest', message: `expected ${expected} bytes`, code: 'length' }],
  })
}

export function digestNotSupported(algorithm: string): MmfError {
  return new MmfError('digest_not_supported', { detail: `${algorithm} needs the document itself` })
}
