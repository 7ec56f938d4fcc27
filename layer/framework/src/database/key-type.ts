import type * as z from 'zod'
import { MmfError } from '../errors/mmf-error.ts'
import type { AnyTable } from './table.ts'

/** DynamoDB's scalar attribute types: string, number, binary. */
export type KeyType = 'S' | 'N' | 'B'

interface Definition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly out?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>>
}

/** The schemas of the row's fields. @throws {MmfError} `database_row_invalid` when the row is not declared with `z.object`. */
export function fieldSchemas(table: AnyTable): Readonly<Record<string, z.ZodType>> {
  const { shape } = table.row as { shape?: Readonly<Record<string, z.ZodType>> }
  if (shape === undefined) throw invalid(table, '', 'the row must be declared with z.object')
  return shape
}

/**
 * The attribute type of a key field, read from the row's schema, so that it is declared once.
 * @throws {MmfError} `database_row_invalid` when the field is missing or is neither string, number nor bytes.
 */
export function keyType(table: AnyTable, field: string): KeyType {
  const schema = fieldSchemas(table)[field]
  if (schema === undefined) throw invalid(table, field, 'no such field in the row')
  const types = typesOf(schema)
  const [type] = types
  if (type === undefined || types.size !== 1) throw invalid(table, field, 'a key is a string, a number or bytes')
  return type
}

function typesOf(schema: z.ZodType): Set<KeyType> {
  const definition = schema.def as unknown as Definition
  switch (definition.type) {
    case 'string':
    case 'template_literal':
      return new Set(['S'])
    case 'number':
    case 'int':
      return new Set(['N'])
    case 'literal':
      return ofValues(definition.values ?? [])
    case 'enum':
      return ofValues(Object.values(definition.entries ?? {}))
    case 'union':
      return new Set((definition.options ?? []).flatMap(option => [...typesOf(option)]))
    case 'custom':
      // z.instanceof(Uint8Array) has no other mark than what it accepts.
      return schema.safeParse(new Uint8Array(1)).success && !schema.safeParse('').success ? new Set(['B']) : new Set()
    default: {
      const inner = definition.out ?? definition.innerType
      return inner === undefined ? new Set() : typesOf(inner)
    }
  }
}

function ofValues(values: readonly unknown[]): Set<KeyType> {
  const types = values.map(value => (typeof value === 'string' ? 'S' : typeof value === 'number' ? 'N' : undefined))
  return types.includes(undefined) ? new Set() : new Set(types as KeyType[])
}

function invalid(table: AnyTable, path: string, message: string): MmfError {
  return new MmfError('database_row_invalid', {
    detail: `table ${table.name}${path === '' ? '' : `, field ${path}`}: ${message}`,
    errors: [{ path, message }],
  })
}
