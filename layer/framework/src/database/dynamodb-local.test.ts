import { after, before } from 'node:test'
import * as sdk from '@aws-sdk/client-dynamodb'
import type { Clock } from '../clock/clock.ts'
import { databaseContract } from '../testing/database-contract.ts'
import { type DynamoDbLocal, dynamoDbLocalMissing, startDynamoDbLocal } from '../testing/dynamodb-local.ts'
import { createTableInput } from '../testing/dynamodb-tables.ts'
import { idempotencyContract } from '../testing/idempotency-contract.ts'
import { createDynamoDbDatabase } from './dynamodb-database.ts'
import type { AnyTable } from './table.ts'

const skip = dynamoDbLocalMissing()
if (skip) console.log(skip)

let local: DynamoDbLocal | undefined
let client: sdk.DynamoDBClient | undefined

before(async () => {
  if (skip) return
  local = await startDynamoDbLocal()
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  client = new sdk.DynamoDBClient({ endpoint: local.endpoint, region: 'eu-west-1', credentials })
})
after(async () => {
  client?.destroy()
  await local?.stop()
})

/** Creates the tables and hands over an adapter for them. */
async function makeAdapter({ clock, tables }: { clock: Clock; tables: readonly AnyTable[] }) {
  if (client === undefined) throw new Error('DynamoDB Local is not running')
  const tableNames = (name: string) => `test-${name}`
  for (const table of tables) {
    await client.send(new sdk.CreateTableCommand(createTableInput(table, tableNames(table.name))))
  }
  return createDynamoDbDatabase({ client, commands: sdk, clock, tableNames })
}

databaseContract('DynamoDB Local', makeAdapter, { skip, programs: 8 })
idempotencyContract('DynamoDB Local', makeAdapter, { skip })
