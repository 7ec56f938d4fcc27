import { createHash } from 'node:crypto'
import { MmfError, type Signable, type SigningAlgorithmName, signingAlgorithm } from '@mmf/framework'

/** What a request gives, after its schema has made sure that it is one of the two. */
export interface Subject {
  readonly document?: Uint8Array | undefined
  readonly digest?: Uint8Array | undefined
}

/** The hash written into the record of an algorithm that has none of its own (ML-DSA). */
const recordHash = 'sha256'

const standardName = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const

/**
 * What goes to the key service.
 * @throws {MmfError} `digest_not_supported`, `digest_length_invalid`
 */
export function signableOf({ document, digest }: Subject, algorithm: SigningAlgorithmName): Signable {
  if (document !== undefined) return { message: document }
  const { hash, digestBytes } = signingAlgorithm(algorithm)
  if (hash === undefined || digest === undefined) {
    throw new MmfError('digest_not_supported', { detail: `${algorithm} needs the document itself` })
  }
  if (digest.length !== digestBytes) {
    throw new MmfError('digest_length_invalid', {
      detail: `digest: ${digest.length} bytes; ${algorithm} needs ${digestBytes}`,
      errors: [{ path: 'digest', message: `expected ${digestBytes} bytes`, code: 'length' }],
    })
  }
  return { digest }
}

/** The document's hash for the audit record: under the algorithm's own hash, so that a digest given and one made here agree. */
export function documentHash(signable: Signable, algorithm: SigningAlgorithmName) {
  const hash = signingAlgorithm(algorithm).hash ?? recordHash
  const digest = 'digest' in signable ? signable.digest : createHash(hash).update(signable.message).digest()
  return { documentHash: Buffer.from(digest).toString('hex'), documentHashAlgorithm: standardName[hash] }
}
