import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type * as sdk from '@aws-sdk/client-eventbridge'
import * as z from 'zod'
import { toItem } from '../database/dynamodb/dynamodb-attribute-value.ts'
import type { Row } from '../database/row-size.ts'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { table } from '../database/table.ts'
import { insert } from '../database/write.ts'
import { createIds } from '../ids/uuid-v7.ts'
import { failure } from '../testing/database/harness.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { createRecordingLogger } from '../testing/recording-logger.ts'
import { createDeadLetters } from './dead-letters.ts'
import { deliveryTable } from './delivery-table.ts'
import { createRelay } from './embedded/embedded-relay.ts'
import type { Subscriber } from './embedded/subscriber.ts'
import { createEventBridgePublisher } from './eventbridge/eventbridge-publisher.ts'
import { type CloudEvent, defineEvent } from './events.ts'
import { createEvents, type OutboxRow, outboxTable, pendingQueues } from './outbox/outbox.ts'
import { outboxRelay } from './outbox/outbox-relay.ts'
import { outboxSweeper } from './outbox/outbox-sweeper.ts'

const made = defineEvent({ name: 'made', version: 1, data: z.object({ n: z.int() }) })

/** The tables as any version of the code may have written them. */
const anything = {
  id: z.string(),
  queue: z.optional(z.string()),
  dueAt: z.optional(z.string()),
  expires: z.optional(z.int()),
}
const looseOutbox = table({ ...outboxTable, row: z.looseObject(anything) as unknown as typeof outboxTable.row })
const looseDeliveries = table({
  ...deliveryTable,
  row: z.looseObject({
    eventId: z.string(),
    subscriber: z.string(),
    queue: z.string(),
    dueAt: z.string(),
    expires: z.optional(z.int()),
  }) as unknown as typeof deliveryTable.row,
})

async function setUp(t: TestContext) {
  const clock = createManualClock()
  const database = createMemoryDatabase({ clock })
  t.after(() => database.close())
  await database.open([outboxTable, deliveryTable])
  const logger = createRecordingLogger()
  const counted: Record<string, number> = {}
  const metrics = {
    count(name: string, _labels: object, value = 1) {
      counted[name] = (counted[name] ?? 0) + value
    },
  }
  const events = createEvents({ plugin: 'toys', service: 'maker', clock, ids: createIds({ clock }) })
  const good = async (n: number): Promise<OutboxRow> => {
    const write = events.outbox(made, { n }, { correlationId: 'c' })
    assert.ok(write.kind === 'put')
    const row = { ...(write.row as OutboxRow), queue: pendingQueues[0] as string }
    await database.write(insert(outboxTable, row))
    return row
  }
  const poison = async (id: string, row: object) => {
    const dueAt = clock.now().toISOString()
    const whole = { id, status: 'pending', queue: pendingQueues[0], dueAt, attempts: 0, event: '{}', ...row }
    await database.write(insert(looseOutbox, whole as unknown as OutboxRow))
    return whole as unknown as OutboxRow
  }
  const letters = async () => {
    const { rows, unreadable = [] } = await createDeadLetters({ database, clock }).list()
    const named = rows.map(({ event, subscriber, lastError }) => [event.id, subscriber, lastError])
    return [...named, ...unreadable.map(({ id }) => [id])].toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))
  }
  return { clock, database, logger, metrics, counted, good, poison, letters }
}

/** What may lie in an outbox: no JSON, JSON that is no event, a time that is none, a row of another version. */
const broken: Readonly<Record<string, object>> = {
  'p1-no-json': { event: '{"specversion":"1.0",' },
  'p2-no-event': { event: 'null' },
  'p3-no-time': {
    event: '{"specversion":"1.0","id":"x","source":"/s","type":"toys.made.v1","time":"soon","correlationid":"c"}',
  },
  'p4-state': { status: 'parked' },
  'p5-attempts': { attempts: 'many' },
}
const reasons = [
  ['p1-no-json', 'outbox', 'event_invalid'],
  ['p2-no-event', 'outbox', 'event_invalid'],
  ['p3-no-time', 'outbox', 'event_invalid'],
  ['p4-state', 'outbox', 'database_row_invalid: status'],
  ['p5-attempts', 'outbox', 'database_row_invalid: attempts'],
]

