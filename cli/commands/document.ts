import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type SigningAlgorithmName, signingAlgorithm, signingAlgorithmNames } from '@mmf/framework'
import { failure } from '../failure.ts'
import { fileFailure } from '../files.ts'

/** What is sent of a file: its digest, or the file itself where the algorithm hashes inside (ML-DSA, FIPS 204). In base64. */
export type SentDocument = { readonly digest: string } | { readonly document: string }

/** Larger files do not fit into a request, in base64. In bytes. */
const maxDocumentBytes = 3_000_000

/** @throws {Failure} `usage_invalid` or, of a signature file, `file_invalid`: naming the algorithms there are */
export function knownAlgorithm(
  name: unknown,
  where: string,
  code: 'usage_invalid' | 'file_invalid',
): SigningAlgorithmName {
  const found = signingAlgorithmNames.find(known => known === name)
  if (found !== undefined) return found
  throw failure(code, `${where}: ${JSON.stringify(name)} is none of ${signingAlgorithmNames.join(', ')}`)
}

/** Reads a file, or standard input for `-`, piece by piece: its size does not matter where a digest is sent. @throws {Failure} `file_…` */
export async function documentOf(file: string, algorithm: SigningAlgorithmName): Promise<SentDocument> {
  const { hash } = signingAlgorithm(algorithm)
  const input = file === '-' ? process.stdin : createReadStream(file)
  try {
    if (hash === undefined) return { document: (await whole(input, file, algorithm)).toString('base64') }
    const digest = createHash(hash)
    for await (const part of input as AsyncIterable<Buffer>) digest.update(part)
    return { digest: digest.digest('base64') }
  } catch (error) {
    throw fileFailure(file, error)
  }
}

async function whole(input: AsyncIterable<Buffer | string>, file: string, algorithm: string): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of input as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxDocumentBytes) {
      const reason = `${algorithm} takes no digest, and more than ${maxDocumentBytes} bytes do not fit into a request`
      throw failure('file_too_large', `${file}: ${reason}`)
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}
