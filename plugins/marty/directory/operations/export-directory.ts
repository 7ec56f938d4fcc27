import { createHash } from 'node:crypto'
import {
  base64,
  defined,
  integerText,
  type Presentation,
  requiresAuth,
  traceOperation,
  unreadableOf,
  unreadableShape,
} from '@mmf/framework'
import { toPem } from '@mmf/pki'
import * as z from 'zod'
import { exportKinds } from '../export/export-cursor.ts'
import { type ExportPage, exportPage, ldifEntry } from '../export/export-page.ts'
import { ldifVersion } from '../ldif/write-ldif.ts'
import { operation, type PkdContext } from '../operation.ts'
import { collections } from '../tables/pkd-public-keys.ts'
import { pkdState } from '../tables/pkd-state.ts'

const formats = ['ldif', 'json', 'pem'] as const
const path = '/v1/pkd/exports'

const Input = z.strictObject({
  format: z.enum(formats),
  collection: z.optional(z.enum(collections)),
  limit: z.optional(integerText({ min: 1, max: 1000 })),
  cursor: z.optional(z.string().min(1).max(2048)),
})
type Input = z.output<typeof Input>

const Entry = z.strictObject({
  kind: z.enum(exportKinds),
  fingerprint: z.string(),
  country: z.optional(z.string()),
  serialNumber: z.optional(z.string()),
  dn: z.optional(z.string()),
  pkdVersion: z.optional(z.string()),
  pkdConformanceCode: z.optional(z.string()),
  pkdConformanceText: z.optional(z.string()),
  content: base64({ description: 'certificate, CRL or master list, DER' }),
})

const Output = z.strictObject({
  format: z.enum(formats),
  collection: z.enum(collections),
  etag: z.string(),
  /** Of `json`. */
  entries: z.optional(z.array(Entry)),
  /** Of `ldif` and `pem`. */
  text: z.optional(z.string()),
  /** Left out, because their rows cannot be read. */
  ...unreadableShape,
  cursor: z.optional(z.string()),
  /** Path and query of the next page. */
  next: z.optional(z.string()),
})
type Output = z.output<typeof Output>

/** What a page is as JSON. Its ETag and its format are in the headers. */
const JsonPage = Output.pick({ collection: true, entries: true, unreadable: true, cursor: true, next: true }).required({
  entries: true,
})

const mediaTypes = {
  ldif: 'text/x-ldif; charset=utf-8',
  pem: 'application/x-pem-file',
  json: 'application/json',
} as const

/** How many entries of the collection this page lacks. */
const leftOutHeader = 'marty-left-out'

/** PEM labels of RFC 7468 §5, §6, §9. */
const labels = { certificate: 'CERTIFICATE', crl: 'X509 CRL', masterList: 'CMS' } as const

/** A collection of the directory, page by page. The pages of an LDIF, one after the other, are one LDIF. */
export const exportDirectory = operation({
  name: 'export_directory',
  description: 'A collection of the directory as LDIF, JSON or PEM, page by page (Link: rel="next"), with an ETag.',
  input: Input,
  output: Output,
  http: {
    method: 'GET',
    path,
    present: { mediaTypes: Object.values(mediaTypes), of: presentation, body: JsonPage },
  },
  concerns: [requiresAuth(), traceOperation({ operationName: 'export_directory' })],
  async run(input, { context, call }) {
    const { format, collection = '001', limit = 500, cursor } = input
    const byRevision = await revisionTag(context, input, call.signal)
    if (byRevision !== undefined && call.ifNoneMatch?.includes(byRevision) === true) {
      return { format, collection, etag: byRevision }
    }
    const page = await exportPage(context, collection, { limit, cursor, signal: call.signal })
    const contents = contentsOf(input, page)
    // The revision does not say what can be read: a page that lacks rows must differ from the same page when it is whole again.
    const etag =
      (page.unreadable.length === 0 ? byRevision : undefined) ??
      `"c-${digest(JSON.stringify([format, contents, page.cursor]))}"`
    const next = page.cursor === undefined ? undefined : nextPage(input, page.cursor, call.basePath)
    return {
      format,
      collection,
      etag,
      ...contents,
      ...defined({ cursor: page.cursor, next }),
    }
  },
})

const digest = (text: string) => createHash('sha256').update(text).digest('base64url')

/** An index may be behind its table for so long, in milliseconds: until then the revision does not say what a page holds. */
const settledAfter = 30_000

/**
 * Says by the revision of the collection what a page holds, without reading it. Undefined right after a change: then the ETag is made
 * from the contents.
 */
async function revisionTag(context: PkdContext, input: Input, signal: AbortSignal): Promise<string | undefined> {
  const { collection = '001', format, limit, cursor } = input
  const state = await context.database.get(pkdState, { collection }, { signal })
  const age =
    state === undefined ? Number.POSITIVE_INFINITY : context.clock.now().getTime() - Date.parse(state.changedAt)
  if (age < settledAfter) return undefined
  return `"r-${digest(JSON.stringify([state?.revision, collection, format, limit, cursor]))}"`
}

function contentsOf(
  { format, collection = '001', cursor }: Input,
  { entries, ...page }: ExportPage,
): Pick<Output, 'entries' | 'text' | 'unreadable'> {
  const left = unreadableOf(page)
  if (format === 'json') return { entries: [...entries], ...left }
  if (format === 'pem') {
    return { ...left, text: remarks(left) + entries.map(({ kind, content }) => toPem(labels[kind], content)).join('') }
  }
  const head = cursor === undefined ? ldifVersion : ''
  return { ...left, text: head + remarks(left) + entries.map(entry => ldifEntry(collection, entry)).join('') }
}

/**
 * What is left out, for who reads the file: lines that an LDIF takes for comments (RFC 2849), and PEM for text outside of its blocks (RFC 7468 §2).
 */
const remarks = ({ unreadable = [] }: Pick<Output, 'unreadable'>): string => {
  const lines = unreadable.map(({ id, reason }) => `# left out: ${id}: its row cannot be read (${reason})\n`)
  return lines.length === 0 ? '' : `${lines.join('')}\n`
}

function nextPage({ format, collection, limit }: Input, cursor: string, basePath = ''): string {
  const query = new URLSearchParams({ format, cursor })
  if (collection !== undefined) query.set('collection', collection)
  if (limit !== undefined) query.set('limit', String(limit))
  return `${basePath}${path}?${query}`
}

function presentation({ format, etag, text, next, ...json }: z.input<typeof Output>): Presentation {
  const headers = defined({
    link: next === undefined ? undefined : `<${next}>; rel="next"`,
    [leftOutHeader]: json.unreadable?.length.toString(),
  })
  const body = format === 'json' ? JSON.stringify({ ...json, ...defined({ next }) }) : (text ?? '')
  return { etag, headers, mediaType: mediaTypes[format], body }
}
