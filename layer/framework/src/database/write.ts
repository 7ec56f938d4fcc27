import type { Condition, PlatformWrite, Write } from './database.ts'
import type { AnyTable, KeyOf, RowOf } from './table.ts'

const condition = (when: Condition | undefined) => ({ when })

/** Writes the row whatever was there, or only when `when` holds. */
export function put<T extends AnyTable>(
  table: T,
  row: RowOf<T>,
  options: { when?: Condition | undefined } = {},
): Write<T> {
  return { kind: 'put', table, row, ...condition(options.when) }
}

/** Writes the row only if there is none (or an expired one). */
export function insert<T extends AnyTable>(table: T, row: RowOf<T>): Write<T> {
  return { kind: 'put', table, row, when: 'absent' }
}

/** Changes fields of a row that is there; never creates one. A field set to undefined is removed. */
export function update<T extends AnyTable>(
  table: T,
  key: KeyOf<T>,
  changes: Partial<RowOf<T>>,
  options: { when?: Condition | undefined } = {},
): Write<T> {
  return { kind: 'update', table, key, changes, ...condition(options.when) }
}

/** Removes the row; removing an absent row without `when` is no error. */
export function remove<T extends AnyTable>(
  table: T,
  key: KeyOf<T>,
  options: { when?: Condition | undefined } = {},
): Write<T> {
  return { kind: 'remove', table, key, ...condition(options.when) }
}

/** Writes nothing; the transaction fails unless `when` holds. */
export function check<T extends AnyTable>(table: T, key: KeyOf<T>, when: Condition): Write<T> {
  return { kind: 'check', table, key, when }
}

/** Marks a write into one of the platform's own tables, so that a service may pass it on without having declared that table. */
export function platformWrite(write: Write): PlatformWrite {
  return write as PlatformWrite
}
