import * as z from 'zod'
import { isMmfError } from '../errors/mmf-error.ts'
import { checkedTable } from './checked-table.ts'
import type { Database, Page, UnreadableRow } from './database.ts'
import type { AnyTable, KeyOf, RowOf } from './table.ts'
import { rowId } from './unreadable-row.ts'

/** What lists say of rows that they leave out, as part of an answer. */
export const unreadableShape = {
  unreadable: z.optional(z.array(z.strictObject({ id: z.string(), reason: z.string() }))),
} as const

/** The member of an answer, or nothing where every row could be read. */
export function unreadableOf({ unreadable = [] }: Pick<Page<unknown>, 'unreadable'>) {
  return unreadable.length === 0 ? {} : { unreadable: unreadable.map(({ id, reason }) => ({ id, reason })) }
}

/**
 * Rows by key, in the order of the keys, for lists and loops: one that cannot be read is undefined and named apart. Not for decisions: there a row
 * that is missing must not look like one that was never there. The database is one of a service's context, whose errors name rows.
 */
export async function readWhatCan<T extends AnyTable>(
  database: Pick<Database<T, never>, 'getMany'>,
  table: T,
  keys: readonly KeyOf<T>[],
  options: { signal?: AbortSignal | undefined } = {},
): Promise<{ readonly rows: (RowOf<T> | undefined)[]; readonly unreadable: readonly UnreadableRow[] }> {
  try {
    return { rows: await database.getMany(table, keys, options), unreadable: [] }
  } catch (error) {
    if (!isMmfError(error, 'database_row_invalid')) throw error
    const { name } = table
    const reasons = new Map(error.errors.map(({ path, message }) => [path, message]))
    const odd = keys.flatMap(key => {
      const reason = reasons.get(rowId(checkedTable(table), key))
      return reason === undefined ? [] : [{ table: name, key, id: rowId(checkedTable(table), key), reason }]
    })
    if (odd.length === 0) throw error
    const gone = new Set(odd.map(({ key }) => key))
    const rest = await database.getMany(
      table,
      keys.filter(key => !gone.has(key)),
      options,
    )
    const others = rest.values()
    return { rows: keys.map(key => (gone.has(key) ? undefined : others.next().value)), unreadable: odd }
  }
}
