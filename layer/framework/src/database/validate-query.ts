import { MmfError } from '../errors/mmf-error.ts'
import { rowInvalid } from './check-value.ts'
import { type CheckedTable, checkedTable, checkKeyValue, type KeyField, type KeyValue } from './checked-table.ts'
import { decodeCursor, encodeCursor, invalid } from './cursor.ts'
import type { Comparison, Query } from './database.ts'
import { compareValues } from './evaluate-condition.ts'
import { limits } from './limits.ts'
import type { Row } from './row-size.ts'
import type { AnyTable } from './table.ts'

/** A condition on the sort key in one of the forms that DynamoDB knows. */
export type SortRange =
  | { readonly operator: 'eq' | 'lt' | 'lte' | 'gt' | 'gte'; readonly value: KeyValue }
  | { readonly operator: 'between'; readonly value: KeyValue; readonly upper: KeyValue }
  | { readonly operator: 'beginsWith'; readonly value: string }

export interface CheckedQuery {
  readonly table: CheckedTable
  readonly index: string | undefined
  readonly partition: KeyField & { readonly value: KeyValue }
  readonly sort: KeyField | undefined
  readonly range: SortRange | undefined
  /** The range holds nothing (its ends are crossed). */
  readonly empty: boolean
  readonly descending: boolean
  readonly limit: number
  readonly unreadable: 'refuse' | 'report'
  /** The fields that fix a row's place among those of its partition, in order: sort key, then the table's own key. */
  readonly place: readonly KeyField[]
  /** The values of `place` of the last row already seen. */
  readonly after: readonly KeyValue[] | undefined
  /** The cursor that continues after `row`. */
  cursorAfter(row: Row): string
}

/** @throws {MmfError} `database_row_invalid`, `database_limit_exceeded`, `cursor_invalid` */
export function checkQuery<T extends AnyTable>(declaration: T, query: Query<T>): CheckedQuery {
  const table = checkedTable(declaration)
  const { index, cursor, descending = false } = query
  const [partition, sort] = keyOf(table, index)
  const value = checkKeyValue(partition, query.partition)
  const range = checkRange(sort, query.sort)
  const place = placeOf(table, index, sort)
  const identity = [table.name, index ?? null, value, { ...range }, descending]
  return {
    table,
    index,
    partition: { ...partition, value },
    sort,
    range,
    empty: range?.operator === 'between' && (compareValues(range.value, range.upper) ?? 1) > 0,
    descending,
    limit: checkLimit(query.limit),
    unreadable: query.unreadable ?? 'refuse',
    place,
    after: cursor === undefined ? undefined : checkPosition(place, decodeCursor(identity, cursor)),
    cursorAfter: row =>
      encodeCursor(
        identity,
        place.map(part => row[part.field] as KeyValue),
      ),
  }
}

function keyOf(table: CheckedTable, index: string | undefined): readonly [KeyField, KeyField?] {
  const key = index === undefined ? table.key : table.indexes.get(index)
  const [partition, sort] = key ?? []
  if (partition === undefined) throw rowInvalid(index ?? '', `table ${table.name} has no such index`)
  return sort === undefined ? [partition] : [partition, sort]
}

function placeOf(table: CheckedTable, index: string | undefined, sort: KeyField | undefined): readonly KeyField[] {
  const sorted = sort === undefined ? [] : [sort]
  return index === undefined ? sorted : [...sorted, ...table.key]
}

/** @throws {MmfError} `database_limit_exceeded` */
export function checkLimit(limit: number = limits.pageRowsDefault): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= limits.pageRows) return limit
  throw new MmfError('database_limit_exceeded', { detail: `a page has 1 to ${limits.pageRows} rows` })
}

function checkRange(sort: KeyField | undefined, comparison: Comparison | undefined): SortRange | undefined {
  const given = Object.entries(comparison ?? {}).filter(([, value]) => value !== undefined)
  if (given.length === 0) return undefined
  if (sort === undefined) throw rowInvalid('sort', 'there is no sort key here')
  const { eq, lt, lte, gt, gte, beginsWith } = comparison ?? {}
  if (given.length === 2 && gte !== undefined && lte !== undefined) {
    return { operator: 'between', value: checkKeyValue(sort, gte), upper: checkKeyValue(sort, lte) }
  }
  if (given.length === 1) {
    if (beginsWith !== undefined) return checkPrefix(sort, beginsWith)
    for (const [operator, value] of Object.entries({ eq, lt, lte, gt, gte } as const)) {
      if (value !== undefined) return { operator: operator as 'eq', value: checkKeyValue(sort, value) }
    }
  }
  throw rowInvalid('sort', 'use one of eq, lt, lte, gt, gte, beginsWith, or gte with lte')
}

function checkPrefix(sort: KeyField, prefix: string): SortRange | undefined {
  if (sort.type !== 'S') throw rowInvalid('sort', 'beginsWith needs a text')
  return prefix === '' ? undefined : { operator: 'beginsWith', value: checkKeyValue(sort, prefix) as string }
}

/** The checksum only shows that nothing was damaged; a forged cursor must still be a possible position. */
function checkPosition(place: readonly KeyField[], position: readonly unknown[]): readonly KeyValue[] {
  if (position.length !== place.length) throw invalid()
  try {
    return place.map((part, i) => checkKeyValue(part, position[i]))
  } catch (cause) {
    throw invalid(cause)
  }
}
