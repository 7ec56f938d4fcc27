import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MmfError } from '@mmf/framework'
import { dataFolderUnusable } from './data-folder-error.ts'

export interface HeldFolder {
  release(): void
}

// https://www.sqlite.org/rescode.html#busy
const sqliteBusy = 5

/**
 * Holds the data folder for this process until it ends, however it ends: a write lock of SQLite on `holder.sqlite`, which the system takes back
 * with the process. The number of the process is written there, for those who find the folder held. Tools that only use the database beside a
 * running platform, such as the script of the runbook, do not need it.
 * @throws {MmfError} `data_folder_in_use` when another process holds it, `data_folder_unusable`
 */
export function holdDataFolder(directory: string): HeldFolder {
  const file = join(directory, 'holder.sqlite')
  let connection: DatabaseSync | undefined
  try {
    makeForOwner(file)
    connection = new DatabaseSync(file, { timeout: 0 })
    connection.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${process.pid}; COMMIT; BEGIN IMMEDIATE`)
    const held = connection
    return { release: () => held.close() }
  } catch (error) {
    const holder = isBusy(error) ? holderOf(connection) : undefined
    connection?.close()
    if (holder === undefined) throw dataFolderUnusable(file, error)
    const detail = `${directory} is used by process ${holder}: stop it, or set MARTY_DATA_DIR to another folder`
    throw new MmfError('data_folder_in_use', { detail })
  }
}

/** The process that serves from the data folder, where one does. Nothing is kept or changed. */
export function holderNow(directory: string): number | string | undefined {
  const file = join(directory, 'holder.sqlite')
  if (!existsSync(file)) return undefined
  const connection = new DatabaseSync(file, { timeout: 0 })
  try {
    connection.exec('BEGIN IMMEDIATE; ROLLBACK')
    return undefined
  } catch (error) {
    if (isBusy(error)) return holderOf(connection)
    throw error
  } finally {
    connection.close()
  }
}

/** SQLite takes an empty file for a new database. One that is there is not opened here: closing it would drop the locks of this process. */
function makeForOwner(file: string): void {
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
}

function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === sqliteBusy
}

/** The lock of a writer lets others read. */
function holderOf(connection: DatabaseSync | undefined): number | string {
  try {
    const row = connection?.prepare('PRAGMA user_version').get() as { user_version?: number } | undefined
    return row?.user_version ?? 'another'
  } catch {
    return 'another'
  }
}
