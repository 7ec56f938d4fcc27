import type * as z from 'zod'
import { MmfError } from '../errors/mmf-error.ts'
import { checkValue, rowInvalid } from './check-value.ts'
import { fieldSchemas, type KeyType, keyType } from './key-type.ts'
import { limits } from './limits.ts'
import type { Row } from './row-size.ts'
import type { AnyTable, Value } from './table.ts'
import { carryUnknown, withoutUnrecognized } from './unknown-columns.ts'

/** A value that a key can have. */
export type KeyValue = string | number | Uint8Array

export interface KeyField {
  readonly field: string
  readonly type: KeyType
  readonly maxBytes: number
}

/** A table's declaration with everything the adapters ask of it, worked out once. */
export interface CheckedTable {
  readonly name: string
  readonly declaration: AnyTable
  /** The partition field and, where there is one, the sort field. */
  readonly key: readonly KeyField[]
  /** The key fields of each index: partition, then sort. */
  readonly indexes: ReadonlyMap<string, readonly KeyField[]>
  readonly ttl: string | undefined
  readonly fields: Readonly<Record<string, z.ZodType>>
}

const checked = new WeakMap<AnyTable, CheckedTable>()

/** Checks a declaration, once per table. @throws {MmfError} `database_row_invalid` saying what is wrong with it. */
export function checkedTable(table: AnyTable): CheckedTable {
  const known = checked.get(table)
  if (known !== undefined) return known
  const made = check(table)
  checked.set(table, made)
  return made
}

function check(table: AnyTable): CheckedTable {
  if (!/^[a-z][a-z0-9_]{1,99}$/.test(table.name)) throw rowInvalid(table.name, 'a table name is snake_case')
  const fields = fieldSchemas(table)
  if (table.ttl !== undefined && table.logged !== undefined) {
    throw rowInvalid(table.ttl, 'a row of a logged table does not expire')
  }
  if (table.ttl !== undefined && keyType(table, table.ttl) !== 'N') throw rowInvalid(table.ttl, 'ttl is a number')
  return {
    name: table.name,
    declaration: table,
    key: keyFields(table, table),
    indexes: new Map(Object.entries(table.indexes).map(([name, index]) => [name, keyFields(table, index)])),
    ttl: table.ttl,
    fields,
  }
}

function keyFields(table: AnyTable, key: { partition: string; sort?: string }): readonly KeyField[] {
  const partition = { field: key.partition, type: keyType(table, key.partition), maxBytes: limits.partitionKeyBytes }
  if (key.sort === undefined) return [partition]
  return [partition, { field: key.sort, type: keyType(table, key.sort), maxBytes: limits.sortKeyBytes }]
}

/** The key of a row or a key object, complete and within the limits; other fields are ignored. */
export function checkKey(table: CheckedTable, source: Readonly<Record<string, unknown>>): Row {
  const key: { [field: string]: Value } = {}
  for (const part of table.key) key[part.field] = checkKeyValue(part, source[part.field])
  return key
}

/** @throws {MmfError} `database_row_invalid` for a missing, empty or wrongly typed key, `database_limit_exceeded` for one too long. */
export function checkKeyValue(part: KeyField, value: unknown): KeyValue {
  const { field, type, maxBytes } = part
  if (type === 'N') {
    if (typeof value !== 'number') throw rowInvalid(field, 'this key is a number')
    return checkValue(value, field) as number
  }
  const size = type === 'S' ? textSize(value, field) : bytesSize(value, field)
  if (size === 0) throw rowInvalid(field, 'a key must not be empty')
  if (size > maxBytes) {
    throw new MmfError('database_limit_exceeded', { detail: `key ${field} has ${size} bytes, allowed are ${maxBytes}` })
  }
  return value as KeyValue
}

function textSize(value: unknown, field: string): number {
  if (typeof value !== 'string' || !value.isWellFormed()) throw rowInvalid(field, 'this key is well-formed text')
  return Buffer.byteLength(value)
}

function bytesSize(value: unknown, field: string): number {
  if (!(value instanceof Uint8Array)) throw rowInvalid(field, 'this key is bytes')
  return value.byteLength
}

/**
 * A stored row as its declaration describes it. Columns that it does not know (a later version wrote them) are tolerated at every depth: readers do
 * not see them, and they are kept when the row, or a spread of it, is written back.
 * @throws {MmfError} `database_row_invalid` naming fields, never values.
 */
export function parseRow(table: CheckedTable, row: Row): Row {
  const { row: schema } = table.declaration
  const parsed = schema.safeParse(row)
  const known = parsed.success ? row : withoutUnrecognized(row, parsed.error.issues)
  if (known === undefined) throw schemaError(table, parsed.error as z.ZodError)
  const read = parsed.success ? parsed : schema.safeParse(known)
  if (!read.success) throw schemaError(table, read.error)
  carryUnknown(table.name, row, read.data as Row)
  return read.data as Row
}

export function schemaError(table: CheckedTable, error: z.ZodError, prefix: readonly string[] = []): MmfError {
  const errors = error.issues.map(issue => ({
    path: [...prefix, ...issue.path.map(String)].join('.'),
    message: `does not match the schema (${issue.code})`,
    code: issue.code,
  }))
  const where = errors.map(entry => entry.path).join(', ')
  return new MmfError('database_row_invalid', { detail: `table ${table.name}: ${where}`, errors })
}
