import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Write } from '../database.ts'
import { type CheckedWrite, checkToken, checkWrites } from '../validate-write.ts'
import { toItem } from './dynamodb-attribute-value.ts'
import { type DynamoDb, sendPatiently } from './dynamodb-client.ts'
import { conditionExpression, Placeholders, updateExpression } from './dynamodb-expression.ts'

/** All or nothing. */
export async function transact(
  db: DynamoDb,
  writes: readonly Write[],
  token?: string,
  signal?: AbortSignal,
): Promise<void> {
  const checked = checkWrites(writes)
  const ClientRequestToken = checkToken(token)
  const now = db.now()
  const command = new db.commands.TransactWriteItemsCommand({
    TransactItems: checked.map(write => transactWriteItem(write, db.physical(write.table), now)),
    ...defined({ ClientRequestToken }),
  })
  await sendPatiently(options => db.client.send(command, options), db.retries, signal)
}

/** One write, which costs half of what a transaction of one costs. */
export async function writeOne(db: DynamoDb, given: Write, signal?: AbortSignal): Promise<void> {
  const [write] = checkWrites([given])
  if (write === undefined) return
  const { client, commands } = db
  const { Put, Update, Delete } = transactWriteItem(write, db.physical(write.table), db.now())
  await sendPatiently<unknown>(
    options => {
      if (Put !== undefined) return client.send(new commands.PutItemCommand(Put), options)
      if (Update !== undefined) return client.send(new commands.UpdateItemCommand(Update), options)
      if (Delete !== undefined) return client.send(new commands.DeleteItemCommand(Delete), options)
      throw new MmfError('internal_error', { detail: 'a check is carried out as a transaction' })
    },
    db.retries,
    signal,
  )
}

/** One write in the form that transactions take; a single write takes the same members. `now` is in seconds. */
function transactWriteItem(write: CheckedWrite, tableName: string, now: number): TransactWriteItem {
  const placeholders = new Placeholders()
  const update = write.kind === 'update' ? updateExpression(write, placeholders) : ''
  const condition = conditionExpression(write.table, write.when, now, placeholders)
  const conditional = defined({ ConditionExpression: condition })
  const common = { TableName: tableName, ...conditional, ...placeholders.members() }
  const Key = toItem(write.key)
  switch (write.kind) {
    case 'put':
      return { Put: { ...common, Item: toItem(write.row) } }
    case 'update':
      return { Update: { ...common, Key, UpdateExpression: update } }
    case 'remove':
      return { Delete: { ...common, Key } }
    case 'check':
      return { ConditionCheck: { ...common, Key, ConditionExpression: condition ?? '' } }
  }
}
