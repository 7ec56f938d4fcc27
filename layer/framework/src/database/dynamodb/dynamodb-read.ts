import type { AttributeValue, KeysAndAttributes } from '@aws-sdk/client-dynamodb'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { type CheckedTable, parseRow } from '../checked-table.ts'
import { collectPage, type StoredRow } from '../collect-page.ts'
import { invalid } from '../cursor.ts'
import type { Page } from '../database.ts'
import { identityOf } from '../get-many.ts'
import type { Row } from '../row-size.ts'
import type { CheckedQuery } from '../validate-query.ts'
import { fromItem, toAttribute, toItem } from './dynamodb-attribute-value.ts'
import { type DynamoDb, pause, sendPatiently } from './dynamodb-client.ts'
import { keyConditionExpression, Placeholders } from './dynamodb-expression.ts'

export async function getOne(db: DynamoDb, table: CheckedTable, key: Row, signal?: AbortSignal) {
  const command = new db.commands.GetItemCommand({
    TableName: db.physical(table),
    Key: toItem(key),
    ConsistentRead: true,
  })
  const { Item } = await sendPatiently(options => db.client.send(command, options), db.retries, signal)
  const row = Item === undefined ? undefined : fromItem(Item)
  return row === undefined || !isLive(table, row, db.now()) ? undefined : parseRow(table, row)
}

/** Rows in the order of the keys. A key given twice is asked for once, as DynamoDB wants it. */
export async function getMany(db: DynamoDb, table: CheckedTable, keys: readonly Row[], signal?: AbortSignal) {
  const identity = identityOf(table)
  const distinct = [...new Map(keys.map(key => [identity(key), key])).values()]
  if (distinct.length === 0) return []
  const rows = await batchGet(db, db.physical(table), distinct, signal)
  const live = rows.filter(row => isLive(table, row, db.now()))
  const found = new Map(live.map(row => [identity(row), parseRow(table, row)]))
  return keys.map(key => found.get(identity(key)))
}

/** One page; asks DynamoDB again while expired rows or its own page size leave room. */
export async function queryPage(db: DynamoDb, query: CheckedQuery, signal?: AbortSignal): Promise<Page<Row>> {
  const collected = collectPage(query)
  if (query.empty) return collected.page()
  const placeholders = new Placeholders()
  const input = {
    TableName: db.physical(query.table),
    ...(query.index === undefined ? { ConsistentRead: true } : { IndexName: query.index }),
    KeyConditionExpression: keyConditionExpression(query, placeholders),
    ScanIndexForward: !query.descending,
    ...placeholders.members(),
  }
  let start = startKey(query)
  do {
    const command = new db.commands.QueryCommand({
      ...input,
      Limit: collected.wanted(),
      ...(start && { ExclusiveStartKey: start }),
    })
    const sent = sendPatiently(options => db.client.send(command, options), db.retries, signal)
    const answer = await sent.catch((error: unknown) => {
      // A forged position that the partition or range cannot hold; everything else was checked before.
      throw query.after !== undefined && isMmfError(error, 'database_row_invalid') ? invalid(error) : error
    })
    for (const stored of (answer.Items ?? []).map(item => storedRow(query, item))) {
      if (isLive(query.table, stored.row, db.now()) && collected.add(stored)) return collected.page()
    }
    start = answer.LastEvaluatedKey
  } while (start !== undefined)
  return collected.page()
}

/** An item with an attribute that this platform never writes is known by its keys. */
function storedRow({ table, place, partition }: CheckedQuery, item: Record<string, AttributeValue>): StoredRow {
  try {
    return { row: fromItem(item) }
  } catch (error) {
    const fields = new Set([partition, ...place, ...table.key].map(({ field }) => field))
    return { error, row: fromItem(Object.fromEntries(Object.entries(item).filter(([field]) => fields.has(field)))) }
  }
}

function startKey({ after, place, partition }: CheckedQuery): Record<string, AttributeValue> | undefined {
  if (after === undefined) return undefined
  const key = Object.fromEntries(after.map((value, i) => [place[i]?.field ?? '', toAttribute(value)]))
  // The query's own partition last: a cursor never leads into another one.
  return { ...key, [partition.field]: toAttribute(partition.value) }
}

/** DynamoDB removes expired rows within days; until then they are hidden here. */
function isLive(table: CheckedTable, row: Row, now: number): boolean {
  const expires = table.ttl === undefined ? undefined : row[table.ttl]
  return typeof expires !== 'number' || expires > now
}

/** Up to 100 rows by key, in no order. Keys that DynamoDB leaves unprocessed are asked for again. */
async function batchGet(
  { client, commands, retries }: DynamoDb,
  tableName: string,
  keys: readonly Row[],
  signal?: AbortSignal,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  let wanted: Record<string, KeysAndAttributes> = { [tableName]: { Keys: keys.map(toItem), ConsistentRead: true } }
  for (let attempt = 1; ; attempt++) {
    const command = new commands.BatchGetItemCommand({ RequestItems: wanted })
    const answer = await sendPatiently(options => client.send(command, options), retries, signal)
    const items = Object.values(answer.Responses ?? {}).flat()
    rows.push(...items.map(fromItem))
    wanted = answer.UnprocessedKeys ?? {}
    if (Object.keys(wanted).length === 0) return rows
    // An answer limited by size makes progress without being throttled; only an empty one counts.
    if (items.length > 0) attempt = 0
    else if (attempt >= retries.attempts) {
      throw new MmfError('database_unavailable', { detail: 'keys stayed unprocessed' })
    } else await pause(retries, attempt, signal)
  }
}
