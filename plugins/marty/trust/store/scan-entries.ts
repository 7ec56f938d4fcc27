import type { Database } from '@mmf/framework'
import { type TrustEntryRow, trustEntries } from '../tables/trust-entries.ts'

/** Where a page of entries ended: after all versions of a certificate. */
export interface ScanPosition {
  readonly region: string
  /** Sort key; `''` for the beginning of the region. */
  readonly after: string
}

export interface Scan {
  readonly rows: readonly TrustEntryRow[]
  /** Absent at the end. */
  readonly next?: ScanPosition
}

export interface ScanOptions {
  readonly generation: number
  /** To walk through, in order. */
  readonly regions: readonly string[]
  readonly from: ScanPosition | undefined
  readonly limit: number
  readonly keep: (row: TrustEntryRow) => boolean
  readonly signal: AbortSignal
}

/** Rows looked at for one page: a filter that few entries pass gives short pages, never an endless request. */
const maxScanned = 5000

const rowsPerQuery = 500

/**
 * One page of the entries in force at a generation that pass a filter, region by region. The pages of one generation never change, so
 * paging through them gives each entry once.
 */
export async function scanEntries(database: Database<typeof trustEntries, never>, options: ScanOptions): Promise<Scan> {
  const { generation, regions, from, limit, keep, signal } = options
  const kept: TrustEntryRow[] = []
  let scanned = 0
  const remaining = from === undefined ? regions : regions.filter(region => region >= from.region)
  for (const region of remaining) {
    let after = region === from?.region ? from.after : ''
    for (;;) {
      const sort = after === '' ? {} : { sort: { gt: after } }
      const { rows, cursor } = await database.query(
        trustEntries,
        { partition: region, limit: rowsPerQuery, ...sort },
        { signal },
      )
      scanned += rows.length
      const groups = groupsOf(rows)
      // The versions of the last certificate may go on in the next page.
      const complete = cursor === undefined ? groups : groups.slice(0, -1)
      for (const group of complete) {
        const row = group.rows.findLast(version => version.generation <= generation)
        after = `${group.prefix}~`
        if (row === undefined || !keep(row)) continue
        kept.push(row)
        if (kept.length === limit) return { rows: kept, next: { region, after } }
      }
      if (cursor === undefined) break
      if (scanned >= maxScanned) return { rows: kept, next: { region, after } }
    }
  }
  return { rows: kept }
}

/** Versions of one certificate lie together. */
function groupsOf(rows: readonly TrustEntryRow[]): { prefix: string; rows: TrustEntryRow[] }[] {
  const groups: { prefix: string; rows: TrustEntryRow[] }[] = []
  for (const row of rows) {
    const prefix = row.version.slice(0, -10)
    const last = groups.at(-1)
    if (last?.prefix === prefix) last.rows.push(row)
    else groups.push({ prefix, rows: [row] })
  }
  return groups
}
