import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Clock } from '../../clock/clock.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { type CheckedTable, checkedTable, checkKey } from '../checked-table.ts'
import type { DatabaseAdapter } from '../database.ts'
import { checkKeyCount } from '../get-many.ts'
import type { Row } from '../row-size.ts'
import { checkQuery } from '../validate-query.ts'
import { type DynamoDb, type DynamoDbCommands, defaultRetries, type Retries } from './dynamodb-client.ts'
import { getMany, getOne, queryPage } from './dynamodb-read.ts'
import { scanPage } from './dynamodb-scan.ts'
import { transact, writeOne } from './dynamodb-write.ts'

export interface DynamoDbDatabaseOptions {
  readonly client: Pick<DynamoDBClient, 'send'>
  readonly commands: DynamoDbCommands
  readonly clock: Clock
  /** Physical names by logical name, as the deployment gives them, or a function. */
  readonly tableNames: Readonly<Record<string, string>> | ((name: string) => string)
  readonly retries?: Partial<Retries>
}

/**
 * The database on DynamoDB. Reads of tables are strongly consistent, reads of indexes eventually. What another transaction holds up is repeated a
 * few times with jitter; timeouts and throttling are left to the client's own retries, then `database_unavailable`.
 *
 * DynamoDB compares the whole request under a `token`, and a write to a table with ttl names the current second: its repeat in a later second is
 * `database_conflict` with nothing in `members.failed`. It never has a second effect.
 */
export function createDynamoDbDatabase(options: DynamoDbDatabaseOptions): DatabaseAdapter {
  const { client, commands, clock, tableNames } = options
  const db: DynamoDb = {
    client,
    commands,
    retries: { ...defaultRetries, ...options.retries },
    physical: table => physicalName(table, tableNames),
    now: () => Math.floor(clock.now().getTime() / 1000),
  }
  let opened: readonly CheckedTable[] = []

  return {
    /** Only looks up the physical names; asking for each table's description would cost every cold start. `ping` asks DynamoDB. */
    async open(tables) {
      opened = tables.map(checkedTable)
      opened.forEach(db.physical)
    },
    async ping() {
      const [first] = opened
      if (first === undefined) throw new MmfError('database_unavailable', { detail: 'no table was opened' })
      await getOne(db, first, probeKey(first))
    },
    async close() {},
    async get(table, key, { signal } = {}) {
      const checked = checkedTable(table)
      return (await getOne(db, checked, checkKey(checked, key), signal)) as never
    },
    async getMany(table, keys, { signal } = {}) {
      checkKeyCount(keys.length)
      const checked = checkedTable(table)
      const checkedKeys = keys.map(key => checkKey(checked, key))
      return (await getMany(db, checked, checkedKeys, signal)) as never
    },
    async query(table, query, { signal } = {}) {
      return (await queryPage(db, checkQuery(table, query), signal)) as never
    },
    async scan(table, { signal, ...page } = {}) {
      return scanPage(db, checkedTable(table), page, signal)
    },
    async write(write, { signal } = {}) {
      if (write.kind === 'check') await transact(db, [write], undefined, signal)
      else await writeOne(db, write, signal)
    },
    async transaction(writes, { token, signal } = {}) {
      await transact(db, writes, token, signal)
    },
  }
}

function physicalName(table: CheckedTable, names: DynamoDbDatabaseOptions['tableNames']): string {
  const name = typeof names === 'function' ? names(table.name) : names[table.name]
  if (name !== undefined && name !== '') return name
  throw new MmfError('database_unavailable', { detail: `no physical name for table ${table.name}` })
}

/** A key that no row has a reason to have. */
function probeKey(table: CheckedTable): Row {
  const values = { S: '\u0000ping', N: 0, B: new Uint8Array(1) } as const
  return Object.fromEntries(table.key.map(part => [part.field, values[part.type]]))
}
