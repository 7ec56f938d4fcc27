import { createHash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { MmfError } from '../../errors/mmf-error.ts'
import { rowInvalid } from '../check-value.ts'
import { type CheckedTable, checkedTable, parseRow } from '../checked-table.ts'
import type { Page } from '../database.ts'
import { holds } from '../evaluate-condition.ts'
import { limits } from '../limits.ts'
import type { Row } from '../row-size.ts'
import type { AnyTable } from '../table.ts'
import type { CheckedQuery } from '../validate-query.ts'
import { type CheckedWrite, checkRowSize } from '../validate-write.ts'
import { encodeCbor } from './cbor.ts'
import { querySqlite } from './sqlite-query.ts'
import { scanSqlite } from './sqlite-scan.ts'
import { decodeRow, openSqliteTable, type SqliteTable } from './sqlite-table.ts'

const sweepEverySeconds = 60

/** The tables of one open file. Everything here is synchronous; a caller of `commit` has begun a transaction. */
export class SqliteStore {
  private readonly connection: DatabaseSync
  /** Seconds since 1970. */
  private readonly now: () => number
  private readonly tables = new Map<string, SqliteTable>()
  private readonly statements = new Map<string, StatementSync>()
  private lastSweep = 0

  constructor(connection: DatabaseSync, now: () => number) {
    this.connection = connection
    this.now = now
    connection.exec(
      `CREATE TABLE IF NOT EXISTS mmf_tables (name TEXT PRIMARY KEY, definition TEXT NOT NULL);
       CREATE TABLE IF NOT EXISTS mmf_probe (id INTEGER PRIMARY KEY, seconds INTEGER NOT NULL);
       CREATE TABLE IF NOT EXISTS mmf_tokens (token TEXT PRIMARY KEY, digest BLOB NOT NULL, expires INTEGER NOT NULL)`,
    )
  }

  open(declarations: readonly AnyTable[]): void {
    for (const table of declarations.map(checkedTable)) {
      this.tables.set(table.name, openSqliteTable(this.connection, table))
    }
  }

  /** A change that means nothing. */
  probe(): void {
    this.statement('INSERT OR REPLACE INTO mmf_probe (id, seconds) VALUES (1, ?)').run(this.now())
  }

  get(table: CheckedTable, key: Row): Row | undefined {
    const row = this.stored(table, key)
    return row === undefined ? undefined : parseRow(table, row)
  }

  query(query: CheckedQuery): Page<Row> {
    this.opened(query.table)
    return querySqlite(sql => this.statement(sql), query, this.now())
  }

  scan(table: CheckedTable, page: { limit?: number | undefined; cursor?: string | undefined }): Page<Row> {
    this.opened(table)
    return scanSqlite(sql => this.statement(sql), table, page, this.now())
  }

  /** Decides everything before it writes anything. @throws {MmfError} `database_conflict`, `database_limit_exceeded` */
  commit(writes: readonly CheckedWrite[], token: string | undefined): void {
    if (token !== undefined && this.isSpent(token, writes)) return
    const before = writes.map(write => this.stored(write.table, write.key))
    const failed = writes.flatMap((write, i) => (holds(write.when, before[i]) ? [] : [i]))
    if (failed.length > 0) throw new MmfError('database_conflict', { members: { failed } })
    const after = writes.map((write, i) => rowAfter(write, before[i]))
    writes.forEach((write, i) => {
      this.put(write, after[i])
    })
    if (token !== undefined) this.spend(token, writes)
    this.sweep()
  }

  private opened(table: CheckedTable): SqliteTable {
    const known = this.tables.get(table.name)
    if (known === undefined) throw rowInvalid(table.name, 'the table was not opened')
    return known
  }

  private stored(table: CheckedTable, key: Row): Row | undefined {
    const { select, keyParameters } = this.opened(table)
    const found = select.get(...keyParameters(key), this.now()) as { row: Uint8Array } | undefined
    return found === undefined ? undefined : decodeRow(table, found.row)
  }

  private put(write: CheckedWrite, row: Row | undefined): void {
    const { upsert, remove, keyParameters, rowParameters } = this.opened(write.table)
    if (row !== undefined) upsert.run(...rowParameters(row))
    else if (write.kind === 'remove') remove.run(...keyParameters(write.key))
  }

  /** Whether the token has already carried out this same change. */
  private isSpent(token: string, writes: readonly CheckedWrite[]): boolean {
    const known = this.statement('SELECT digest FROM mmf_tokens WHERE token = ? AND expires > ?').get(token, this.now())
    if (known === undefined) return false
    const { digest } = known as { digest: Uint8Array }
    if (digestOf(writes).equals(digest)) return true
    throw new MmfError('database_conflict', {
      detail: 'the token belongs to another transaction',
      members: { failed: [] },
    })
  }

  private spend(token: string, writes: readonly CheckedWrite[]): void {
    const expires = this.now() + limits.tokenSeconds
    this.statement('INSERT OR REPLACE INTO mmf_tokens (token, digest, expires) VALUES (?, ?, ?)').run(
      token,
      digestOf(writes),
      expires,
    )
  }

  /** Removes expired rows, which no read returns, now and then, a bounded number of rows at a time. */
  private sweep(): void {
    const now = this.now()
    if (now - this.lastSweep < sweepEverySeconds) return
    this.lastSweep = now
    for (const { removeExpired } of this.tables.values()) removeExpired?.run(now)
    this.statement('DELETE FROM mmf_tokens WHERE expires <= ?').run(now)
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql)
    if (known !== undefined) return known
    const prepared = this.connection.prepare(sql)
    this.statements.set(sql, prepared)
    return prepared
  }
}

/** The row that a write leaves; undefined when it leaves none or changes none. */
function rowAfter(write: CheckedWrite, before: Row | undefined): Row | undefined {
  if (write.kind === 'put') return write.row
  if (write.kind !== 'update') return undefined
  const changed = Object.entries({ ...before, ...write.set }).filter(([field]) => !write.unset.includes(field))
  const row = Object.fromEntries(changed)
  checkRowSize(write.table, row)
  return row
}

function digestOf(writes: readonly CheckedWrite[]): Buffer {
  const described = writes.map(({ table, when, ...rest }) => ({
    ...rest,
    table: table.name,
    presence: when.presence,
    tests: when.tests.map(test => ({ ...test })),
  }))
  return createHash('sha256').update(encodeCbor(described)).digest()
}
