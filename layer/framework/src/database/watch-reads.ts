import { isMmfError } from '../errors/mmf-error.ts'
import type { Observability } from '../observability/observability.ts'
import type { Database, UnreadableRow } from './database.ts'
import type { AnyTable } from './table.ts'

/** Counts each stored row that a reader met and could not read. */
export const unreadableRows = 'mmf_unreadable_rows_total'

/** Says that rows could not be read: one line of the log for each, and the metric that an alarm watches. */
export function noteUnreadable(
  {
    logger,
    metrics,
  }: { logger: Pick<Observability['logger'], 'error'>; metrics?: Pick<Observability['metrics'], 'count'> | undefined },
  rows: readonly Pick<UnreadableRow, 'table' | 'id' | 'reason'>[],
): void {
  if (rows.length === 0) return
  metrics?.count(unreadableRows, {}, rows.length)
  for (const { table, id, reason } of rows) logger.error('a stored row cannot be read', { table, rowId: id, reason })
}

/** The database, with every row that cannot be read counted and logged, whatever the reader makes of it. */
export function watchReads(database: Database, observability: Pick<Observability, 'logger' | 'metrics'>): Database {
  async function watched<T>(table: AnyTable, reading: Promise<T>): Promise<T> {
    try {
      return await reading
    } catch (error) {
      if (isMmfError(error, 'database_row_invalid')) {
        const named = error.errors.map(({ path, message }) => ({ table: table.name, id: path, reason: message }))
        noteUnreadable(observability, named.length > 0 ? named : [{ table: table.name, id: '', reason: error.code }])
      }
      throw error
    }
  }
  return {
    ...database,
    get: (table, key, options) => watched(table, database.get(table, key, options)),
    getMany: (table, keys, options) => watched(table, database.getMany(table, keys, options)),
    async query(table, query, options) {
      const page = await watched(table, database.query(table, query, options))
      noteUnreadable(observability, page.unreadable ?? [])
      return page
    },
  }
}