async function pendingLeft(database: ReturnType<typeof createMemoryDatabase>): Promise<number> {
  const pages = await Promise.all(
    pendingQueues.map(partition => database.query(outboxTable, { index: 'pending', partition, unreadable: 'report' })),
  )
  return pages.reduce((sum, { rows, unreadable = [] }) => sum + rows.length + unreadable.length, 0)
}

describe('poison in the outbox', () => {
  it('the embedded relay sets it aside with its reason and delivers the rows behind it', async t => {
    const { good, poison, letters, counted, database, ...env } = await setUp(t)
    for (const [id, row] of Object.entries(broken)) await poison(id, row)
    for (const n of [1, 2]) await good(n)
    const got: unknown[] = []
    const subscriber: Subscriber = { name: 's', eventType: 'made', handler: async event => void got.push(event.data) }
    const relay = createRelay({ ...env, database, subscribers: [subscriber] })
    assert.equal((await relay.runDue()).delivered, 2)
    assert.deepEqual(got, [{ n: 1 }, { n: 2 }])
    assert.deepEqual(await letters(), reasons)
    assert.equal(await pendingLeft(database), 0)
    assert.deepEqual(counted, { mmf_unreadable_rows_total: 2, mmf_dead_letters_total: 5 })
    await relay.runDue()
    assert.equal(counted['mmf_dead_letters_total'], 5)
  })

  it('the sweeper sets it aside with its reason and publishes the rows behind it', async t => {
    const { good, poison, letters, counted, database, ...env } = await setUp(t)
    for (const [id, row] of Object.entries(broken)) await poison(id, row)
    for (const n of [1, 2]) await good(n)
    const got: unknown[] = []
    const publisher = {
      publish: async (events: readonly CloudEvent[]) =>
        events.map(({ data }) => {
          got.push(data)
          return { published: true } as const
        }),
    }
    const sweep = outboxSweeper({ ...env, database, publisher, graceMs: 0 })
    assert.deepEqual(await sweep(), { published: 2, failed: 0 })
    assert.deepEqual(got, [{ n: 1 }, { n: 2 }])
    assert.deepEqual(await letters(), reasons)
    assert.equal(await pendingLeft(database), 0)
    assert.equal(counted['mmf_dead_letters_total'], 5)
    env.clock.advance(7_200_000)
    assert.deepEqual(await sweep(), { published: 0, failed: 0 })
  })

  it('the stream relay sets records aside that it cannot read, and reports none of them to be repeated', async t => {
    const { good, poison, letters, database, counted, ...env } = await setUp(t)
    const rows = [...(await Promise.all(Object.entries(broken).map(([id, row]) => poison(id, row)))), await good(1)]
    const records = rows.map(row => ({
      eventName: 'INSERT',
      dynamodb: { SequenceNumber: `seq-${row.id}`, NewImage: toItem(row as unknown as Row) },
    }))
    const strange = [{ id: { SS: ['a'] } }, {}].map((NewImage, i) => ({
      eventName: 'INSERT',
      dynamodb: { SequenceNumber: `${i}`, NewImage },
    }))
    const got: unknown[] = []
    const publisher = {
      publish: async (events: readonly CloudEvent[]) =>
        events.map(({ data }) => {
          got.push(data)
          return { published: true } as const
        }),
    }
    const relay = outboxRelay({ ...env, database, publisher })
    assert.deepEqual(await relay({ Records: [...strange, ...records] }), { batchItemFailures: [] })
    assert.deepEqual(got, [{ n: 1 }])
    assert.deepEqual(await letters(), [
      ...reasons.map(([id, subscriber, reason]) => [
        id,
        subscriber,
        reason?.startsWith('database') ? 'row_unreadable' : reason,
      ]),
      ['stream:0', 'outbox', 'row_unreadable'],
      ['stream:1', 'outbox', 'row_unreadable'],
    ])
    assert.equal(await pendingLeft(database), 0)
    assert.deepEqual(await relay({ Records: [...strange, ...records] }), { batchItemFailures: [] })
    assert.equal(counted['mmf_dead_letters_total'], 7)
  })

  it('an entry that has a whole request refused is found out and set aside; the others are published', async t => {
    const { good, letters, database, counted: _counted, ...env } = await setUp(t)
    const rows = [await good(1), await good(2), await good(3)]
    const got: string[] = []
    const client = {
      async send({ input }: sdk.PutEventsCommand) {
        const bodies = (input.Entries ?? []).map(({ Detail = '' }) => JSON.parse(Detail) as CloudEvent)
        if (bodies.some(({ id }) => id === rows[1]?.id)) {
          throw Object.assign(new Error('refused'), { name: 'ValidationException' })
        }
        got.push(...bodies.map(({ id }) => id))
        return { Entries: bodies.map(({ id }) => ({ EventId: id })) }
      },
    }
    const commands = {
      PutEventsCommand: class {
        readonly input
        constructor(input: object) {
          this.input = input
        }
      },
    }
    const publisher = createEventBridgePublisher({
      client: client as unknown as sdk.EventBridgeClient,
      commands: commands as unknown as typeof sdk,
      busName: 'bus',
      sleep: async () => {},
    })
    const sweep = outboxSweeper({ ...env, database, publisher, graceMs: 0 })
    assert.deepEqual(await sweep(), { published: 2, failed: 0 })
    assert.deepEqual(got, [rows[0]?.id, rows[2]?.id])
    assert.deepEqual(await letters(), [[rows[1]?.id, 'outbox', 'ValidationException']])
  })

  it('is delivered after it was replayed by a version that can read it, and gone after it was discarded', async t => {
    const { good: _good, poison, letters, database, clock, ...env } = await setUp(t)
    const event = {
      specversion: '1.0',
      id: 'x',
      source: '/plugins/toys/services/maker',
      type: 'toys.made.v1',
      time: '2026-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      correlationid: 'c',
      data: { n: 7 },
    }
    await poison('later', { status: 'parked', event: JSON.stringify(event) })
    await poison('waste', { event: '' })
    const got: unknown[] = []
    const subscriber: Subscriber = { name: 's', eventType: 'made', handler: async ({ data }) => void got.push(data) }
    const relay = createRelay({ ...env, database, clock, subscribers: [subscriber] })
    await relay.runDue()
    assert.equal((await letters()).length, 2)
    await relay.deadLetters.discard({ eventId: 'waste', subscriber: 'outbox' })
    await failure(relay.deadLetters.discard({ eventId: 'waste', subscriber: 'outbox' }), 'not_found')
    assert.equal(await database.get(outboxTable, { id: 'waste' }), undefined)
    await relay.deadLetters.replay({ eventId: 'later', subscriber: 'outbox' })
    await failure(relay.deadLetters.replay({ eventId: 'later', subscriber: 'outbox' }), 'not_found')
    await relay.runDue()
    assert.deepEqual([got, await letters()], [[{ n: 7 }], []])
  })

  it('a delivery that cannot be read becomes a dead letter and holds up no other', async t => {
    const { good, letters, database, counted: _counted, ...env } = await setUp(t)
    const row = {
      eventId: 'odd',
      subscriber: 's',
      status: 'new',
      queue: 'due#s',
      dueAt: '2025-01-01T00:00:00.000Z',
      attempts: 0,
    }
    await database.write(insert(looseDeliveries, row as unknown as z.output<typeof deliveryTable.row>))
    await good(1)
    const got: unknown[] = []
    const subscriber: Subscriber = { name: 's', eventType: 'made', handler: async ({ data }) => void got.push(data) }
    const relay = createRelay({ ...env, database, subscribers: [subscriber] })
    await relay.runDue()
    assert.deepEqual([got, await letters()], [[{ n: 1 }], [['odd/s']]])
    assert.equal((await relay.runDue()).dispatched, 0)
  })
})
