import { createHash } from 'node:crypto'
import { MmfError } from '../errors/mmf-error.ts'
import type { Signable } from './keys.ts'
import { type SigningAlgorithmName, signingAlgorithm } from './signing-algorithms.ts'

/**
 * The digest of a message under the algorithm's own hash.
 * @throws {MmfError} `digest_not_supported` for ML-DSA and Ed25519, which sign messages only.
 */
export function digestOf(algorithm: SigningAlgorithmName, message: Uint8Array): Uint8Array {
  const { hash } = signingAlgorithm(algorithm)
  if (hash === undefined) throw digestNotSupported(algorithm)
  return createHash(hash).update(message).digest()
}

/**
 * Passes when the algorithm can sign or verify this input: a message (Ed25519: of at most 4,096 bytes), a digest of exactly its own length.
 * @throws {MmfError} `digest_not_supported` (FIPS 204 §5.4: a digest would need HashML-DSA, another algorithm), `digest_length_invalid`, `payload_too_large`
 */
export function checkSignable(algorithm: SigningAlgorithmName, input: Signable): void {
  const row = signingAlgorithm(algorithm)
  if ('message' in input) {
    if (row.scheme !== 'ed25519' || input.message.length <= row.maxMessageBytes) return
    const detail = `message: ${input.message.length} bytes; ${algorithm} signs at most ${row.maxMessageBytes}`
    throw new MmfError('payload_too_large', { detail })
  }
  const { digestBytes } = row
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
