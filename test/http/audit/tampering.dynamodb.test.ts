import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as sdk from '@aws-sdk/client-dynamodb'
import { type AnyTable, type DatabaseAdapter, systemClock } from '@mmf/framework'
import { readCheckpoint, readNote, readNoteKey } from '@mmf/framework/transparency'
import { readAuditLine } from '../../../cli/audit/audit-lines.ts'
import { verifyAuditLog } from '../../../cli/audit/verify-audit-log.ts'
import { createDynamoDbDatabase } from '../../../layer/framework/src/database/dynamodb/dynamodb-database.ts'
import {
  type DynamoDbLocal,
  dynamoDbLocalMissing,
  startDynamoDbLocal,
} from '../../../layer/framework/src/testing/dynamodb-local.ts'
import { createTableInput } from '../../../layer/framework/src/testing/dynamodb-tables.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

const skip = dynamoDbLocalMissing()
if (skip) console.log(skip)

type Item = Record<string, sdk.AttributeValue>

const physical = (name: string) => `tampering-${name}`
const signatureIds: string[] = []
let local: DynamoDbLocal | undefined
let marty: TestPlatform
let client: sdk.DynamoDBClient
let trust: Parameters<typeof verifyAuditLog>[1]

/** The platform as it is on this machine, its rows in DynamoDB. */
const inDynamoDb = (sqlite: DatabaseAdapter): DatabaseAdapter => {
  const dynamo = createDynamoDbDatabase({ client, commands: sdk, clock: systemClock, tableNames: physical })
  return {
    ...dynamo,
    async open(tables: readonly AnyTable[]) {
      for (const table of tables) {
        await client.send(new sdk.CreateTableCommand(createTableInput(table, physical(table.name))))
      }
      await dynamo.open(tables)
    },
    async close() {
      await dynamo.close()
      await sqlite.close()
    },
  }
}

before(async () => {
  if (skip) return
  local = await startDynamoDbLocal()
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  client = new sdk.DynamoDBClient({ endpoint: local.endpoint, region: 'eu-west-1', credentials })
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256'), wrap: { database: inDynamoDb } })
  for (const n of [0, 1, 2]) signatureIds.push(await sign(`document ${n}`))
  const made = await marty.request('POST', '/v1/audit/checkpoints', { token: auditor(), body: {} })
  assert.equal(made.status, 201, made.text)
  const key = readNoteKey((await marty.request('GET', '/v1/audit/keys')).json.keys[0].verifierKey)
  const earlier = readCheckpoint(readNote(made.text)?.text ?? '')
  assert.ok(key && earlier)
  trust = { keys: [key], earlier: [earlier] }
})
after(async () => {
  await marty?.stop()
  client?.destroy()
  await local?.stop()
})

const auditor = () => marty.token({ subject: 'auditor-1', roles: ['auditor'], permissions: [] })

async function sign(text: string): Promise<string> {
  const body = { document: Buffer.from(text).toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }
  const { status, json } = await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })
  assert.equal(status, 201)
  return json.signatureId
}

/** What an auditor without access to the table finds in an export. */
async function findings(): Promise<readonly string[]> {
  let text = ''
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const body = cursor === undefined ? {} : { cursor }
    const { status, json, text: answer } = await marty.request('POST', '/v1/audit/exports', { token: auditor(), body })
    assert.equal(status, 201, answer)
    text += await (await fetch(json.url)).text()
    cursor = json.cursor
  }
  async function* lines() {
    for (const [at, line] of text.trimEnd().split('\n').entries()) yield readAuditLine(line, at + 1)
  }
  return (await verifyAuditLog(lines(), trust)).findings.map(({ what, problem }) => `${what} ${problem}`)
}

const put = (table: string, item: Item) =>
  client.send(new sdk.PutItemCommand({ TableName: physical(table), Item: item }))
const remove = (table: string, item: Item, key: readonly string[]) =>
  client.send(
    new sdk.DeleteItemCommand({
      TableName: physical(table),
      Key: Object.fromEntries(key.flatMap(name => (item[name] === undefined ? [] : [[name, item[name]]]))),
    }),
  )
const items = async (table: string): Promise<Item[]> =>
  (await client.send(new sdk.ScanCommand({ TableName: physical(table) }))).Items ?? []

async function signature(at: number): Promise<Item> {
  const found = (await items('signature_records')).find(({ signatureId }) => signatureId?.S === signatureIds[at])
  assert.ok(found)
  return found
}

/** Another value of the same type. */
function changed(value: sdk.AttributeValue): sdk.AttributeValue {
  if (value.S !== undefined) return { S: `${value.S}x` }
  if (value.N !== undefined) return { N: String(Number(value.N) + 1) }
  if (value.B !== undefined) return { B: value.B.map(byte => byte ^ 1) }
  throw new Error(`no other value than ${JSON.stringify(value)}`)
}

const named = (at: number) => `signature_records {"signatureId":"${signatureIds[at]}"}`

