import type { CreateTableCommandInput, KeySchemaElement } from '@aws-sdk/client-dynamodb'
import { checkedTable, type KeyField } from '../database/checked-table.ts'
import type { AnyTable } from '../database/table.ts'

/** What CreateTable takes for a declared table, for emulators; deployments get their tables from CDK. */
export function createTableInput(table: AnyTable, physicalName: string): CreateTableCommandInput {
  const { key, indexes } = checkedTable(table)
  const fields = new Map([...key, ...[...indexes.values()].flat()].map(part => [part.field, part.type]))
  return {
    TableName: physicalName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...fields].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keySchema(key),
    ...(indexes.size > 0 && {
      GlobalSecondaryIndexes: [...indexes].map(([IndexName, parts]) => ({
        IndexName,
        KeySchema: keySchema(parts),
        Projection: { ProjectionType: 'ALL' as const },
      })),
    }),
  }
}

function keySchema(parts: readonly KeyField[]): KeySchemaElement[] {
  return parts.map((part, i) => ({ AttributeName: part.field, KeyType: i === 0 ? 'HASH' : 'RANGE' }))
}
