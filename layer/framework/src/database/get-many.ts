import { MmfError } from '../errors/mmf-error.ts'
import type { CheckedTable } from './checked-table.ts'
import { limits } from './limits.ts'
import type { Row } from './row-size.ts'
import { encodeCbor } from './sqlite/cbor.ts'

/** @throws {MmfError} `database_limit_exceeded` */
export function checkKeyCount(count: number): void {
  if (count <= limits.getManyKeys) return
  throw new MmfError('database_limit_exceeded', { detail: `${count} keys, at most ${limits.getManyKeys} at once` })
}

/** One text per key of the table, from a key or from a row. */
export function identityOf(table: CheckedTable): (source: Row) => string {
  return source => Buffer.from(encodeCbor(table.key.map(part => source[part.field] ?? null))).toString('base64')
}
