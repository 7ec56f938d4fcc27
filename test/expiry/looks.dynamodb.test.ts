import { after, before } from 'node:test'
import * as sdk from '@aws-sdk/client-dynamodb'
import { createDynamoDbDatabase } from '../../layer/framework/src/database/dynamodb/dynamodb-database.ts'
import {
  type DynamoDbLocal,
  dynamoDbLocalMissing,
  startDynamoDbLocal,
} from '../../layer/framework/src/testing/dynamodb-local.ts'
import { createTableInput } from '../../layer/framework/src/testing/dynamodb-tables.ts'
import { expiryTables } from './expiry-set.ts'
import { looksContract } from './looks-contract.ts'

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

looksContract(
  'DynamoDB Local',
  async ({ clock }) => {
    if (client === undefined) throw new Error('DynamoDB Local is not running')
    const tableNames = (name: string) => `expiry-${name}`
    for (const table of expiryTables) {
      await client.send(new sdk.CreateTableCommand(createTableInput(table, tableNames(table.name))))
    }
    const database = createDynamoDbDatabase({ client, commands: sdk, clock, tableNames })
    await database.open(expiryTables)
    return database
  },
  { skip, brief: true },
)
