import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import * as dynamo from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { type CloudEvent, isMmfError } from '@mmf/framework'
import { deliveryTable } from '@mmf/framework/embedded'
import { createTableInput, dynamoDbLocalMissing, startDynamoDbLocal } from '@mmf/framework/testing'
import { createDeadLetterFiling, type QueueEvent } from '../../layer/framework/src/aws/dead-letter-filing.ts'
import { createLambdaRedelivery } from '../../layer/framework/src/aws/lambda-redelivery.ts'
import { createDynamoDbDatabase } from '../../layer/framework/src/database/dynamodb/dynamodb-database.ts'
import { createDeadLetters, type DeadLetters } from '../../layer/framework/src/events/dead-letters.ts'
import { deadLettersContract } from '../../layer/framework/src/testing/dead-letters-contract.ts'

// Filing and replaying on AWS: the real clients against DynamoDB Local and a Lambda on loopback that takes asynchronous calls.

const skip = dynamoDbLocalMissing()
if (skip !== false) console.log(`dead letters on AWS adapters: ${skip}`)

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const region = 'eu-central-1'
const queue = 'demo-testing-toy-ear-dead-letters'
const subscriber = 'ear:toy.rang.v1'

/** Takes calls as Lambda does, and keeps what was to be delivered. */
async function startFakeLambda() {
  const taken: { readonly function: string; readonly payload: { readonly detail: CloudEvent } }[] = []
  const state = { status: 202 }
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    assert.equal(request.headers['x-amz-invocation-type'], 'Event')
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '')?.[1] ?? ''
    if (state.status === 202) taken.push({ function: name, payload: JSON.parse(body) })
    response.writeHead(state.status, { 'content-type': 'application/json' }).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new LambdaClient({ region, endpoint, credentials, maxAttempts: 1 })
  const close = async () => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  }
  return { client, taken, state, close }
}

type Lambda = Awaited<ReturnType<typeof startFakeLambda>>

