import { isMmfError } from '../errors/mmf-error.ts'
import type { Observability } from '../observability/observability.ts'
import { checkedTable } from './checked-table.ts'
import type { Database, UnreadableRow } from './database.ts'
import type { AnyTable, KeyOf } from './table.ts'
import { refusal, unreadableRow } from './unreadable-row.ts'

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

/**
 * The database, with every row that cannot be read counted and logged, whatever the reader makes of it. Its errors name rows: `errors` of
 * `database_row_invalid` has their ids as paths.
 */
export function watchReads(database: Database, observability: Pick<Observability, 'logger' | 'metrics'>): Database {
  /** The rows behind an error of reading by key. */
  async function named<T extends AnyTable>(table: T, keys: readonly KeyOf<T>[], error: unknown): Promise<unknown> {
    if (!isMmfError(error, 'database_row_invalid')) return error
    const rows: UnreadableRow[] = []
    for (const key of keys) {
      try {
        await database.get(table, key)
      } catch (cause) {
        if (isMmfError(cause, 'database_row_invalid')) rows.push(unreadableRow(checkedTable(table), key, cause))
      }
    }
    noteUnreadable(observability, rows)
    return rows.length === 0 ? error : refusal(checkedTable(table), rows)
  }
  return {
    ...database,
    async get(table, key, options) {
      try {
        return await database.get(table, key, options)
      } catch (error) {
        throw await named(table, [key], error)
      }
    },
    async getMany(table, keys, options) {
      try {
        return await database.getMany(table, keys, options)
      } catch (error) {
        throw await named(table, keys, error)
      }
    },
    async query(table, query, options) {
      // Read as a list, so that a page that is refused is counted by its rows.
      const page = await database.query(table, { ...query, unreadable: 'report' }, options)
      const { unreadable = [] } = page
      noteUnreadable(observability, unreadable)
      if (unreadable.length > 0 && query.unreadable !== 'report') throw refusal(checkedTable(table), unreadable)
      return page
    },
  }
}
