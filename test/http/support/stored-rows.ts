import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { decodeCbor } from '../../../layer/framework/src/database/sqlite/cbor.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows are looked at member by member in assertions.
export type StoredRow = any

/** Every row of a table as it lies in the file of an embedded platform, read past the port: what is not there was not written. */
export function storedRows(dataDirectory: string, table: string): StoredRow[] {
  const connection = new DatabaseSync(join(dataDirectory, 'data.sqlite'), { readOnly: true })
  try {
    const rows = connection.prepare(`SELECT row FROM "t_${table}"`).all() as { row: Uint8Array }[]
    return rows.map(({ row }) => decodeCbor(row))
  } finally {
    connection.close()
  }
}
