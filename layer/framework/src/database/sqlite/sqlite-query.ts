import type { SQLInputValue, StatementSync } from 'node:sqlite'
import type { KeyField } from '../checked-table.ts'
import { collectPage, type StoredRow } from '../collect-page.ts'
import type { Page } from '../database.ts'
import type { Row } from '../row-size.ts'
import type { Value } from '../table.ts'
import type { CheckedQuery, SortRange } from '../validate-query.ts'
import { columnName, decodeRow, indexName, keyParameter, tableName } from './sqlite-table.ts'

interface Clause {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

const symbols = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

/** One page, read in one statement. `now` is in seconds. */
export function querySqlite(prepare: (sql: string) => StatementSync, query: CheckedQuery, now: number): Page<Row> {
  const collected = collectPage(query)
  if (query.empty) return collected.page()
  const clauses = [
    { sql: `${columnName(query.partition.field)} = ?`, values: [keyParameter(query.partition.value)] },
    ...rangeClauses(query),
    ...positionClauses(query),
    { sql: '(expires IS NULL OR expires > ?)', values: [now] },
  ]
  const direction = query.descending ? 'DESC' : 'ASC'
  const order = query.place.map(part => `${columnName(part.field)} ${direction}`).join(', ')
  const from = `${tableName(query.table)}${query.index === undefined ? '' : ` INDEXED BY ${indexName(query.table, query.index)}`}`
  const statement = prepare(
    `SELECT rowid AS id, row FROM ${from} WHERE ${clauses.map(clause => clause.sql).join(' AND ')}
     ${order === '' ? '' : `ORDER BY ${order}`} LIMIT ?`,
  )
  for (const entry of statement.iterate(...clauses.flatMap(clause => clause.values), query.limit + 1)) {
    if (collected.add(storedRow(prepare, query, entry as { id: SQLInputValue; row: Uint8Array }))) break
  }
  return collected.page()
}

/** A row that cannot be decoded is known by the columns of its keys. */
function storedRow(
  prepare: (sql: string) => StatementSync,
  { table, place, partition }: CheckedQuery,
  { id, row }: { readonly id: SQLInputValue; readonly row: Uint8Array },
): StoredRow {
  try {
    return { row: decodeRow(table, row) }
  } catch (error) {
    const columns = prepare(`SELECT * FROM ${tableName(table)} WHERE rowid = ?`).get(id) ?? {}
    const parts = [partition, ...place, ...table.key]
    return { error, row: Object.fromEntries(parts.map(part => [part.field, keyValue(part, columns)])) }
  }
}

function keyValue({ field, type }: KeyField, columns: Readonly<Record<string, unknown>>): Value {
  const value = columns[`k_${field}`]
  if (type === 'S' && value instanceof Uint8Array) return Buffer.from(value).toString()
  return (value ?? null) as Value
}

function rangeClauses({ sort, range }: CheckedQuery): readonly Clause[] {
  if (sort === undefined) return []
  const column = columnName(sort.field)
  // Proves to SQLite that the partial index may be used.
  const present = { sql: `${column} IS NOT NULL`, values: [] }
  return range === undefined ? [present] : [present, rangeClause(column, range)]
}

function rangeClause(column: string, range: SortRange): Clause {
  if (range.operator === 'between') {
    return { sql: `${column} BETWEEN ? AND ?`, values: [keyParameter(range.value), keyParameter(range.upper)] }
  }
  if (range.operator === 'beginsWith') {
    const lower = Buffer.from(range.value)
    const upper = Buffer.from(lower)
    // The last byte of UTF-8 is at most 0xBF, so the next prefix always exists.
    upper[upper.length - 1] = (upper.at(-1) ?? 0) + 1
    return { sql: `${column} >= ? AND ${column} < ?`, values: [lower, upper] }
  }
  return { sql: `${column} ${symbols[range.operator]} ?`, values: [keyParameter(range.value)] }
}

function positionClauses({ after, place, descending }: CheckedQuery): readonly Clause[] {
  if (after === undefined || place.length === 0) return []
  const columns = place.map(part => columnName(part.field)).join(', ')
  const marks = place.map(() => '?').join(', ')
  return [{ sql: `(${columns}) ${descending ? '<' : '>'} (${marks})`, values: after.map(keyParameter) }]
}
