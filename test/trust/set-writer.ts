import * as sdk from '@aws-sdk/client-dynamodb'
import type { DatabaseAdapter } from '@mmf/framework'
import { systemClock } from '../../layer/framework/src/clock/clock.ts'
import { createDynamoDbDatabase } from '../../layer/framework/src/database/dynamodb/dynamodb-database.ts'
import { createSqliteDatabase } from '../../layer/framework/src/database/sqlite/sqlite-database.ts'
import { manyCscas } from '../http/support/trust-anchors.fixture.ts'
import { physicalName, trustTables, writerOn, writeSet } from './trust-set.ts'

// A process to be killed: puts one set in force, begins another, and stands still in the middle of it. Arguments: `sqlite <file>` or
// `dynamodb <endpoint>`, how many certificates, after how many transactions of the second set. Prints `in force <generation>`, `half-way`.
const [kind = '', where = '', size = '', transactions = ''] = process.argv.slice(2)

function open(): DatabaseAdapter {
  if (kind === 'sqlite') return createSqliteDatabase({ file: where, clock: systemClock })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new sdk.DynamoDBClient({ endpoint: where, region: 'eu-west-1', credentials })
  return createDynamoDbDatabase({ client, commands: sdk, clock: systemClock, tableNames: physicalName })
}

const database = open()
await database.open(trustTables)
const certificates = manyCscas(Number(size))
const { generation } = await writeSet(writerOn(database, systemClock), certificates, `${process.pid}-1`)
process.stdout.write(`in force ${generation}\n`)

let left = Number(transactions)
const stopping: DatabaseAdapter = {
  ...database,
  async transaction(...given) {
    if (left-- <= 0) await standStill()
    await database.transaction(...given)
  },
}

/** Nobody comes back from here. */
function standStill(): Promise<never> {
  process.stdout.write('half-way\n')
  return new Promise(() => void setInterval(() => {}, 60_000))
}

await writeSet(writerOn(stopping, systemClock), certificates, `${process.pid}-2`)
