import type { Database, Page, UnreadableRow } from '@mmf/framework'
import { type TrustEntryRow, trustEntries } from '../tables/trust-entries.ts'

/** Where a page of entries ended: after all versions of a certificate. */
export interface ScanPosition {
  readonly region: string
  /** Sort key; `''` for the beginning of the region. */
  readonly after: string
}

export interface Scan {
  readonly rows: readonly TrustEntryRow[]
  /** Of certificates whose version in force cannot be read: no older version is shown in its place. */
  readonly unreadable: readonly UnreadableRow[]
  /** Absent at the end. */
  readonly next?: ScanPosition
}

export interface ScanOptions {
  readonly generation: number
  /** To walk through, in order. */
  readonly regions: readonly string[]
  readonly from: ScanPosition | undefined
  /** Of rows, those that cannot be read included. */
  readonly limit: number
  readonly keep: (row: TrustEntryRow) => boolean
  readonly signal: AbortSignal
}

/** Rows looked at for one page: a filter that few entries pass gives short pages, never an endless request. */
const maxScanned = 5000

const rowsPerQuery = 500

/**
 * One page of the entries in force at a generation that pass a filter, region by region. The pages of one generation never change, so
 * paging through them gives each entry once. For lists only: what decides on trust must refuse where a row cannot be read.
 */
export async function scanEntries(database: Database<typeof trustEntries, never>, options: ScanOptions): Promise<Scan> {
  const { generation, regions, from, limit, keep, signal } = options
  const kept: TrustEntryRow[] = []
  const unreadable: UnreadableRow[] = []
  let scanned = 0
  const remaining = from === undefined ? regions : regions.filter(region => region >= from.region)
  for (const region of remaining) {
    let after = region === from?.region ? from.after : ''
    for (;;) {
      const sort = after === '' ? {} : { sort: { gt: after } }
      const page = await database.query(
        trustEntries,
        { partition: region, limit: rowsPerQuery, unreadable: 'report', ...sort },
        { signal },
      )
      const { cursor } = page
      const versions = versionsOf(page)
      scanned += versions.length
      const groups = groupsOf(versions)
      // The versions of the last certificate may go on in the next page.
      const complete = cursor === undefined ? groups : groups.slice(0, -1)
      for (const group of complete) {
        const inForce = group.versions.findLast(({ version }) => Number(version.slice(-10)) <= generation)
        after = `${group.prefix}~`
        if (inForce === undefined) continue
        if ('unreadable' in inForce) unreadable.push(inForce.unreadable)
        else if (keep(inForce.row)) kept.push(inForce.row)
        else continue
        if (kept.length + unreadable.length === limit) return { rows: kept, unreadable, next: { region, after } }
      }
      if (cursor === undefined) break
      if (scanned >= maxScanned) return { rows: kept, unreadable, next: { region, after } }
    }
  }
  return { rows: kept, unreadable }
}

type Version = { readonly version: string } & ({ readonly row: TrustEntryRow } | { readonly unreadable: UnreadableRow })

/** All rows of a page in the order of their keys, which can be read of every row. */
function versionsOf({ rows, unreadable = [] }: Page<TrustEntryRow>): readonly Version[] {
  const versions: Version[] = [
    ...rows.map(row => ({ version: row.version, row })),
    ...unreadable.map(one => ({ version: String(one.key['version']), unreadable: one })),
  ]
  return unreadable.length === 0 ? versions : versions.toSorted((a, b) => (a.version < b.version ? -1 : 1))
}

/** Versions of one certificate lie together. */
function groupsOf(versions: readonly Version[]): { prefix: string; versions: Version[] }[] {
  const groups: { prefix: string; versions: Version[] }[] = []
  for (const one of versions) {
    const prefix = one.version.slice(0, -10)
    const last = groups.at(-1)
    if (last?.prefix === prefix) last.versions.push(one)
    else groups.push({ prefix, versions: [one] })
  }
  return groups
}
