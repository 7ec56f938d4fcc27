import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import type { CheckedTable, KeyField, KeyValue } from '../checked-table.ts'
import type { Row } from '../row-size.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'

/** A table as it lies in the file: one column per key field, the row as CBOR, the second of its expiry. */
export interface SqliteTable {
  readonly select: StatementSync
  readonly upsert: StatementSync
  readonly remove: StatementSync
  readonly removeExpired: StatementSync | undefined
  keyParameters(key: Row): SQLInputValue[]
  rowParameters(row: Row): SQLInputValue[]
}

interface Definition {
  readonly key: readonly KeyField[]
  readonly indexes: readonly (readonly [string, readonly KeyField[]])[]
  readonly ttl: string | null
}

/** Double quotes as SQL wants them; names are checked elsewhere, this makes it harmless should one slip through. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const tableName = (table: CheckedTable): string => quoted(`t_${table.name}`)
export const columnName = (field: string): string => quoted(`k_${field}`)
export const indexName = (table: CheckedTable, index: string): string => quoted(`i_${table.name}_${index}`)

/**
 * Texts are stored as UTF-8 blobs, which SQLite compares byte by byte (memcmp); numbers stay numbers. Columns have no declared type, so SQLite
 * converts nothing.
 */
export function keyParameter(value: KeyValue): SQLInputValue {
  return typeof value === 'string' ? Buffer.from(value) : value
}

/** The row in its column. @throws {MmfError} `database_row_invalid` when it was damaged */
export function decodeRow(table: CheckedTable, bytes: Uint8Array): Row {
  try {
    return decodeCbor(bytes) as Row
  } catch (cause) {
    throw new MmfError('database_row_invalid', { detail: `table ${table.name}: a row cannot be decoded`, cause })
  }
}

/** Creates or migrates the table and prepares its statements. Runs inside a transaction. */
export function openSqliteTable(connection: DatabaseSync, table: CheckedTable): SqliteTable {
  const columns = keyColumns(table)
  const opened = prepare(connection, table, columns)
  const definition: Definition = { key: table.key, indexes: [...table.indexes], ttl: table.ttl ?? null }
  const text = JSON.stringify(definition)
  const known = connection.prepare('SELECT definition FROM mmf_tables WHERE name = ?').get(table.name) as
    | { definition: string }
    | undefined
  if (known?.definition !== text) {
    migrate(connection, table, columns, known === undefined ? undefined : JSON.parse(known.definition))
    connection.prepare('INSERT OR REPLACE INTO mmf_tables (name, definition) VALUES (?, ?)').run(table.name, text)
  }
  return opened()
}

function keyColumns(table: CheckedTable): readonly string[] {
  return [...new Set([...table.key, ...[...table.indexes.values()].flat()].map(part => part.field))]
}

function migrate(
  connection: DatabaseSync,
  table: CheckedTable,
  columns: readonly string[],
  before: Definition | undefined,
): void {
  if (before !== undefined && JSON.stringify(before.key) !== JSON.stringify(table.key)) {
    throw new MmfError('database_row_invalid', { detail: `the key of table ${table.name} cannot be changed` })
  }
  const key = table.key.map(part => columnName(part.field)).join(', ')
  connection.exec(
    `CREATE TABLE IF NOT EXISTS ${tableName(table)} (${key}, row BLOB NOT NULL, expires, PRIMARY KEY (${key}))`,
  )
  const present = new Set(
    connection
      .prepare(`PRAGMA table_info(${tableName(table)})`)
      .all()
      .map(({ name }) => quoted(String(name))),
  )
  for (const column of columns.map(columnName)) {
    if (!present.has(column)) connection.exec(`ALTER TABLE ${tableName(table)} ADD COLUMN ${column}`)
  }
  for (const [index] of before?.indexes ?? []) connection.exec(`DROP INDEX IF EXISTS ${indexName(table, index)}`)
  if (before !== undefined) backfill(connection, table, columns)
  for (const [index, parts] of table.indexes) createIndex(connection, table, index, parts)
  if (table.ttl !== undefined) {
    const name = quoted(`e_${table.name}`)
    connection.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${tableName(table)} (expires) WHERE expires IS NOT NULL`)
  }
}

/** Rows without one of the index fields are not in the index, as in DynamoDB. */
function createIndex(connection: DatabaseSync, table: CheckedTable, index: string, parts: readonly KeyField[]): void {
  const fields = [...new Set([...parts, ...table.key].map(part => columnName(part.field)))]
  const sparse = parts.map(part => `${columnName(part.field)} IS NOT NULL`)
  connection.exec(
    `CREATE INDEX ${indexName(table, index)} ON ${tableName(table)} (${fields.join(', ')}) WHERE ${sparse.join(' AND ')}`,
  )
}

function backfill(connection: DatabaseSync, table: CheckedTable, columns: readonly string[]): void {
  const assignments = [...columns.map(field => `${columnName(field)} = ?`), 'row = ?', 'expires = ?'].join(', ')
  const update = connection.prepare(`UPDATE ${tableName(table)} SET ${assignments} WHERE rowid = ?`)
  const next = connection.prepare(`SELECT rowid, row FROM ${tableName(table)} WHERE rowid > ? ORDER BY rowid LIMIT 500`)
  let last: SQLInputValue = -1
  for (let rows = next.all(last); rows.length > 0; rows = next.all(last)) {
    for (const entry of rows) {
      const { rowid, row } = entry as { rowid: number; row: Uint8Array }
      last = rowid
      const decoded = decodable(table, row)
      if (decoded !== undefined) update.run(...rowParameters(table, columns, decoded), rowid)
    }
  }
}

/** A damaged row keeps its old columns: it must not keep the other rows from being opened. A read of it reports the damage. */
function decodable(table: CheckedTable, bytes: Uint8Array): Row | undefined {
  try {
    return decodeRow(table, bytes)
  } catch (error) {
    if (isMmfError(error, 'database_row_invalid')) return undefined
    throw error
  }
}

function rowParameters(table: CheckedTable, columns: readonly string[], row: Row): SQLInputValue[] {
  const keys = columns.map(field => (Object.hasOwn(row, field) ? keyParameter(row[field] as KeyValue) : null))
  const expires = table.ttl === undefined ? null : ((row[table.ttl] as number | undefined) ?? null)
  return [...keys, encodeCbor(row), expires]
}

/** The statements can be prepared only when the table is there; hence a function. */
function prepare(connection: DatabaseSync, table: CheckedTable, columns: readonly string[]) {
  const name = tableName(table)
  const where = table.key.map(part => `${columnName(part.field)} = ?`).join(' AND ')
  const all = [...columns.map(columnName), 'row', 'expires']
  const assign = all.map(column => `${column} = excluded.${column}`).join(', ')
  const key = table.key.map(part => columnName(part.field)).join(', ')
  return (): SqliteTable => ({
    select: connection.prepare(`SELECT row FROM ${name} WHERE ${where} AND (expires IS NULL OR expires > ?)`),
    upsert: connection.prepare(
      `INSERT INTO ${name} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
       ON CONFLICT (${key}) DO UPDATE SET ${assign}`,
    ),
    remove: connection.prepare(`DELETE FROM ${name} WHERE ${where}`),
    removeExpired:
      table.ttl === undefined
        ? undefined
        : connection.prepare(
            `DELETE FROM ${name} WHERE rowid IN (SELECT rowid FROM ${name} WHERE expires <= ? LIMIT 500)`,
          ),
    keyParameters: row => table.key.map(part => keyParameter(row[part.field] as KeyValue)),
    rowParameters: row => rowParameters(table, columns, row),
  })
}
