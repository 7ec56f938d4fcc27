import { MmfError } from '../errors/mmf-error.ts'
import { checkMap, rowInvalid } from './check-value.ts'
import { type CheckedTable, checkedTable, checkKey, checkKeyValue, schemaError } from './checked-table.ts'
import type { Write } from './database.ts'
import { limits } from './limits.ts'
import { type Row, rowSize } from './row-size.ts'
import { encodeCbor } from './sqlite/cbor.ts'
import { restoreUnknown } from './unknown-columns.ts'
import { type CheckedCondition, checkCondition, operandCount } from './validate-condition.ts'

interface Common {
  readonly table: CheckedTable
  readonly key: Row
  readonly when: CheckedCondition
}

/** A write that an adapter may carry out as it stands. */
export type CheckedWrite =
  | (Common & { readonly kind: 'put'; readonly row: Row })
  | (Common & { readonly kind: 'update'; readonly set: Row; readonly unset: readonly string[] })
  | (Common & { readonly kind: 'remove' | 'check' })

/**
 * Checks a change against the schemas of its tables and DynamoDB's limits, before any adapter is asked.
 * @throws {MmfError} `database_row_invalid`, `database_limit_exceeded`
 */
export function checkWrites(writes: readonly Write[]): readonly CheckedWrite[] {
  if (writes.length === 0 || writes.length > limits.transactionWrites) {
    throw exceeded(`a transaction has 1 to ${limits.transactionWrites} writes, this one ${writes.length}`)
  }
  const checked = writes.map(checkWrite)
  const identities = new Set(checked.map(rowIdentity))
  if (identities.size !== checked.length) throw exceeded('a transaction must not touch a row twice')
  const size = checked.reduce((sum, write) => sum + sizeOf(write), 0)
  if (size > limits.transactionBytes) {
    throw exceeded(`a transaction has at most ${limits.transactionBytes} bytes, this one ${size}`)
  }
  return checked
}

/** @throws {MmfError} `database_limit_exceeded` for more than 36 characters, `database_row_invalid` for none. */
export function checkToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined
  if (token === '') throw rowInvalid('token', 'the token is empty')
  if (token.length > limits.tokenCharacters) throw exceeded(`a token has at most ${limits.tokenCharacters} characters`)
  return token
}

/** One text per row of the database, whatever the type of its key. */
function rowIdentity(write: CheckedWrite): string {
  return `${write.table.name} ${Buffer.from(encodeCbor(write.key)).toString('base64')}`
}

/** @throws {MmfError} `database_limit_exceeded` when the row has more than 400 KB. */
export function checkRowSize(table: CheckedTable, row: Row): void {
  const size = rowSize(row)
  if (size > limits.rowBytes) {
    throw exceeded(`a row of ${table.name} has ${size} bytes, allowed are ${limits.rowBytes}`)
  }
}

function checkWrite(write: Write): CheckedWrite {
  const table = checkedTable(write.table)
  const when = checkCondition(table, write.when)
  if (write.kind === 'put') {
    const row = checkRow(table, write.row)
    return { kind: 'put', table, key: checkKey(table, row), row, when }
  }
  const key = checkKey(table, write.key)
  if (write.kind === 'update') return checkUpdate(table, key, write.changes, when)
  return { kind: write.kind, table, key, when }
}

function checkRow(table: CheckedTable, given: object): Row {
  const parsed = table.declaration.row.safeParse(given)
  if (!parsed.success) throw schemaError(table, parsed.error)
  const row = checkMap(parsed.data as object, '')
  // z.object drops what it does not know. Storing less than was given would lose it silently.
  for (const [field, value] of Object.entries(given)) {
    if (value !== undefined && !Object.hasOwn(row, field)) throw rowInvalid(field, 'the table has no such field')
  }
  restoreUnknown(table.name, given as Row, row)
  checkIndexKeys(table, row)
  checkRowSize(table, row)
  return row
}

function checkUpdate(table: CheckedTable, key: Row, changes: object, when: CheckedCondition): CheckedWrite {
  if (when.presence === 'absent') throw rowInvalid('when', 'update never creates a row')
  const set: Record<string, unknown> = {}
  const unset: string[] = []
  for (const [field, value] of Object.entries(changes)) {
    const schema = Object.hasOwn(table.fields, field) ? table.fields[field] : undefined
    if (schema === undefined) throw rowInvalid(field, 'the table has no such field')
    if (Object.hasOwn(key, field)) throw rowInvalid(field, 'the key of a row cannot be changed')
    const parsed = schema.safeParse(value)
    if (!parsed.success) throw schemaError(table, parsed.error, [field])
    if (parsed.data === undefined) unset.push(field)
    else set[field] = parsed.data
  }
  const operands = Object.keys(set).length + unset.length
  if (operands === 0) throw rowInvalid('changes', 'there is nothing to change')
  if (operands + operandCount(when.tests) > limits.operands) {
    throw exceeded(`an update changes and compares at most ${limits.operands} fields`)
  }
  const row = checkMap(set, '')
  // The row's own unknown columns stay anyhow; those inside of the maps that are set would go.
  restoreUnknown(table.name, { ...(changes as Row) }, row)
  checkIndexKeys(table, row)
  checkRowSize(table, { ...key, ...row })
  return { kind: 'update', table, key, set: row, unset, when: { ...when, presence: 'present' } }
}

/** An index field may be missing (the row is then not in the index), but neither empty, too long nor of another type. */
function checkIndexKeys(table: CheckedTable, row: Row): void {
  for (const parts of table.indexes.values()) {
    for (const part of parts) if (Object.hasOwn(row, part.field)) checkKeyValue(part, row[part.field])
  }
}

function sizeOf(write: CheckedWrite): number {
  if (write.kind === 'put') return rowSize(write.row)
  if (write.kind === 'update') return rowSize(write.key) + rowSize(write.set)
  return rowSize(write.key)
}

function exceeded(detail: string): MmfError {
  return new MmfError('database_limit_exceeded', { detail })
}
