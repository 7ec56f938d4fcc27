import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Row } from '../../../layer/framework/src/database/row-size.ts'
import { decodeCbor, encodeCbor } from '../../../layer/framework/src/database/sqlite/cbor.ts'

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

/** Changes a stored row past the port: what another version of the code, or a mishap, leaves in the file. `key` holds texts. */
export function rewriteRow(
  dataDirectory: string,
  table: string,
  key: Readonly<Record<string, string>>,
  change: (row: Row) => Row,
): void {
  const file = new DatabaseSync(join(dataDirectory, 'data.sqlite'))
  try {
    const where = Object.keys(key)
      .map(name => `"k_${name}" = ?`)
      .join(' AND ')
    const values = Object.values(key).map(value => Buffer.from(value))
    const { row } = file.prepare(`SELECT row FROM "t_${table}" WHERE ${where}`).get(...values) as { row: Uint8Array }
    file
      .prepare(`UPDATE "t_${table}" SET row = ? WHERE ${where}`)
      .run(encodeCbor(change(decodeCbor(row) as Row)), ...values)
  } finally {
    file.close()
  }
}
