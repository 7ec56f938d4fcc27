import type { StatementSync } from 'node:sqlite'
import { rowInvalid } from '../check-value.ts'
import type { CheckedTable, KeyField } from '../checked-table.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import type { Page, UnreadableRow } from '../database.ts'
import { limits } from '../limits.ts'
import { type Row, rowSize } from '../row-size.ts'
import { unreadableRow } from '../unreadable-row.ts'
import { checkLimit } from '../validate-query.ts'
import { decodeRow, keyParameter, tableName } from './sqlite-table.ts'

/** One page of a table, as it lies in the file. A row whose columns of keys are not those of the row itself is reported: reads by key find another one. */
export function scanSqlite(
  prepare: (sql: string) => StatementSync,
  table: CheckedTable,
  given: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  now: number,
): Page<Row> {
  const limit = checkLimit(given.limit)
  const identity = ['scan', table.name]
  const [after = -1] = given.cursor === undefined ? [] : decodeCursor(identity, given.cursor)
  const statement = prepare(
    `SELECT rowid AS id, * FROM ${tableName(table)} WHERE rowid > ? AND (expires IS NULL OR expires > ?)
     ORDER BY rowid LIMIT ?`,
  )
  const rows: Row[] = []
  const unreadable: UnreadableRow[] = []
  let last: number | undefined
  let bytes = 0
  for (const entry of statement.iterate(Number(after), now, limit + 1)) {
    const stored = entry as { readonly id: number; readonly row: Uint8Array }
    bytes += stored.row.byteLength
    const seen = rows.length + unreadable.length
    if (seen === limit || (seen > 0 && bytes > limits.pageBytes)) {
      return pageOf(rows, unreadable, encodeCursor(identity, [last ?? 0]))
    }
    last = stored.id
    try {
      const row = decodeRow(table, stored.row)
      rowSize(row)
      const odd = oddColumns(table, row, stored as unknown as Readonly<Record<string, unknown>>)
      if (odd.length > 0) throw rowInvalid(odd.join(', '), 'the column of the file is not that of the row')
      rows.push(row)
    } catch (error) {
      unreadable.push(unreadableRow(table, keyColumns(table, stored as never), error))
    }
  }
  return pageOf(rows, unreadable)
}

const pageOf = (rows: readonly Row[], unreadable: readonly UnreadableRow[], cursor?: string): Page<Row> => ({
  rows,
  ...(unreadable.length === 0 ? {} : { unreadable }),
  ...(cursor === undefined ? {} : { cursor }),
})

function oddColumns(table: CheckedTable, row: Row, columns: Readonly<Record<string, unknown>>): readonly string[] {
  const fields = new Map([...table.key, ...[...table.indexes.values()].flat()].map(part => [part.field, part]))
  return [...fields.keys()].filter(field => {
    const value = Object.hasOwn(row, field) ? keyParameter(row[field] as string) : null
    return !isSame(value, columns[`k_${field}`])
  })
}

const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : a === b

/** The key as the columns have it: reads by key find the row there. */
function keyColumns(table: CheckedTable, columns: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(table.key.map(part => [part.field, keyValue(part, columns)]))
}

function keyValue({ field, type }: KeyField, columns: Readonly<Record<string, unknown>>) {
  const value = columns[`k_${field}`]
  return type === 'S' && value instanceof Uint8Array ? Buffer.from(value).toString() : ((value ?? null) as never)
}
