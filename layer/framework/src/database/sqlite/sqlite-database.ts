import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../clock/clock.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { throwIfAborted } from '../abort.ts'
import { checkedTable, checkKey } from '../checked-table.ts'
import type { DatabaseAdapter, Write } from '../database.ts'
import { checkKeyCount } from '../get-many.ts'
import { checkQuery } from '../validate-query.ts'
import { checkToken, checkWrites } from '../validate-write.ts'
import { createCommitQueue, unavailable } from './sqlite-commit-queue.ts'
import { watchedFile } from './sqlite-file.ts'
import { SqliteStore } from './sqlite-store.ts'

export interface SqliteDatabaseOptions {
  /** Path of the file, made with its folder when missing; `:memory:` for one that lives as long as the adapter. */
  readonly file: string
  readonly clock: Clock
  /** How long a write waits for another process, in milliseconds; default 5,000. */
  readonly busyTimeout?: number | undefined
}

/**
 * The embedded database: one file, many processes. An answered write survives `kill -9` and a power cut (WAL with synchronous=FULL: the log is
 * flushed before each answer). A file that was deleted, replaced or cut is noticed before the answer: nothing is written any more until it is back, or
 * until the database is opened anew. Expired rows are removed by later writes.
 */
export function createSqliteDatabase(options: SqliteDatabaseOptions): DatabaseAdapter {
  const { file, clock, busyTimeout = 5000 } = options
  const { connection, store } = connect(file, () => Math.floor(clock.now().getTime() / 1000))
  const queue = createCommitQueue(connection, { busyTimeout, checkFile: watchedFile(file) })

  async function commit(given: readonly Write[], token?: string, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal)
    const writes = checkWrites(given)
    const checked = checkToken(token)
    await queue.run(() => store.commit(writes, checked), signal)
  }

  /** Reads are synchronous and commits too, so no read sees the middle of a transaction. */
  async function read<T>(signal: AbortSignal | undefined, work: () => unknown): Promise<T> {
    throwIfAborted(signal)
    try {
      return work() as T
    } catch (error) {
      throw unavailable(error)
    }
  }

  return {
    open: declarations => queue.run(() => store.open(declarations)),
    // A real change, as every other: a database that can be read only is not healthy.
    ping: () => queue.run(() => store.probe()),
    async close() {
      await queue.idle()
      if (connection.isOpen) connection.close()
    },
    get: (table, key, { signal } = {}) =>
      read(signal, () => store.get(checkedTable(table), checkKey(checkedTable(table), key))),
    getMany: (table, keys, { signal } = {}) =>
      read(signal, () => {
        checkKeyCount(keys.length)
        const checked = checkedTable(table)
        return keys.map(key => checkKey(checked, key)).map(key => store.get(checked, key))
      }),
    query: (table, query, { signal } = {}) => read(signal, () => store.query(checkQuery(table, query))),
    scan: (table, { signal, ...page } = {}) => read(signal, () => store.scan(checkedTable(table), page)),
    write: (write, { signal } = {}) => commit([write], undefined, signal),
    transaction: (writes, { token, signal } = {}) => commit(writes, token, signal),
  }
}

/**
 * The file with its folder, readable by its owner only; SQLite gives log and index the same mode. One that is there is not opened here: closing
 * it would drop SQLite's locks.
 * @throws {MmfError} `database_unavailable`
 */
function makeForOwner(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  } catch (cause) {
    throw new MmfError('database_unavailable', { detail: `${file}: ${(cause as Error).message}`, cause })
  }
}

function connect(file: string, now: () => number): { connection: DatabaseSync; store: SqliteStore } {
  if (file !== ':memory:') makeForOwner(file)
  try {
    const connection = new DatabaseSync(file, { timeout: 2000 })
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    // Pages of indexes are changed again and again: with 32 MB of log they are written to their places less often.
    connection.exec('PRAGMA wal_autocheckpoint = 8192')
    // From here on the queue waits for other processes; SQLite's own waiting would stop the whole process.
    connection.exec('PRAGMA busy_timeout = 20')
    return { connection, store: new SqliteStore(connection, now) }
  } catch (cause) {
    // For the operator, who sees it when the start fails.
    const detail = cause instanceof Error ? `${file}: ${cause.message}` : file
    throw new MmfError('database_unavailable', { detail, cause })
  }
}
