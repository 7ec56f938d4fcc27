import { createHash } from 'node:crypto'
import { type Signable, type SigningAlgorithmName, signingAlgorithm } from '@mmf/framework'

/** What a request gives, after its schema has made sure that it is one of the two. */
export interface Subject {
  readonly document?: Uint8Array | undefined
  readonly digest?: Uint8Array | undefined
}

/** The hash written into the record of an algorithm that has none of its own (ML-DSA). */
const recordHash = 'sha256'

const standardName = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const

/** What goes to the key service, which refuses a digest that does not fit the algorithm. */
export function signableOf({ document, digest = new Uint8Array() }: Subject): Signable {
  return document === undefined ? { digest } : { message: document }
}

/** The document's hash for the audit record: under the algorithm's own hash, so that a digest given and one made here agree. */
export function documentHash(signable: Signable, algorithm: SigningAlgorithmName) {
  const hash = signingAlgorithm(algorithm).hash ?? recordHash
  const digest = 'digest' in signable ? signable.digest : createHash(hash).update(signable.message).digest()
  return { documentHash: Buffer.from(digest).toString('hex'), documentHashAlgorithm: standardName[hash] }
}
