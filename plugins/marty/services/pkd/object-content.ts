import { MmfError } from '@mmf/framework'
import type { PkdContext } from './operation.ts'

/** Where the bytes of a CRL or master list lie, by their SHA-256. */
export const objectKey = (fingerprint: string): string => `pkd/objects/${fingerprint}`

/** @throws {MmfError} `internal_error` where the bytes of a row are missing */
export async function objectContent(
  context: PkdContext,
  fingerprint: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const stored = await context.blobs.get(objectKey(fingerprint), { signal })
  if (stored === undefined) throw new MmfError('internal_error', { detail: `the bytes of ${fingerprint} are missing` })
  const pieces: Uint8Array[] = []
  for await (const piece of stored.body) pieces.push(piece)
  return Buffer.concat(pieces)
}