describe('what is done to the table past the platform', { skip }, () => {
  it('nothing: the log is intact', async () => {
    assert.deepEqual(await findings(), [])
  })

  it('each changed, removed or added attribute of a record is found, and the record named', async () => {
    const item = await signature(0)
    const columns = Object.keys(item).filter(name => name !== 'signatureId')
    assert.ok(columns.length >= 8, columns.join())
    for (const column of columns) {
      const { [column]: value = { NULL: true }, ...rest } = item
      for (const tampered of [{ ...rest, [column]: changed(value) }, rest]) {
        await put('signature_records', tampered)
        const [finding, ...more] = await findings()
        assert.deepEqual(more, [])
        assert.match(finding ?? '', /was changed|cannot be read/, column)
        assert.equal(finding?.startsWith(named(0)), true, finding)
      }
    }
    await put('signature_records', { ...item, added: { S: 'x' } })
    assert.match((await findings()).join(), /was changed/)
    await put('signature_records', item)
  })

  it('a removed record and an inserted one are found', async () => {
    const item = await signature(1)
    await remove('signature_records', item, ['signatureId'])
    assert.match((await findings()).join(), new RegExp(`^.*${signatureIds[1]}"} is missing: it was removed`))
    await put('signature_records', { ...item, signatureId: { S: '01900000-0000-7000-8000-000000000000' } })
    const both = await findings()
    assert.equal(both.length, 2)
    assert.match(both.join('\n'), /000000000000"} is not in the log: it was inserted past it/)
    await remove('signature_records', { signatureId: { S: '01900000-0000-7000-8000-000000000000' } }, ['signatureId'])
    await put('signature_records', item)
  })

  it('records whose contents were swapped are found, both', async () => {
    const [first, second] = [await signature(0), await signature(1)]
    await put('signature_records', { ...second, signatureId: first['signatureId'] ?? { S: '' } })
    await put('signature_records', { ...first, signatureId: second['signatureId'] ?? { S: '' } })
    const found = (await findings()).join('\n')
    for (const at of [0, 1]) assert.ok(found.includes(`${named(at)} was changed`), found)
    await put('signature_records', first)
    await put('signature_records', second)
  })

  it('a key that was dated back is found, and the column named', async () => {
    const key = (await items('key_catalogue')).find(({ keyId }) => keyId?.S?.startsWith('document_signer'))
    assert.ok(key)
    await put('key_catalogue', { ...key, createdAt: { S: '2020-01-01T00:00:00.000Z' } })
    assert.match((await findings()).join(), /^key_catalogue .* was changed: createdAt/)
    await put('key_catalogue', key)
  })

  it('an API key that was given a role, or its revocation taken back, is found', async () => {
    const token = marty.token({ subject: 'admin', roles: ['access_administrator'], permissions: [] })
    const body = { holder: 'importer' }
    const made = await marty.request('POST', '/platform/api-keys', { token, body })
    assert.equal(made.status, 201, made.text)
    const [live] = await items('api_keys')
    assert.ok(live)
    await put('api_keys', { ...live, roles: { L: [{ S: 'trust_administrator' }] } })
    assert.match((await findings()).join(), /^api_keys .* was changed: roles/)
    await put('api_keys', live)
    const revoked = await marty.request('DELETE', `/platform/api-keys/${live['id']?.S}`, { token })
    assert.equal(Math.floor(revoked.status / 100), 2, revoked.text)
    assert.deepEqual(await findings(), [])
    const [ended] = await items('api_keys')
    await put('api_keys', live)
    assert.match((await findings()).join(), /^api_keys .* was changed: .*revokedAt/)
    await put('api_keys', ended ?? live)
  })

  it('a leaf that was changed before it had its place is found', async () => {
    const added = await sign('waiting')
    const [waiting, ...others] = await items('audit_log_waiting')
    assert.ok(waiting)
    assert.deepEqual(others, [])
    const leaf = waiting['leaves']?.L?.[0]?.S ?? ''
    const other = leaf.replace(/"row":"[0-9a-f]/, digit => digit.replace(/.$/, last => (last === '0' ? '1' : '0')))
    assert.notEqual(other, leaf)
    await put('audit_log_waiting', { ...waiting, leaves: { L: [{ S: other }] } })
    assert.match((await findings()).join(), new RegExp(`${added}"} was changed`))
    assert.equal((await findings()).length, 1)
  })

  it('a log whose last leaf was taken back is not signed again', async () => {
    const [state] = await items('audit_log_state')
    const [row] = (await items('audit_log_entries')).sort((a, b) => Number(b['index']?.N) - Number(a['index']?.N))
    assert.ok(state && row)
    await remove('audit_log_entries', row, ['bundle', 'index'])
    const less = { N: row['index']?.N ?? '' }
    await put('audit_log_state', { ...state, size: less, published: { N: '0' }, checkpoint: { S: '' } })
    await sign('another history')
    const { status, json } = await marty.request('POST', '/v1/audit/checkpoints', { token: auditor(), body: {} })
    assert.deepEqual([status, json.code], [500, 'database_row_invalid'])
  })
})
