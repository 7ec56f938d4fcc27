import { type Blobs, MmfError } from '@mmf/framework'
import type { LdifItem } from '../ldif/ldif-item.ts'
import { createLdifReader } from '../ldif/ldif-reader.ts'

/** The part of an import that one transaction takes. */
export interface Batch {
  readonly items: readonly LdifItem[]
  /** Where reading goes on after it. */
  readonly position: number
  readonly line: number
  /** The input is at its end; this batch is empty. */
  readonly last: boolean
}

export interface BatchSource {
  readonly blob: string
  readonly etag: string
  readonly size: number
  readonly position: number
  readonly line: number
}

export const batchLimits = {
  /** Each record becomes one row, and a transaction has 100 writes. */
  records: 80,
  /** Bytes of LDIF: with `rowLimits`, its rows stay below the 4 MB of a transaction, since base64 is longer than what it stands for. */
  bytes: 2_000_000,
  /** Bytes read at once. */
  chunk: 1024 * 1024,
} as const

/**
 * The records of an input, from its position on, in batches. Holds one batch, one chunk and what the reader holds.
 * @throws {MmfError} `import_input_invalid` when the input is gone or is not the one the import began with
 */
export async function* readBatches(blobs: Blobs, source: BatchSource, signal: AbortSignal): AsyncGenerator<Batch> {
  const reader = createLdifReader({ offset: source.position, line: source.line })
  let items: LdifItem[] = []
  let bytes = 0
  let { position, line } = source
  let at = position
  while (at < source.size) {
    const chunk = await readChunk(blobs, source, at, signal)
    at += chunk.length
    for (const item of at < source.size ? reader.push(chunk) : [...reader.push(chunk), ...reader.end()]) {
      items.push(item)
      bytes += item.end - item.start
      position = item.end
      line = item.nextLine
      if (items.length < batchLimits.records && bytes < batchLimits.bytes) continue
      yield { items, position, line, last: false }
      items = []
      bytes = 0
    }
  }
  if (items.length > 0) yield { items, position, line, last: false }
  yield { items: [], position: source.size, line, last: true }
}

async function readChunk(blobs: Blobs, source: BatchSource, start: number, signal: AbortSignal): Promise<Uint8Array> {
  const { blob, etag, size } = source
  const end = Math.min(start + batchLimits.chunk, size) - 1
  const stored = await blobs.get(blob, { range: { start, end }, signal })
  // Whoever uploaded it may upload again while the URL is valid: what is imported is one input, not parts of two.
  if (stored === undefined || stored.info.etag !== etag || stored.info.size !== size) {
    throw new MmfError('import_input_invalid', { detail: 'the input is not there any more, or was replaced' })
  }
  const pieces: Uint8Array[] = []
  for await (const piece of stored.body) pieces.push(piece)
  const chunk = Buffer.concat(pieces)
  if (chunk.length !== end - start + 1) throw new MmfError('service_unavailable', { detail: 'the input ended early' })
  return chunk
}
