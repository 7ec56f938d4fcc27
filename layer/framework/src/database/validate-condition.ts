import { MmfError } from '../errors/mmf-error.ts'
import { checkValue, rowInvalid } from './check-value.ts'
import type { CheckedTable } from './checked-table.ts'
import type { Comparison, Condition } from './database.ts'
import { limits } from './limits.ts'
import type { Value } from './table.ts'

type ComparisonOperator = keyof Comparison

/** One comparison of one field. For `in` the value is a list, for `exists` a boolean. */
export interface FieldTest {
  readonly field: string
  readonly operator: ComparisonOperator
  readonly value: Value
}

/** A condition in its one checked form. Any test implies `present`. */
export interface CheckedCondition {
  readonly presence: 'any' | 'absent' | 'present'
  readonly tests: readonly FieldTest[]
}

const operators: Readonly<Record<ComparisonOperator, (value: unknown) => boolean>> = {
  eq: () => true,
  ne: () => true,
  lt: isOrdered,
  lte: isOrdered,
  gt: isOrdered,
  gte: isOrdered,
  in: value => Array.isArray(value) && value.length > 0,
  beginsWith: value => typeof value === 'string',
  exists: value => typeof value === 'boolean',
}

/** @throws {MmfError} `database_row_invalid` for unknown fields and operators, `database_limit_exceeded` for too many operands. */
export function checkCondition(table: CheckedTable, when: Condition | undefined): CheckedCondition {
  if (when === undefined) return { presence: 'any', tests: [] }
  if (when === 'absent' || when === 'present') return { presence: when, tests: [] }
  const tests = Object.entries(when).flatMap(([field, given]) => testsOf(table, field, given))
  if (operandCount(tests) > limits.operands) {
    throw new MmfError('database_limit_exceeded', { detail: `a condition has more than ${limits.operands} operands` })
  }
  return { presence: 'present', tests }
}

/** How much of the limit on operands the tests use. */
export function operandCount(tests: readonly FieldTest[]): number {
  return tests.reduce((sum, test) => sum + (test.operator === 'in' ? (test.value as readonly Value[]).length : 1), 0)
}

function testsOf(table: CheckedTable, field: string, given: unknown): FieldTest[] {
  if (!Object.hasOwn(table.fields, field)) throw rowInvalid(field, `table ${table.name} has no such field`)
  if (!isPlainObject(given)) return [{ field, operator: 'eq', value: checkValue(given, field) }]
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  if (entries.length === 0) throw rowInvalid(field, 'the comparison is empty')
  return entries.map(([name, value]) => {
    const accepts = Object.hasOwn(operators, name) ? operators[name as ComparisonOperator] : undefined
    if (accepts === undefined) throw rowInvalid(field, 'unknown comparison; a map is compared with { eq: map }')
    if (!accepts(value)) throw rowInvalid(field, `the operand of ${name} has the wrong type`)
    return { field, operator: name as ComparisonOperator, value: checkValue(value, field) }
  })
}

function isOrdered(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
