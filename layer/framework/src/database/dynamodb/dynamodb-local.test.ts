// @alone it waits for a JVM, and the other files of its package need not
import { after, before } from 'node:test'
import * as sdk from '@aws-sdk/client-dynamodb'
import { cacheTable } from '../../cache/cache-table.ts'
import { createTwoLevelCache } from '../../cache/two-level-cache.ts'
import type { Clock } from '../../clock/clock.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { createIds } from '../../ids/uuid-v7.ts'
import { cacheContract } from '../../testing/cache-contract.ts'
import { databaseContract } from '../../testing/database-contract.ts'
import { type DynamoDbLocal, dynamoDbLocalMissing, startDynamoDbLocal } from '../../testing/dynamodb-local.ts'
import { createTableInput } from '../../testing/dynamodb-tables.ts'
import { idempotencyContract } from '../../testing/idempotency-contract.ts'
import { createRecordingLogger } from '../../testing/recording-logger.ts'
import type { DatabaseAdapter } from '../database.ts'
import type { AnyTable } from '../table.ts'
import { createDynamoDbDatabase } from './dynamodb-database.ts'

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

if (!skip) {
  cacheContract('DynamoDB Local', async ({ clock, freshnessMs }) => {
    const database = await makeAdapter({ clock, tables: [cacheTable] })
    await database.open([cacheTable])
    let broken = false
    const cut = <T>(work: Promise<T>): Promise<T> =>
      broken ? work.then(() => Promise.reject(new MmfError('database_unavailable'))) : work
    const breakable: DatabaseAdapter = {
      ...database,
      getMany: (table, keys, options) => cut(database.getMany(table, keys, options)),
      // What is cut off is never sent.
      write: (write, options) => cut(broken ? Promise.resolve() : database.write(write, options)),
    }
    const ids = createIds({ clock })
    const logger = createRecordingLogger()
    const make = () => createTwoLevelCache({ database: breakable, clock, ids, logger, freshnessMs })
    return {
      here: make(),
      there: make(),
      breakShared(down) {
        broken = down
      },
      close: () => database.close(),
    }
  })
}
