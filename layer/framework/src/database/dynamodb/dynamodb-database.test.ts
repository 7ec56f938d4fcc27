import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as sdk from '@aws-sdk/client-dynamodb'
import type { ErrorCode } from '../../errors/catalogue.ts'
import { failure } from '../../testing/database/harness.ts'
import { documents, entries } from '../../testing/database/tables.ts'
import { createManualClock } from '../../testing/manual-clock.ts'
import { insert, put, update } from '../write.ts'
import { createDynamoDbDatabase } from './dynamodb-database.ts'

type Sent = { readonly name: string; readonly input: Record<string, unknown>; readonly signal: AbortSignal | undefined }

/** A client that answers from a script and remembers what it was asked. */
function scripted(...answers: readonly unknown[]) {
  const sent: Sent[] = []
  const slept: number[] = []
  const client = {
    async send(command: { input: object }, options?: { abortSignal?: AbortSignal }) {
      sent.push({
        name: command.constructor.name,
        input: command.input as Record<string, unknown>,
        signal: options?.abortSignal,
      })
      const answer = answers[Math.min(sent.length, answers.length) - 1]
      if (answer instanceof Error) throw answer
      return answer
    },
  } as unknown as sdk.DynamoDBClient
  const database = createDynamoDbDatabase({
    client,
    commands: sdk,
    clock: createManualClock(),
    tableNames: { contract_documents: 'prod-Documents', contract_entries: 'prod-Entries' },
    retries: { attempts: 3, random: () => 0.5, sleep: async milliseconds => void slept.push(milliseconds) },
  })
  return { database, sent, slept }
}

const named = (name: string, more: object = {}) => Object.assign(new Error(`${name} happened`), { name }, more)
const cancelled = (...codes: string[]) =>
  named('TransactionCanceledException', { CancellationReasons: codes.map(Code => ({ Code })) })

describe('DynamoDB errors', () => {
  const cases: readonly (readonly [Error, ErrorCode])[] = [
    [named('ConditionalCheckFailedException'), 'database_conflict'],
    [named('ProvisionedThroughputExceededException'), 'database_unavailable'],
    [named('ThrottlingException'), 'database_unavailable'],
    [named('InternalServerError'), 'database_unavailable'],
    [named('TimeoutError'), 'database_unavailable'],
    [named('ResourceNotFoundException'), 'database_unavailable'],
    [named('AccessDeniedException'), 'database_unavailable'],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'database_unavailable'],
    [
      Object.assign(named('ValidationException'), {
        message: 'Item size to update has exceeded the maximum allowed size',
      }),
      'database_limit_exceeded',
    ],
    [named('ValidationException'), 'database_row_invalid'],
    [named('ItemCollectionSizeLimitExceededException'), 'database_limit_exceeded'],
  ]
  for (const [thrown, code] of cases) {
    it(`${thrown.name} (${thrown.message}) is ${code}`, async () => {
      const { database, sent } = scripted(thrown)
      const error = await failure(database.write(put(documents, { id: 'a' })), code)
      assert.equal(error.cause, thrown)
      assert.equal(sent.length, 1)
    })
  }

  it('names the positions of failed conditions, also beside conflicts with other transactions', async () => {
    const writes = ['a', 'b', 'c'].map(id => insert(documents, { id }))
    const failed = async (...codes: string[]) =>
      (await failure(scripted(cancelled(...codes)).database.transaction(writes), 'database_conflict')).members['failed']
    assert.deepEqual(await failed('None', 'ConditionalCheckFailed', 'ConditionalCheckFailed'), [1, 2])
    assert.deepEqual(await failed('TransactionConflict', 'None', 'ConditionalCheckFailed'), [2])
    await failure(scripted(cancelled('ThrottlingError')).database.transaction(writes), 'database_unavailable')
    await failure(scripted(cancelled('ValidationError')).database.transaction(writes), 'database_row_invalid')
  })
})

