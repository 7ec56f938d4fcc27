import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import * as z from 'zod'
import type { DatabaseAdapter } from '../database/database.ts'
import { table } from '../database/table.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { insert, put } from '../database/write.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Subscriber } from '../events/embedded/subscriber.ts'
import { type CloudEvent, defineEvent, type Events } from '../events/events.ts'
import { createEvents, outboxTable, pendingQueues } from '../events/outbox/outbox.ts'
import { idempotencyTable } from '../idempotency/idempotency.ts'
import { createIds } from '../ids/uuid-v7.ts'
import { failure } from './database/harness.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'

/** What delivers committed events from the database to subscribers. */
export interface EventsUnderTest {
  /** Delivers, advancing the clock as far as it takes, until nothing is left that could still arrive. */
  settle(): Promise<void>
}

export interface EventsHarness {
  /** The database that everything commits to. It fails marks when told so. */
  readonly database: DatabaseAdapter
  readonly clock: ManualClock
  readonly events: Events
  readonly subscribers: readonly Subscriber[]
  /** While true the way to the subscribers is down. */
  readonly outage: () => boolean
}

const issued = defineEvent({ name: 'thing_issued', version: 1, data: z.object({ serial: z.string(), n: z.int() }) })
const revoked = defineEvent({ name: 'thing_revoked', version: 2, data: z.object({ serial: z.string() }) })
const things = table({ name: 'things', row: z.object({ serial: z.string() }), partition: 'serial' })

/** What every way of delivering events does: at least once, nothing that was not committed, nothing lost. */
export function eventsContract(
  name: string,
  makeDatabase: (given: { clock: ManualClock }) => DatabaseAdapter,
  make: (harness: EventsHarness) => Promise<EventsUnderTest>,
): void {
  describe(`events contract: ${name}`, () => {
    const received = new Map<string, CloudEvent[]>()
    const options = { correlationId: 'c-1' }
    let handle: (subscriber: string, event: CloudEvent) => Promise<void>
    let outage = false
    let marksFail = false
    let database: DatabaseAdapter
    let events: Events
    let clock: ManualClock
    let under: EventsUnderTest

    beforeEach(async () => {
      received.clear()
      handle = async () => {}
      outage = false
      marksFail = false
      clock = createManualClock()
      const ids = createIds({ clock })
      database = failingMarks(makeDatabase({ clock }), () => marksFail)
      await database.open([outboxTable, idempotencyTable, things])
      events = createEvents({ plugin: 'toys', service: 'maker', clock, ids })
      const subscribers = [
        subscriber('audits', 'thing_issued'),
        subscriber('counts', 'toys.thing_issued.v1'),
        subscriber('cleans', 'thing_revoked.v2'),
        subscriber('waits', 'thing_revoked.v1'),
      ]
      under = await make({ database, clock, events, subscribers, outage: () => outage })
    })
    afterEach(() => database.close())

    const subscriber = (subscriberName: string, eventType: string): Subscriber => ({
      name: subscriberName,
      eventType,
      async handler(event) {
        received.set(subscriberName, [...(received.get(subscriberName) ?? []), event])
        await handle(subscriberName, event)
      },
    })
    const serials = (subscriberName: string) => [
      ...new Set((received.get(subscriberName) ?? []).map(event => (event.data as { serial: string }).serial)),
    ]
    const issue = (serial: string) => events.outbox(issued, { serial, n: 1 }, { ...options, subject: serial })

    it('delivers a committed event to each of its subscribers, as a CloudEvent, and to no other', async () => {
      await database.transaction([put(things, { serial: 'a' }), issue('a')])
      await under.settle()
      assert.deepEqual([...received.keys()].toSorted(), ['audits', 'counts'])
      const [event] = received.get('audits') ?? []
      assert.ok(event)
      assert.match(event.id, /^[0-9a-f-]{36}$/)
      assert.deepEqual(event, {
        specversion: '1.0',
        id: event.id,
        source: '/plugins/toys/services/maker',
        type: 'toys.thing_issued.v1',
        time: '2026-01-01T00:00:00.000Z',
        subject: 'a',
        datacontenttype: 'application/json',
        correlationid: 'c-1',
        data: { serial: 'a', n: 1 },
      })
    })

    it('delivers nothing of a transaction that failed', async () => {
      await database.write(put(things, { serial: 'there' }))
      const writes = [put(things, { serial: 'there' }, { when: 'absent' }), issue('never')]
      await failure(database.transaction(writes), 'database_conflict')
      await under.settle()
      assert.deepEqual(serials('audits'), [])
    })

    it('marks what it delivered and keeps it for its retention', async () => {
      await database.transaction([issue('a')])
      await under.settle()
      const [{ id = '' } = {}] = received.get('audits') ?? []
      const row = await database.get(outboxTable, { id })
      assert.equal(row?.status, 'delivered')
      assert.ok(row.deliveredAt)
      assert.ok((row.expires ?? 0) > clock.now().getTime() / 1000)
      for (const partition of pendingQueues) {
        assert.deepEqual((await database.query(outboxTable, { index: 'pending', partition })).rows, [])
      }
      clock.advance(8 * 86_400_000)
      assert.equal(await database.get(outboxTable, { id }), undefined)
    })

    it('delivers many, each at least once', async () => {
      const expected = Array.from({ length: 60 }, (_, i) => `s${i}`)
      for (const serial of expected) await database.transaction([issue(serial)])
      await database.transaction([events.outbox(revoked, { serial: 'r' }, options)])
      await under.settle()
      for (const name of ['audits', 'counts']) assert.deepEqual(serials(name).toSorted(), expected.toSorted())
      assert.deepEqual([serials('cleans'), serials('waits')], [['r'], []])
    })

    it('delivers after an outage what was committed meanwhile', async () => {
      outage = true
      for (const serial of ['a', 'b']) await database.transaction([issue(serial)])
      await under.settle()
      assert.deepEqual(serials('audits'), [])
      outage = false
      await database.transaction([issue('c')])
      await under.settle()
      assert.deepEqual(serials('audits').toSorted(), ['a', 'b', 'c'])
    })

    it('may deliver twice when it could not record a delivery; a handler with a conditional write acts once', async () => {
      const acted: string[] = []
      handle = async (subscriberName, event) => {
        if (subscriberName !== 'audits') return
        const done = insert(things, { serial: `done-${event.id}` })
        if (await unlessConflict(database.transaction([done]))) acted.push(event.id)
      }
      marksFail = true
      await database.transaction([issue('a')])
      await under.settle()
      marksFail = false
      await under.settle()
      const deliveries = received.get('audits') ?? []
      assert.ok(deliveries.length >= 2, `${deliveries.length} deliveries`)
      assert.equal(new Set(deliveries.map(event => event.id)).size, 1)
      assert.equal(acted.length, 1)
    })
  })
}

/** Fails whatever says that an event was delivered: the process that does so is cut off from the database at that moment. */
function failingMarks(database: DatabaseAdapter, failing: () => boolean): DatabaseAdapter {
  return {
    ...database,
    async write(write, options) {
      const changes = write.kind === 'update' ? (write.changes as { status?: string }) : {}
      if (failing() && changes.status === 'delivered') throw new MmfError('database_unavailable')
      await database.write(write, options)
    },
  }
}
