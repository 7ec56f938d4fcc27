import { MmfError } from '@mmf/framework'
import type { PkdContext } from '../operation.ts'

/** Where the bytes of a CRL or master list lie, by their SHA-256. */
export const objectKey = (fingerprint: string): string => `pkd/objects/${fingerprint}`

/** @throws {MmfError} `internal_error` where the bytes of a row are missing */
export async function objectBytes(context: PkdContext, fingerprint: string, signal: AbortSignal): Promise<Uint8Array> {
  const stored = await context.blobs.get(objectKey(fingerprint), { signal })
  if (stored === undefined) throw new MmfError('internal_error', { detail: `the bytes of ${fingerprint} are missing` })
  const pieces: Uint8Array[] = []
  for await (const piece of stored.body) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Larger contents do not fit into an answer of 6 MB; they have a URL. */
const inlineBytes = 3_500_000

/** How long a URL for a download is valid, in seconds. */
const expiresSeconds = 900

/** The bytes, or a URL to have them from. */
export async function objectContent(
  context: PkdContext,
  { fingerprint, size }: { readonly fingerprint: string; readonly size: number },
  signal: AbortSignal,
): Promise<{ content: Uint8Array } | { download: string }> {
  if (size <= inlineBytes) return { content: await objectBytes(context, fingerprint, signal) }
  const { url } = await context.blobs.presignGet(objectKey(fingerprint), {
    expiresSeconds,
    filename: `${fingerprint}.der`,
  })
  return { download: url }
}
