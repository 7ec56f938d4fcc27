import * as z from 'zod'
import { isMmfError } from '../errors/mmf-error.ts'
import { checkedTable } from './checked-table.ts'
import type { Database, Page, UnreadableRow } from './database.ts'
import type { AnyTable, KeyOf, RowOf } from './table.ts'
import { unreadableRow } from './unreadable-row.ts'

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
 * that is missing must not look like one that was never there.
 */
export async function readWhatCan<T extends AnyTable>(
  database: Pick<Database<T, never>, 'get' | 'getMany'>,
  table: T,
  keys: readonly KeyOf<T>[],
  options: { signal?: AbortSignal } = {},
): Promise<{ readonly rows: (RowOf<T> | undefined)[]; readonly unreadable: readonly UnreadableRow[] }> {
  try {
    return { rows: await database.getMany(table, keys, options), unreadable: [] }
  } catch (error) {
    if (!isMmfError(error, 'database_row_invalid')) throw error
  }
  const unreadable: UnreadableRow[] = []
  const rows: (RowOf<T> | undefined)[] = []
  for (const key of keys) {
    try {
      rows.push(await database.get(table, key, options))
    } catch (error) {
      unreadable.push(unreadableRow(checkedTable(table), key, error))
      rows.push(undefined)
    }
  }
  return { rows, unreadable }
}
