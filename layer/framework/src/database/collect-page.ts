import { parseRow } from './checked-table.ts'
import type { Page, UnreadableRow } from './database.ts'
import { limits } from './limits.ts'
import { type Row, rowSize } from './row-size.ts'
import { refusal, unreadableRow } from './unreadable-row.ts'
import type { CheckedQuery } from './validate-query.ts'

/** A row as the store has it. Where that is more than can be decoded, `row` has its place and its key, and `error` says why. */
export interface StoredRow {
  readonly row: Row
  readonly error?: unknown
}

/**
 * Gathers live rows into a page of at most `limit` rows and 1 MB (one row at least), the same on every adapter. `add` answers whether the page
 * is complete: the row that no longer fits proves that another page follows.
 */
export function collectPage(query: CheckedQuery) {
  const stored: StoredRow[] = []
  let bytes = 0
  let more = false

  return {
    add(given: StoredRow): boolean {
      bytes += rowSize(given.row)
      more = stored.length === query.limit || (stored.length > 0 && bytes > limits.pageBytes)
      if (!more) stored.push(given)
      return more
    },
    /** How many rows are still worth fetching, the one that proves a next page included. */
    wanted: () => query.limit + 1 - stored.length,
    /** @throws {MmfError} `database_row_invalid` when rows cannot be read and the query did not ask for them to be reported */
    page(): Page<Row> {
      const last = stored.at(-1)?.row
      const { rows, unreadable } = parseAll(query, stored)
      if (unreadable.length > 0 && query.unreadable === 'refuse') throw refusal(query.table, unreadable)
      return {
        rows,
        ...(unreadable.length === 0 ? {} : { unreadable }),
        ...(more && last !== undefined ? { cursor: query.cursorAfter(last) } : {}),
      }
    },
  }
}

function parseAll({ table }: CheckedQuery, stored: readonly StoredRow[]) {
  const rows: Row[] = []
  const unreadable: UnreadableRow[] = []
  for (const { row, error } of stored) {
    try {
      if (error !== undefined) throw error
      rows.push(parseRow(table, row))
    } catch (cause) {
      unreadable.push(unreadableRow(table, row, cause))
    }
  }
  return { rows, unreadable }
}