/** The record that Lambda sends to the queue when the function failed on an event for the last time. */
function failedCall(payload: unknown, errorType = 'TypeError'): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: '2026-01-01T00:00:00.000Z',
    requestContext: {
      requestId: 'r',
      functionArn: `arn:aws:lambda:${region}:1:function:demo-testing-toy-ear:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 2,
    },
    requestPayload: payload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType, errorMessage: 'cannot hear', trace: [] },
  })
}

const delivered = (event: CloudEvent) => ({ 'detail-type': event.type, source: event.source, detail: event })

let messages = 0
const record = (body: string, more: Partial<QueueEvent['Records'][number]> = {}) => ({
  messageId: `m-${++messages}`,
  body,
  eventSourceARN: `arn:aws:sqs:${region}:1:${queue}`,
  ...more,
})

describe('on AWS', { skip }, () => {
  let client: dynamo.DynamoDBClient
  let closers: (() => unknown)[] = []
  let tables = 0
  before(async () => {
    if (skip !== false) return
    const local = await startDynamoDbLocal()
    client = new dynamo.DynamoDBClient({ endpoint: local.endpoint, region, credentials })
    closers = [() => local.stop(), () => client.destroy()]
  })
  after(async () => {
    for (const close of closers.reverse()) await close()
  })

  async function open() {
    const name = `Deliveries-${++tables}`
    await client.send(new dynamo.CreateTableCommand(createTableInput(deliveryTable, name)))
    const lambda = await startFakeLambda()
    const clock = { now: () => new Date() }
    const dynamodb = { client, commands: dynamo }
    const file = await createDeadLetterFiling({
      dynamodb,
      env: {
        MMF_TABLES: JSON.stringify({ event_deliveries: name }),
        MMF_DEAD_LETTERS: JSON.stringify({ [queue]: 'ear' }),
        MMF_EVENT_ATTEMPTS: JSON.stringify({ [subscriber]: '10' }),
      },
    })
    const database = createDynamoDbDatabase({ ...dynamodb, clock, tableNames: { event_deliveries: name } })
    await database.open([deliveryTable])
    const redeliver = createLambdaRedelivery({
      lambda: { client: lambda.client, commands: { InvokeCommand } },
      subscribers: { ear: 'demo-testing-toy-ear' },
    })
    const deadLetters = createDeadLetters({ database, clock, redeliver })
    closers.push(lambda.close)
    return { file, deadLetters, lambda, name }
  }

  deadLettersContract('queue, table and Lambda', async () => {
    const { file, deadLetters, lambda } = await open()
    const heard: string[] = []
    let deaf = false
    const deliver = async (payload: { readonly detail: CloudEvent }) => {
      if (!deaf) heard.push(payload.detail.id)
      else assert.deepEqual(await file({ Records: [record(failedCall(payload))] }), { batchItemFailures: [] })
    }
    return {
      deadLetters,
      subscriber,
      heard,
      setDeaf(now) {
        deaf = now
      },
      async send(events) {
        for (const event of events) await deliver(delivered(event))
      },
      async settle() {
        for (const call of lambda.taken.splice(0)) {
          assert.equal(call.function, 'demo-testing-toy-ear')
          await deliver(call.payload)
        }
      },
      close: async () => {},
    }
  })

  describe('in particular', () => {
    let lambda: Lambda
    let deadLetters: DeadLetters
    let file: (event: QueueEvent) => Promise<unknown>
    const event = (id: string): CloudEvent => ({
      specversion: '1.0',
      id,
      source: '/plugins/toy/services/tower',
      type: 'toy.rang.v1',
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      correlationid: 'c',
      data: {},
    })
    const listed = async (id: string) =>
      (await deadLetters.list({ limit: 1000 })).rows.filter(row => row.event.id === id)
    const none = { batchItemFailures: [] }

    before(async () => {
      ;({ lambda, deadLetters, file } = await open())
    })

    test('an event that EventBridge could not deliver is filed too, with its reason', async () => {
      const messageAttributes = {
        ERROR_CODE: { stringValue: 'NO_PERMISSIONS' },
        RETRY_ATTEMPTS: { stringValue: '4' },
      }
      const body = JSON.stringify({ version: '0', id: 'x', ...delivered(event('bus')) })
      assert.deepEqual(await file({ Records: [record(body, { messageAttributes })] }), none)
      const [letter] = await listed('bus')
      assert.deepEqual([letter?.subscriber, letter?.attempts, letter?.lastError], [subscriber, 5, 'NO_PERMISSIONS'])
    })

    test('an event that its queue delivered in vain as often as its handlers declare is filed with that number', async () => {
      const body = JSON.stringify({ version: '0', id: 'x', ...delivered(event('in vain')) })
      assert.deepEqual(await file({ Records: [record(body)] }), none)
      const [letter] = await listed('in vain')
      assert.deepEqual([letter?.subscriber, letter?.attempts, letter?.lastError], [subscriber, 10, 'RetriesExhausted'])
    })

    test('the same message twice is one letter, also when it was replayed in between', async () => {
      const message = record(failedCall(delivered(event('twice'))))
      assert.deepEqual(await file({ Records: [message, message] }), none)
      assert.equal((await listed('twice')).length, 1)
      await deadLetters.replay({ eventId: 'twice', subscriber })
      assert.deepEqual(await file({ Records: [message] }), none)
      assert.deepEqual(await listed('twice'), [])
      assert.equal(lambda.taken.splice(0).length, 1)
    })

    test('what Lambda does not take stays a dead letter', async () => {
      await file({ Records: [record(failedCall(delivered(event('refused'))))] })
      for (const status of [500, 200]) {
        lambda.state.status = status
        await assert.rejects(deadLetters.replay({ eventId: 'refused', subscriber }), error =>
          isMmfError(error, 'service_unavailable'),
        )
        assert.equal((await listed('refused')).length, 1)
      }
      lambda.state.status = 202
      await deadLetters.replay({ eventId: 'refused', subscriber })
      assert.deepEqual(
        lambda.taken.splice(0).map(call => call.payload),
        [delivered(event('refused'))],
      )
      assert.deepEqual(await listed('refused'), [])
    })

    test('one that cannot be read stays in its queue, and keeps back no other', async () => {
      const wrong = [
        record('not JSON'),
        record('{}'),
        record(JSON.stringify({ 'detail-type': 'x', detail: { id: 'no event' } })),
        record(failedCall(delivered(event('elsewhere'))), { eventSourceARN: 'arn:aws:sqs:eu-central-1:1:unknown' }),
      ]
      const answer = await file({ Records: [...wrong, record(failedCall(delivered(event('good'))))] })
      assert.deepEqual(answer, { batchItemFailures: wrong.map(({ messageId }) => ({ itemIdentifier: messageId })) })
      assert.equal((await listed('good')).length, 1)
    })

    test('the text of an error is not kept, and a run of a schedule is no letter', async () => {
      await file({ Records: [record(failedCall(delivered(event('text')), 'secret of somebody'))] })
      assert.equal((await listed('text'))[0]?.lastError, 'unknown')
      const before = (await deadLetters.list({ limit: 1000 })).rows.length
      const run = record(failedCall({ mmf: 'schedule', operation: 'ear.listen' }))
      assert.deepEqual(await file({ Records: [run] }), none)
      assert.equal((await deadLetters.list({ limit: 1000 })).rows.length, before)
    })

    test('while the table does not answer nothing leaves the queue', async () => {
      const down = await createDeadLetterFiling({
        dynamodb: { client, commands: dynamo },
        env: { MMF_TABLES: '{"event_deliveries":"NoSuchTable"}', MMF_DEAD_LETTERS: JSON.stringify({ [queue]: 'ear' }) },
      })
      const message = record(failedCall(delivered(event('down'))))
      assert.deepEqual(await down({ Records: [message] }), {
        batchItemFailures: [{ itemIdentifier: message.messageId }],
      })
    })
  })
})
