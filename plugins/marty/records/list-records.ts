import { createHash } from 'node:crypto'
import { type Call, type Database, MmfError, type Principal, type UnreadableRow } from '@mmf/framework'
import * as z from 'zod'
import { type Entry, type IdRange, merged, pages, type Source } from './merge.ts'
import { shardsOf } from './shards.ts'
import { allRecords, type EntryTable } from './tables/record-entries.ts'

/** Most entries that are looked at for one page: filters that few of them pass give short pages with a cursor, never an endless request. */
const maxScanned = 1000

/** Filters that all lists of records have. */
export const recordFilter = {
  from: z.optional(z.iso.datetime({ offset: true }).meta({ description: 'made at this time or later' })),
  to: z.optional(z.iso.datetime({ offset: true }).meta({ description: 'made before this time' })),
  principal: z.optional(z.string().min(1).max(1024).meta({ description: 'who asked for it; for auditors' })),
} as const

export interface RecordFilter {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly principal?: string | undefined
  readonly subject?: string | undefined
  readonly trait?: string | undefined
}

export interface RecordPage {
  readonly ids: readonly string[]
  readonly unreadable: readonly UnreadableRow[]
  readonly cursor?: string
}

/**
 * What of a filter a caller may ask for: auditors all, others their own records.
 * @throws {MmfError} `access_denied` when another one's records are asked for, `validation_failed` for a time that ends before it begins
 */
export function allowedFilter<F extends RecordFilter>(filter: F, principal: Principal | undefined, all: boolean): F {
  const { from, to } = filter
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) {
    const message = 'must be later than from'
    throw new MmfError('validation_failed', { detail: `to: ${message}`, errors: [{ path: 'to', message }] })
  }
  if (all) return filter
  const own = principal?.subject ?? ''
  if (filter.principal !== undefined && filter.principal !== own) {
    throw new MmfError('access_denied', { detail: 'principal: only auditors list the records of others' })
  }
  return { ...filter, principal: own }
}

/**
 * A page of records, newest first: the shards of the narrowest index that the filter has, and what earlier versions wrote, merged by id. The other filters
 * are asked of each entry. The cursor is the last id that was looked at, so it holds for every shard.
 * @throws {MmfError} `cursor_invalid` for a cursor of other filters
 */
export async function listRecords(
  database: Database<EntryTable, never>,
  options: {
    readonly table: EntryTable
    readonly filter: RecordFilter
    readonly limit: number
    readonly cursor?: string | undefined
    /** Records of earlier versions, which have no entry. */
    readonly earlier: readonly Source[]
    readonly scanned?: number
    readonly call: Pick<Call, 'signal'>
  },
): Promise<RecordPage> {
  const { table, filter, limit, earlier, call, scanned: max = maxScanned } = options
  const range = rangeOf(filter, options.cursor)
  const unreadable: UnreadableRow[] = []
  const ids: string[] = []
  const sources = [...shardSources(database, table, filter, limit, call), ...earlier]
  let scanned = 0
  let last: string | undefined
  for await (const entry of merged(sources, range, unreadable)) {
    // The bound of a range includes its end: what the page before ended with.
    if (entry.id === range.after) continue
    if (ids.length === limit || scanned >= max) return { ids, unreadable, cursor: writeCursor(filter, last ?? '') }
    scanned += 1
    last = entry.id
    if (passes(entry, filter)) ids.push(entry.id)
  }
  return { ids, unreadable }
}

const passes = (entry: Entry, { principal, subject, trait }: RecordFilter): boolean =>
  (principal === undefined || entry.principal === principal) &&
  (subject === undefined || entry.subject === subject) &&
  (trait === undefined || entry.trait === trait)

function shardSources(
  database: Database<EntryTable, never>,
  table: EntryTable,
  { principal, subject }: RecordFilter,
  limit: number,
  { signal }: Pick<Call, 'signal'>,
): readonly Source[] {
  const [index, key] =
    subject !== undefined
      ? (['by_subject', subject] as const)
      : principal !== undefined
        ? (['by_principal', principal] as const)
        : (['by_time', allRecords] as const)
  const atOnce = Math.ceil(limit / 4) + 1
  return shardsOf(key).map(partition => ({ gte, lte }, unreadable) => {
    const query = {
      index,
      partition,
      sort: { gte, lte },
      descending: true,
      limit: atOnce,
      unreadable: 'report',
    } as const
    const pageOf = (cursor: string | undefined) =>
      database.query(table, cursor === undefined ? query : { ...query, cursor }, { signal })
    return pages(pageOf, entry => entry, unreadable)
  })
}

/** UUIDs of version 7 begin with the time in milliseconds, in 12 hexadecimal digits (RFC 9562 §5.7). */
const idAt = (time: string): string => {
  const digits = Math.max(0, Date.parse(time)).toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}`
}

const lowest = '0'
const highest = 'g'

function rangeOf(filter: RecordFilter, cursor: string | undefined): IdRange & { readonly after?: string } {
  const { from, to } = filter
  const gte = from === undefined ? lowest : idAt(from)
  const lte = to === undefined ? highest : idAt(to)
  if (cursor === undefined) return { gte, lte }
  const after = readCursor(filter, cursor)
  return { gte, lte: [after, lte].toSorted()[0] ?? lte, after }
}

const digest = ({ from, to, principal, subject, trait }: RecordFilter): string =>
  createHash('sha256')
    .update(JSON.stringify([from, to, principal, subject, trait]))
    .digest('base64url')
    .slice(0, 16)

/** The month, as cursors of earlier versions began, then filter and id. It grants nothing: filter and principal come from the request. */
const writeCursor = (filter: RecordFilter, id: string): string =>
  `${new Date(timeOf(id)).toISOString().slice(0, 7)}.${Buffer.from(`${digest(filter)}${id}`).toString('base64url')}`

const timeOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)

function readCursor(filter: RecordFilter, cursor: string): string {
  const text = Buffer.from(cursor.slice(cursor.indexOf('.') + 1), 'base64url').toString()
  const [, id] = /^[\w-]{16}([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21})$/.exec(text) ?? []
  // A cursor that differs when it is written anew was made for other filters, or not by this function.
  if (id === undefined || timeOf(id) > maxTime || writeCursor(filter, id) !== cursor) {
    throw new MmfError('cursor_invalid', { detail: 'use the cursor of a page with the same filters' })
  }
  return id
}

/** The end of the year 9999. */
const maxTime = 253_402_300_799_999
