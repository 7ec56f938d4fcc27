import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as dynamo from '@aws-sdk/client-dynamodb'
import * as bus from '@aws-sdk/client-eventbridge'
import { toItem } from '../database/dynamodb/dynamodb-attribute-value.ts'
import { type OutboxRow, pendingQueues } from '../events/outbox/outbox.ts'
import { isMmfError } from '../index.ts'
import { createOutboxSweeper } from './outbox-sweeper.ts'

const event = { id: 'e1', source: '/plugins/toys', type: 'toys.made.v1', time: '2026-01-01T00:00:00.000Z' }
const row = {
  id: event.id,
  status: 'pending',
  queue: 'pending-3',
  dueAt: event.time,
  attempts: 0,
  event: JSON.stringify(event),
} satisfies OutboxRow
const env = { MMF_EVENT_BUS: 'the-bus', MMF_TABLES: '{"outbox":"prod-Outbox"}', MMF_ENVIRONMENT: 'testing' }

/** One row lies in the outbox until it is claimed; the bus answers as told. */
function outbox(answer: bus.PutEventsCommandOutput['Entries']) {
  const rows = [row]
  const writes: dynamo.UpdateItemCommandInput[] = []
  const queues: unknown[] = []
  const entries: bus.PutEventsRequestEntry[] = []
  const database = {
    async send(command: { input: object }) {
      if (command instanceof dynamo.QueryCommand) {
        const { TableName, IndexName, ExpressionAttributeValues = {} } = command.input
        assert.deepEqual([TableName, IndexName], ['prod-Outbox', 'pending'])
        const queue = Object.values(ExpressionAttributeValues).find(({ S = '' }) => S.startsWith('pending-'))?.S
        queues.push(queue)
        return { Items: rows.filter(found => found.queue === queue).map(found => toItem(found)) }
      }
      assert.ok(command instanceof dynamo.UpdateItemCommand, command.constructor.name)
      writes.push(command.input)
      rows.length = 0
      return {}
    },
  }
  const eventbridge = {
    async send({ input }: bus.PutEventsCommand) {
      entries.push(...(input.Entries ?? []))
      return { Entries: answer }
    },
  }
  const options = {
    dynamodb: { client: database as unknown as dynamo.DynamoDBClient, commands: dynamo },
    eventbridge: { client: eventbridge as unknown as bus.EventBridgeClient, commands: bus },
    env,
  }
  return { options, writes, queues, entries }
}

describe('the function that sweeps the outbox', () => {
  it('publishes on the bus what lies in any queue, and marks it', async () => {
    const { options, writes, queues, entries } = outbox([{ EventId: '1' }])
    const sweep = await createOutboxSweeper(options)
    assert.deepEqual(await sweep(), { published: 1, failed: 0 })
    assert.deepEqual([...new Set(queues)], pendingQueues)
    assert.deepEqual(entries, [
      {
        EventBusName: 'the-bus',
        Source: event.source,
        DetailType: event.type,
        Detail: row.event,
        Time: new Date(event.time),
      },
    ])
    assert.equal(writes.length, 2)
    assert.ok(JSON.stringify(writes[1]).includes('delivered'))
    assert.deepEqual(await sweep(), { published: 0, failed: 0 })
  })

  it('counts what the bus refuses, and leaves it for a later sweep', async () => {
    const { options, writes } = outbox([{ ErrorCode: 'NotAuthorizedForSourceException' }])
    const sweep = await createOutboxSweeper(options)
    assert.deepEqual(await sweep(), { published: 0, failed: 1 })
    assert.equal(writes.length, 1)
    assert.ok(!JSON.stringify(writes).includes('delivered'))
  })

  it('does not start without a bus', async () => {
    const { options } = outbox([])
    const { MMF_EVENT_BUS: _, ...rest } = env
    await assert.rejects(createOutboxSweeper({ ...options, env: rest }), error => isMmfError(error, 'config_invalid'))
  })
})
