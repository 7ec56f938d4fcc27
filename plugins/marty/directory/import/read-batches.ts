import { type Blobs, MmfError } from '@mmf/framework'
import type { LdifItem } from '../ldif/ldif-item.ts'
import { createLdifReader, type LdifReader } from '../ldif/ldif-reader.ts'

/** The part of an import that one transaction takes. */
export interface Batch<Judged> {
  /** Records that may become rows, or are to be kept in quarantine. */
  readonly items: readonly Judged[]
  /** Records that become no row: entries that only make up the tree, and refused ones beyond what quarantine keeps. */
  readonly skipped: number
  readonly refused: number
  /** How much was done for this batch: a record that may become a row counts 1, another one `batchLimits.lightWork`. */
  readonly work: number
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

const batchLimits = {
  /** Each record becomes one row, and a transaction has 100 writes. */
  records: 80,
  /** Work of one batch: records that become no row are many in one, and still bounded. */
  work: 200,
  /** What reading and refusing a record costs, of judging a certificate. */
  lightWork: 1 / 100,
  /** Bytes of LDIF: with `rowLimits`, its rows stay below the 4 MB of a transaction, since base64 is longer than what it stands for. */
  bytes: 2_000_000,
  /** Bytes read at once. */
  chunk: 1024 * 1024,
} as const

/** What becomes of a record: it counts as a row to be written, or only as a number. */
export type Weighed<Judged> = { readonly row: Judged } | 'skipped' | 'refused'

/**
 * The records of an input, from its position on, in batches. Holds the records of one batch that become rows, one chunk and one record more.
 * @param weigh judges a record
 * @throws {MmfError} `import_input_invalid` when the input is gone or is not the one the import began with
 */
export async function* readBatches<Judged>(
  blobs: Blobs,
  source: BatchSource,
  weigh: (item: LdifItem) => Promise<Weighed<Judged>>,
  signal: AbortSignal,
): AsyncGenerator<Batch<Judged>> {
  const reader = createLdifReader({ offset: source.position, line: source.line })
  const empty = () => ({ items: [] as Judged[], skipped: 0, refused: 0, work: 0 })
  let batch = empty()
  let bytes = 0
  let { position, line } = source
  let at = position
  while (at < source.size) {
    const chunk = await readChunk(blobs, source, at, signal)
    at += chunk.length
    for (const item of itemsOf(reader, chunk, at >= source.size)) {
      const weighed = await weigh(item)
      if (typeof weighed === 'string') batch[weighed] += 1
      else {
        batch.items.push(weighed.row)
        bytes += item.end - item.start
      }
      batch.work += typeof weighed === 'string' ? batchLimits.lightWork : 1
      position = item.end
      line = item.nextLine
      const { items, work } = batch
      if (items.length < batchLimits.records && bytes < batchLimits.bytes && work < batchLimits.work) continue
      yield { ...batch, position, line, last: false }
      batch = empty()
      bytes = 0
    }
  }
  if (batch.work > 0) yield { ...batch, position, line, last: false }
  yield { ...empty(), position: source.size, line, last: true }
}

function* itemsOf(reader: LdifReader, chunk: Uint8Array, isLast: boolean): Generator<LdifItem> {
  yield* reader.read(chunk)
  if (isLast) yield* reader.end()
}

async function readChunk(blobs: Blobs, source: BatchSource, start: number, signal: AbortSignal): Promise<Uint8Array> {
  const { blob, etag, size } = source
  const end = Math.min(start + batchLimits.chunk, size) - 1
  const stored = await blobs.get(blob, { range: { start, end }, signal })
  // The input can be uploaded again while the URL is valid: what is imported is one input, not parts of two.
  if (stored === undefined || stored.info.etag !== etag || stored.info.size !== size) {
    throw new MmfError('import_input_invalid', { detail: 'the input is not there any more, or was replaced' })
  }
  const pieces: Uint8Array[] = []
  for await (const piece of stored.body) pieces.push(piece)
  const chunk = Buffer.concat(pieces)
  if (chunk.length !== end - start + 1) throw new MmfError('service_unavailable', { detail: 'the input ended early' })
  return chunk
}
