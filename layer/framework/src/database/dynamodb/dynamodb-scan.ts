import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { isMmfError } from '../../errors/mmf-error.ts'
import type { CheckedTable } from '../checked-table.ts'
import { decodeCursor, encodeCursor, invalid } from '../cursor.ts'
import type { Page, UnreadableRow } from '../database.ts'
import type { Row } from '../row-size.ts'
import type { Value } from '../table.ts'
import { unreadableRow } from '../unreadable-row.ts'
import { checkLimit } from '../validate-query.ts'
import { fromItem, toAttribute } from './dynamodb-attribute-value.ts'
import { type DynamoDb, sendPatiently } from './dynamodb-client.ts'

/** One page of a table, as DynamoDB has it: up to 1 MB, so a page may be shorter than its limit and have a cursor all the same. */
export async function scanPage(
  db: DynamoDb,
  table: CheckedTable,
  given: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  signal?: AbortSignal,
): Promise<Page<Row>> {
  const identity = ['scan', table.name]
  const after = given.cursor === undefined ? undefined : decodeCursor(identity, given.cursor)
  const command = new db.commands.ScanCommand({
    TableName: db.physical(table),
    ConsistentRead: true,
    Limit: checkLimit(given.limit),
    ...(after && { ExclusiveStartKey: startKey(table, after) }),
  })
  const sent = sendPatiently(options => db.client.send(command, options), db.retries, signal)
  const { Items = [], LastEvaluatedKey } = await sent.catch((error: unknown) => {
    throw after !== undefined && isMmfError(error, 'database_row_invalid') ? invalid(error) : error
  })
  const rows: Row[] = []
  const unreadable: UnreadableRow[] = []
  for (const item of Items) {
    try {
      rows.push(fromItem(item))
    } catch (error) {
      const key = Object.fromEntries(table.key.flatMap(({ field }) => (item[field] ? [[field, item[field]]] : [])))
      unreadable.push(unreadableRow(table, fromItem(key as Record<string, AttributeValue>), error))
    }
  }
  const last = LastEvaluatedKey === undefined ? undefined : fromItem(LastEvaluatedKey)
  const position = last && table.key.map(({ field }) => last[field] as Value)
  return {
    rows,
    ...(unreadable.length === 0 ? {} : { unreadable }),
    ...(position === undefined ? {} : { cursor: encodeCursor(identity, position) }),
  }
}

const startKey = (table: CheckedTable, after: readonly Value[]): Record<string, AttributeValue> =>
  Object.fromEntries(table.key.map(({ field }, at) => [field, toAttribute(after[at] ?? '')]))
