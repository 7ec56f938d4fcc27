import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import type { CheckedTable } from './checked-table.ts'
import type { UnreadableRow } from './database.ts'
import type { Row } from './row-size.ts'

/** The values of a row's key as one text. */
export const rowId = (table: CheckedTable, row: Row): string =>
  table.key
    .map(({ field }) => row[field] ?? null)
    .map(value => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)))
    .join('/')

/** What is said of a row that cannot be read: its key and the fields that are wrong, never their values. */
export function unreadableRow(table: CheckedTable, row: Row, error: unknown): UnreadableRow {
  if (!isMmfError(error, 'database_row_invalid')) throw error
  const key = Object.fromEntries(table.key.map(({ field }) => [field, row[field] ?? null]))
  const id = rowId(table, row)
  const fields = error.errors.map(({ path }) => path)
  return {
    table: table.name,
    key,
    id,
    reason: fields.length === 0 ? error.code : `${error.code}: ${fields.join(', ')}`,
  }
}

/** The error of a reader that can do nothing with a page that lacks rows. */
export function refusal(table: CheckedTable, rows: readonly UnreadableRow[]): MmfError {
  const shown = rows.slice(0, 10).map(({ id, reason }) => `${id} (${reason})`)
  return new MmfError('database_row_invalid', {
    detail: `table ${table.name}: ${rows.length} rows of this page cannot be read: ${shown.join('; ')}`,
    errors: rows.slice(0, 100).map(({ id, reason }) => ({ path: id, message: reason })),
  })
}
