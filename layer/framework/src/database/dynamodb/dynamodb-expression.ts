import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { CheckedTable } from '../checked-table.ts'
import type { Value } from '../table.ts'
import type { CheckedCondition, FieldTest } from '../validate-condition.ts'
import type { CheckedQuery } from '../validate-query.ts'
import type { CheckedWrite } from '../validate-write.ts'
import { toAttribute } from './dynamodb-attribute-value.ts'

/** Placeholders of one request's expressions (Developer Guide, "Expressions"): no field name meets DynamoDB's reserved words. */
export class Placeholders {
  private readonly names = new Map<string, string>()
  private readonly values: AttributeValue[] = []

  name(field: string): string {
    const known = this.names.get(field) ?? `#n${this.names.size}`
    this.names.set(field, known)
    return known
  }

  value(value: Value): string {
    return `:v${this.values.push(toAttribute(value)) - 1}`
  }

  /** Members of the request; empty ones are left out, as DynamoDB refuses them. */
  members(): {
    ExpressionAttributeNames?: Record<string, string>
    ExpressionAttributeValues?: Record<string, AttributeValue>
  } {
    const names = [...this.names].map(([field, placeholder]) => [placeholder, field])
    const values = this.values.map((value, i) => [`:v${i}`, value])
    return {
      ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
    }
  }
}

/** The condition, where expired counts as absent; undefined when everything is allowed. `now` is in seconds. */
export function conditionExpression(
  table: CheckedTable,
  condition: CheckedCondition,
  now: number,
  placeholders: Placeholders,
): string | undefined {
  const { presence, tests } = condition
  if (presence === 'any') return undefined
  const partition = placeholders.name(table.key[0]?.field ?? '')
  if (presence === 'absent') {
    const absent = `attribute_not_exists(${partition})`
    return table.ttl === undefined
      ? absent
      : `(${absent} OR ${placeholders.name(table.ttl)} <= ${placeholders.value(now)})`
  }
  const terms = [`attribute_exists(${partition})`, ...tests.map(test => testExpression(test, placeholders))]
  if (table.ttl !== undefined) {
    const ttl = placeholders.name(table.ttl)
    terms.push(`(attribute_not_exists(${ttl}) OR ${ttl} > ${placeholders.value(now)})`)
  }
  return terms.join(' AND ')
}

const symbols = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

function testExpression({ field, operator, value }: FieldTest, placeholders: Placeholders): string {
  const name = placeholders.name(field)
  switch (operator) {
    case 'exists':
      return value === true ? `attribute_exists(${name})` : `attribute_not_exists(${name})`
    case 'ne':
      return `(attribute_not_exists(${name}) OR ${name} <> ${placeholders.value(value)})`
    case 'in':
      return `${name} IN (${(value as readonly Value[]).map(option => placeholders.value(option)).join(', ')})`
    case 'beginsWith':
      return `begins_with(${name}, ${placeholders.value(value)})`
    default:
      return `${name} ${symbols[operator]} ${placeholders.value(value)}`
  }
}

export function updateExpression(write: Extract<CheckedWrite, { kind: 'update' }>, placeholders: Placeholders): string {
  const set = Object.entries(write.set).map(
    ([field, value]) => `${placeholders.name(field)} = ${placeholders.value(value)}`,
  )
  const unset = write.unset.map(field => placeholders.name(field))
  return [
    ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
    ...(unset.length > 0 ? [`REMOVE ${unset.join(', ')}`] : []),
  ].join(' ')
}

export function keyConditionExpression(query: CheckedQuery, placeholders: Placeholders): string {
  const { partition, sort, range } = query
  const equal = `${placeholders.name(partition.field)} = ${placeholders.value(partition.value)}`
  if (sort === undefined || range === undefined) return equal
  const name = placeholders.name(sort.field)
  const value = placeholders.value(range.value)
  if (range.operator === 'beginsWith') return `${equal} AND begins_with(${name}, ${value})`
  if (range.operator !== 'between') return `${equal} AND ${name} ${symbols[range.operator]} ${value}`
  return `${equal} AND ${name} BETWEEN ${value} AND ${placeholders.value(range.upper)}`
}
