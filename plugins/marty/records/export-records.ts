import { createHash } from 'node:crypto'
import type { Blobs, Call, Ids, UnreadableRow } from '@mmf/framework'
import { defined } from '@mmf/framework'
import * as z from 'zod'

/** One part of an export ends after so many records or bytes, or when the time of the call is over; the next call goes on from its cursor. */
const part = { records: 10_000, bytes: 32_000_000, marginMs: 8000 } as const
/** Records of one page while exporting. */
export const exportPageRecords = 100
const urlSeconds = 3600

export const ExportedPart = z.strictObject({
  /** Where the part is to be fetched from, without any other credential, until `expiresAt`. */
  url: z.string(),
  expiresAt: z.iso.datetime(),
  records: z.int(),
  bytes: z.int(),
  /** Of the part, lower-case hex. */
  sha256: z.string(),
  unreadable: z.optional(z.array(z.strictObject({ id: z.string(), reason: z.string() }))),
  /** There where more follows. */
  cursor: z.optional(z.string()),
})

interface ExportPage {
  /** As they are written: one JSON value a line. */
  readonly records: readonly unknown[]
  readonly unreadable: readonly UnreadableRow[]
  readonly cursor?: string
}

/**
 * Writes records as NDJSON into a blob, one page after another, and answers where it can be fetched. Holds one page. Records that cannot be read are
 * named in the answer.
 */
export async function exportPart(
  { blobs, ids }: { readonly blobs: Blobs; readonly ids: Ids },
  name: 'signatures' | 'validations' | 'log',
  cursor: string | undefined,
  pageOf: (cursor: string | undefined) => Promise<ExportPage>,
  { signal, deadline }: Pick<Call, 'signal' | 'deadline'>,
): Promise<z.output<typeof ExportedPart>> {
  const hash = createHash('sha256')
  const unreadable: UnreadableRow[] = []
  let next = cursor
  let records = 0
  let bytes = 0
  async function* lines(): AsyncGenerator<Uint8Array> {
    do {
      const page = await pageOf(next)
      const text = page.records.map(record => `${JSON.stringify(record)}\n`).join('')
      const chunk = Buffer.from(text)
      records += page.records.length
      bytes += chunk.length
      unreadable.push(...page.unreadable)
      next = page.cursor
      if (chunk.length === 0) continue
      hash.update(chunk)
      yield chunk
    } while (
      next !== undefined &&
      records < part.records &&
      bytes < part.bytes &&
      Date.now() < deadline - part.marginMs
    )
  }
  const key = `exports/${name}/${ids.next()}.ndjson`
  await blobs.put(key, lines(), { contentType: 'application/x-ndjson', maxBytes: 4 * part.bytes, signal })
  const { url, expiresAt } = await blobs.presignGet(key, { expiresSeconds: urlSeconds, filename: `${name}.ndjson` })
  return {
    url,
    expiresAt,
    records,
    bytes,
    sha256: hash.digest('hex'),
    ...(unreadable.length === 0 ? {} : { unreadable: unreadable.map(({ id, reason }) => ({ id, reason })) }),
    ...defined({ cursor: next }),
  }
}
