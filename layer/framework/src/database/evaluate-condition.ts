import type { Row } from './row-size.ts'
import type { Value } from './table.ts'
import type { CheckedCondition, FieldTest } from './validate-condition.ts'

/** Whether the condition holds for the row as it is now; undefined is an absent or expired row. */
export function holds(condition: CheckedCondition, row: Row | undefined): boolean {
  if (condition.presence === 'any') return true
  if (condition.presence === 'absent') return row === undefined
  return row !== undefined && condition.tests.every(test => testHolds(test, row))
}

/** Strings by their UTF-8 bytes, numbers by value, bytes unsigned; undefined when the types differ or have no order. */
export function compareValues(a: Value | undefined, b: Value): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  return undefined
}

function testHolds({ field, operator, value }: FieldTest, row: Row): boolean {
  const actual = Object.hasOwn(row, field) ? row[field] : undefined
  const order = () => compareValues(actual, value)
  switch (operator) {
    case 'exists':
      return (actual !== undefined) === value
    case 'eq':
      return actual !== undefined && equalValues(actual, value)
    case 'ne':
      return actual === undefined || !equalValues(actual, value)
    case 'in':
      return actual !== undefined && (value as readonly Value[]).some(option => equalValues(actual, option))
    case 'beginsWith':
      return typeof actual === 'string' && actual.startsWith(value as string)
    case 'lt':
      return (order() ?? 0) < 0
    case 'gt':
      return (order() ?? 0) > 0
    case 'lte':
      return (order() ?? 1) <= 0
    case 'gte':
      return (order() ?? -1) >= 0
  }
}

function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Uint8Array || b instanceof Uint8Array) return compareValues(a, b) === 0
  if (Array.isArray(a) || Array.isArray(b)) return equalLists(a as readonly Value[], b as readonly Value[])
  return equalMaps(a as Row, b as Row)
}

function equalLists(a: readonly Value[], b: readonly Value[]): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  return a.every((element: Value, i) => equalValues(element, b[i] as Value))
}

function equalMaps(a: Row, b: Row): boolean {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every(name => Object.hasOwn(b, name) && equalValues(a[name] as Value, b[name] as Value))
}
