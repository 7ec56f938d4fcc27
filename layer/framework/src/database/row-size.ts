import type { Value } from './table.ts'

/** A row as the adapters see it: field names to values, nothing undefined. */
export type Row = { readonly [field: string]: Value }

const collectionOverhead = 3
const elementOverhead = 1

/** Size of a row in bytes as DynamoDB counts it ("DynamoDB item sizes and formats"): UTF-8 names plus values. */
export function rowSize(row: Row): number {
  let size = 0
  for (const [name, value] of Object.entries(row)) size += Buffer.byteLength(name) + valueSize(value)
  return size
}

/** Size of one value: UTF-8 bytes, raw bytes, 1 for null and booleans, about half a byte per significant digit of a number. */
function valueSize(value: Value): number {
  if (value === null || typeof value === 'boolean') return 1
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value === 'number') return numberSize(value)
  if (value instanceof Uint8Array) return value.byteLength
  let size = collectionOverhead
  if (Array.isArray(value)) {
    for (const element of value as readonly Value[]) size += elementOverhead + valueSize(element)
    return size
  }
  for (const [name, member] of Object.entries(value)) {
    size += elementOverhead + Buffer.byteLength(name) + valueSize(member)
  }
  return size
}

function numberSize(value: number): number {
  if (value === 0) return 1
  const [mantissa = ''] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '').replace(/0+$/, '').length
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0)
}
