import type { Call } from '@mmf/framework'
import { defined, MmfError, requiresAuth, traceOperation, unreadableOf } from '@mmf/framework'
import * as z from 'zod'
import { operation, type TrustAnchorContext } from '../operation.ts'
import { AnchorList, ListRequest, PageRequest } from '../schemas.ts'
import { noRegion } from '../store/certificate-facts.ts'
import { type ScanPosition, scanEntries } from '../store/scan-entries.ts'
import { purposesOf, toListed } from '../store/trust-entry.ts'
import { trustStoreOf } from '../store/trust-store.ts'
import type { TrustEntryRow } from '../tables/trust-entries.ts'
import { toAnchor } from '../view.ts'
import { generationAsked } from './generation-asked.ts'

/** Certificates of the store by country and fingerprint. All pages show the generation that the first one showed. */
export const listTrustAnchors = operation({
  name: 'list_trust_anchors',
  description: 'Lists trust anchors, filtered; kind asks for link certificates or for what is in quarantine.',
  input: ListRequest,
  output: AnchorList,
  http: { method: 'GET', path: '/v1/trust-anchors' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_trust_anchors' })],
  run: (input, { context, call }) => page(input, { context, call }),
})

/** What master lists held that does not conform, and why. It is not trusted. */
export const listQuarantine = operation({
  name: 'list_quarantine',
  description: 'Certificates of master lists that do not conform, with the reasons.',
  input: z.strictObject({ country: ListRequest.shape.country, asOf: ListRequest.shape.asOf, ...PageRequest }),
  output: AnchorList,
  http: { method: 'GET', path: '/v1/trust-anchors/quarantine' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_quarantine' })],
  run: (input, { context, call }) => page({ ...input, kind: 'quarantined', status: 'trusted' }, { context, call }),
})

const dayMilliseconds = 86_400_000

async function page(
  input: ListRequest,
  { context, call }: { readonly context: TrustAnchorContext; readonly call: Call },
): Promise<z.output<typeof AnchorList>> {
  const { country, limit = 20, asOf } = input
  const { signal } = call
  const store = trustStoreOf(context, { signal })
  const from = readCursor(input.cursor)
  const newest = await store.currentGeneration()
  if (from !== undefined && from.generation > newest) throw new MmfError('cursor_invalid')
  const generation = from?.generation ?? (await generationAsked(store, asOf))
  const { regions = [] } = (await store.generation(generation)) ?? {}
  const wanted = country === undefined ? regions : regions.filter(region => region === country || region === noRegion)
  const moment = asOf === undefined ? context.clock.now() : new Date(asOf)
  const { rows, unreadable, next } = await scanEntries(context.database, {
    generation,
    regions: wanted,
    from,
    limit,
    keep: filterOf(input, moment),
    signal,
  })
  const listed = await toListed(rows, context.database, { signal })
  return {
    anchors: listed.entries.map(toAnchor),
    generation,
    ...unreadableOf({ unreadable: [...unreadable, ...listed.unreadable] }),
    ...defined({ cursor: next === undefined ? undefined : writeCursor(generation, next) }),
  }
}

function filterOf(input: ListRequest, moment: Date): (row: TrustEntryRow) => boolean {
  const { country, status, purpose, kind = 'anchor', expiringWithinDays: days } = input
  const until = days === undefined ? undefined : moment.getTime() + days * dayMilliseconds
  return row =>
    row.kind === kind &&
    (country === undefined || row.country === country) &&
    (status === undefined || row.status === status) &&
    (purpose === undefined || purposesOf(row).includes(purpose)) &&
    (until === undefined || (endOf(row) >= moment.getTime() && endOf(row) <= until))
}

/** When it ceases to be of use: with its validity, or earlier with the window it was given. */
const endOf = ({ notAfter, validTo = notAfter }: TrustEntryRow) => Math.min(Date.parse(notAfter), Date.parse(validTo))

const Cursor = z.strictObject({ g: z.int().gte(1), r: z.string().max(2), a: z.string().max(200) })

const writeCursor = (generation: number, { region, after }: ScanPosition): string =>
  Buffer.from(JSON.stringify({ g: generation, r: region, a: after })).toString('base64url')

/** It only says where to go on reading what the caller may read anyway. @throws {MmfError} `cursor_invalid` */
function readCursor(cursor: string | undefined): (ScanPosition & { readonly generation: number }) | undefined {
  if (cursor === undefined) return undefined
  try {
    const { g, r, a } = Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    // One place has one cursor: a member that is there twice, or another order or coding, is none that was given out.
    if (writeCursor(g, { region: r, after: a }) === cursor) return { generation: g, region: r, after: a }
  } catch (cause) {
    throw new MmfError('cursor_invalid', { cause })
  }
  throw new MmfError('cursor_invalid')
}