describe('DynamoDB retries', () => {
  it('repeats what another transaction holds up, with back-off and jitter, a bounded number of times', async () => {
    const patient = scripted(cancelled('TransactionConflict', 'None'), named('TransactionInProgressException'), {})
    await patient.database.transaction([put(documents, { id: 'a' })], { token: 't' })
    assert.deepEqual(patient.slept, [25, 50])
    assert.deepEqual(
      patient.sent.map(({ input }) => input['ClientRequestToken']),
      ['t', 't', 't'],
    )
    const hopeless = scripted(named('TransactionConflictException'))
    await failure(hopeless.database.write(put(documents, { id: 'a' })), 'database_unavailable')
    assert.equal(hopeless.sent.length, 3)
  })

  it('asks again for unprocessed keys, and gives up when nothing moves', async () => {
    const item = (id: string) => ({ id: { S: id } })
    const rest = { 'prod-Documents': { Keys: [item('b')] } }
    const moving = scripted(
      { Responses: { 'prod-Documents': [item('a')] }, UnprocessedKeys: rest },
      { Responses: {}, UnprocessedKeys: rest },
      { Responses: { 'prod-Documents': [item('b')] } },
    )
    assert.deepEqual(await moving.database.getMany(documents, [{ id: 'a' }, { id: 'b' }]), [{ id: 'a' }, { id: 'b' }])
    assert.deepEqual(moving.sent[1]?.input['RequestItems'], rest)
    const stuck = scripted({ Responses: {}, UnprocessedKeys: rest })
    await failure(stuck.database.getMany(documents, [{ id: 'b' }]), 'database_unavailable')
    assert.equal(stuck.sent.length, 3)
  })

  it('hands the signal to the client and answers deadline_exceeded when it aborts meanwhile', async () => {
    const controller = new AbortController()
    const slow = scripted(named('AbortError'))
    const work = slow.database.get(documents, { id: 'a' }, { signal: controller.signal })
    controller.abort()
    await failure(work, 'deadline_exceeded')
    assert.equal(slow.sent[0]?.signal, controller.signal)
  })
})

describe('DynamoDB requests', () => {
  it('use physical names and strongly consistent reads of tables, eventual ones of indexes', async () => {
    const { database, sent } = scripted({})
    await database.open([documents, entries])
    await database.get(documents, { id: 'a' })
    await database.query(entries, { partition: 'a' })
    await database.query(entries, { partition: 'a', index: 'by_text' })
    await database.ping()
    assert.deepEqual(
      sent.map(({ name, input }) => [name, input['TableName'], input['ConsistentRead']]),
      [
        ['GetItemCommand', 'prod-Documents', true],
        ['QueryCommand', 'prod-Entries', true],
        ['QueryCommand', 'prod-Entries', undefined],
        ['GetItemCommand', 'prod-Documents', true],
      ],
    )
  })

  it('never spell a field name or value in an expression', async () => {
    const { database, sent } = scripted({})
    await database.write(update(documents, { id: 'a' }, { order: 'size' }, { when: { text: { beginsWith: 'x' } } }))
    assert.equal(sent[0]?.input['UpdateExpression'], 'SET #n0 = :v0')
    assert.equal(sent[0]?.input['ConditionExpression'], 'attribute_exists(#n1) AND begins_with(#n2, :v1)')
    assert.deepEqual(sent[0]?.input['ExpressionAttributeNames'], { '#n0': 'order', '#n1': 'id', '#n2': 'text' })
  })

  it('fail when the deployment gave no name for a table', async () => {
    const { client } = { client: new sdk.DynamoDBClient({ region: 'eu-west-1' }) }
    const nameless = createDynamoDbDatabase({ client, commands: sdk, clock: createManualClock(), tableNames: {} })
    const error = await failure(nameless.open([documents]), 'database_unavailable')
    assert.match(error.message, /contract_documents/)
    client.destroy()
  })
})
