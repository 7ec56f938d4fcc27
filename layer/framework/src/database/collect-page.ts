import { parseRow } from './checked-table.ts'
import type { Page } from './database.ts'
import { limits } from './limits.ts'
import { type Row, rowSize } from './row-size.ts'
import type { CheckedQuery } from './validate-query.ts'

/**
 * Gathers live rows into a page of at most `limit` rows and 1 MB (one row at least), the same on every adapter. `add` answers whether the page
 * is complete: the row that no longer fits proves that another page follows.
 */
export function collectPage(query: CheckedQuery) {
  const stored: Row[] = []
  let bytes = 0
  let more = false

  return {
    add(row: Row): boolean {
      bytes += rowSize(row)
      more = stored.length === query.limit || (stored.length > 0 && bytes > limits.pageBytes)
      if (!more) stored.push(row)
      return more
    },
    /** How many rows are still worth fetching, the one that proves a next page included. */
    wanted: () => query.limit + 1 - stored.length,
    page(): Page<Row> {
      const last = stored.at(-1)
      const rows = stored.map(row => parseRow(query.table, row))
      return more && last !== undefined ? { rows, cursor: query.cursorAfter(last) } : { rows }
    },
  }
}
