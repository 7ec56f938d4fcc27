import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Row } from '../row-size.ts'
import type { Value } from '../table.ts'

/** DynamoDB's form of a value (API Reference, AttributeValue). Sets are not used. */
export function toAttribute(value: Value): AttributeValue {
  if (value === null) return { NULL: true }
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value instanceof Uint8Array) return { B: value }
  if (Array.isArray(value)) return { L: value.map(toAttribute) }
  return { M: toItem(value as Row) }
}

export function toItem(row: Row): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, toAttribute(value)]))
}

/** @throws {MmfError} `database_row_invalid` for sets, which this platform never writes. */
function fromAttribute(attribute: AttributeValue): Value {
  if (attribute.S !== undefined) return attribute.S
  if (attribute.N !== undefined) return Number(attribute.N)
  if (attribute.BOOL !== undefined) return attribute.BOOL
  if (attribute.NULL !== undefined) return null
  // A copy: the SDK may hand out a view into its response buffer, or a Buffer.
  if (attribute.B !== undefined) return new Uint8Array(attribute.B)
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute)
  if (attribute.M !== undefined) return fromItem(attribute.M)
  throw new MmfError('database_row_invalid', { detail: `unexpected attribute of type ${Object.keys(attribute)[0]}` })
}

export function fromItem(item: Readonly<Record<string, AttributeValue>>): Row {
  return Object.fromEntries(Object.entries(item).map(([field, attribute]) => [field, fromAttribute(attribute)]))
}
