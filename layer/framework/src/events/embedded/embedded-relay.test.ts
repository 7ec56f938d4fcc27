import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { createMemoryDatabase } from '../../database/sqlite/memory-database.ts'
import { createIds } from '../../ids/uuid-v7.ts'
import { failure } from '../../testing/database/harness.ts'
import { createManualClock } from '../../testing/manual-clock.ts'
import { createRecordingLogger } from '../../testing/recording-logger.ts'
import { deliveryTable } from '../delivery-table.ts'
import { defineEvent } from '../events.ts'
import { createEvents, outboxTable } from '../outbox/outbox.ts'
import { createRelay, type RelayOptions } from './embedded-relay.ts'
import type { Subscriber } from './subscriber.ts'

const counted = defineEvent({ name: 'counted', version: 1, data: z.object({ n: z.int() }) })

/** A relay on a database of its own, with attempts 1,000 ms apart (no jitter). */
async function setUp(t: TestContext, given: Partial<RelayOptions> & Pick<RelayOptions, 'subscribers'>) {
  const clock = createManualClock()
  const database = createMemoryDatabase({ clock })
  t.after(() => database.close())
  await database.open([outboxTable, deliveryTable])
  const logger = createRecordingLogger()
  const options = { database, clock, logger, random: () => 1, backoff: { base: 1000, cap: 1000 }, ...given }
  const relay = createRelay(options)
  t.after(() => relay.stop())
  const events = createEvents({ plugin: 'toys', service: 'maker', clock, ids: createIds({ clock }) })
  const emit = (...numbers: readonly number[]) =>
    database.transaction(numbers.map(n => events.outbox(counted, { n }, { correlationId: 'c' })))
  return { clock, database, logger, relay, emit, options }
}

/** A subscriber that notes what it got and does what `handle` says. */
function noting(name: string, handle: (n: number, attempt: number) => Promise<void> | void = () => {}) {
  const got: number[] = []
  const subscriber: Subscriber = {
    name,
    eventType: 'counted',
    async handler(event, { attempt }) {
      const { n } = event.data as { n: number }
      got.push(n)
      await handle(n, attempt)
    },
  }
  return { got, subscriber }
}

const fails = () => {
  throw new RangeError('secret text')
}

describe('relay', () => {
  it('hands many events on with few commits, and none is left where one of them was handed on meanwhile', async t => {
    const fine = noting('fine')
    const { database, relay, emit, options } = await setUp(t, { subscribers: [fine.subscriber] })
    await emit(...Array.from({ length: 90 }, (_, n) => n))
    let commits = 0
    const counting = {
      ...database,
      async transaction(writes: Parameters<typeof database.transaction>[0]) {
        commits += 1
        return database.transaction(writes)
      },
    } as typeof database
    const counted = createRelay({ ...options, database: counting })
    const reports = await Promise.all([counted.runDue(), relay.runDue()])
    assert.equal(reports[0].dispatched + reports[1].dispatched, 90)
    assert.equal(new Set(fine.got).size, 90)
    assert.equal(fine.got.length, 90)
    await emit(...Array.from({ length: 90 }, (_, n) => 100 + n))
    commits = 0
    assert.equal((await counted.runDue()).dispatched, 90)
    // One for each of the eight queues at most.
    assert.ok(commits <= 8, `${commits} commits`)
    assert.equal(fine.got.length, 180)
  })

  it('tries again after the back-off, three times in all, then makes a dead letter', async t => {
    const broken = noting('broken', fails)
    const fine = noting('fine')
    const { relay, emit, clock, logger } = await setUp(t, { subscribers: [broken.subscriber, fine.subscriber] })
    await emit(1)
    assert.deepEqual(await relay.runDue(), { dispatched: 1, delivered: 1, retried: 1, dead: 0 })
    clock.advance(999)
    assert.deepEqual(await relay.runDue(), { dispatched: 0, delivered: 0, retried: 0, dead: 0 })
    clock.advance(1)
    assert.deepEqual(await relay.runDue(), { dispatched: 0, delivered: 0, retried: 1, dead: 0 })
    clock.advance(1000)
    assert.deepEqual(await relay.runDue(), { dispatched: 0, delivered: 0, retried: 0, dead: 1 })
    clock.advance(1_000_000)
    await relay.runDue()
    assert.deepEqual([broken.got, fine.got], [[1, 1, 1], [1]])
    assert.equal(logger.lines.filter(line => line.level === 'error').length, 1)
    const { rows } = await relay.deadLetters.list()
    assert.deepEqual(
      rows.map(({ subscriber, attempts, lastError, deadSince, event }) => [
        subscriber,
        attempts,
        lastError,
        deadSince,
        event.data,
      ]),
      [['broken', 3, 'RangeError', '2026-01-01T00:00:02.000Z', { n: 1 }]],
    )
  })

  it('spreads the attempts with full jitter and doubles them up to the cap', async t => {
    const broken = noting('broken', fails)
    const subscriber = { ...broken.subscriber, retryAttempts: 6 }
    const { relay, emit, clock } = await setUp(t, {
      subscribers: [subscriber],
      backoff: { base: 100, cap: 1000 },
      random: () => 0.5,
    })
    await emit(1)
    await relay.runDue()
    for (const [attempts, wait] of [50, 100, 200, 400, 500].entries()) {
      clock.advance(wait - 1)
      await relay.runDue()
      assert.equal(broken.got.length, attempts + 1)
      clock.advance(1)
      await relay.runDue()
      assert.equal(broken.got.length, attempts + 2)
    }
  })

  it('replays and discards dead letters, and says when there is none', async t => {
    let healed = false
    const broken = noting('broken', () => (healed ? undefined : fails()))
    const subscriber = { ...broken.subscriber, retryAttempts: 1 }
    const { relay, emit } = await setUp(t, { subscribers: [subscriber] })
    await emit(1, 2, 3)
    await relay.runDue()
    const first = await relay.deadLetters.list({ limit: 2 })
    const second = await relay.deadLetters.list({ limit: 2, cursor: first.cursor ?? '' })
    const letters = [...first.rows, ...second.rows].map(letter => ({ eventId: letter.event.id, subscriber: 'broken' }))
    assert.equal(letters.length, 3)
    healed = true
    const [one, two, three] = letters
    assert.ok(one && two && three)
    await relay.deadLetters.replay(one)
    await relay.deadLetters.discard(two)
    await failure(relay.deadLetters.discard(two), 'not_found')
    assert.deepEqual(await relay.runDue(), { dispatched: 0, delivered: 1, retried: 0, dead: 0 })
    await failure(relay.deadLetters.replay(one), 'not_found')
    assert.deepEqual(
      (await relay.deadLetters.list()).rows.map(letter => letter.event.id),
      [three.eventId],
    )
  })

  it('does not hand over what the filter refuses, and a filter that throws is a failed attempt', async t => {
    const picky = noting('picky')
    const filter: Subscriber['filter'] = ({ data }) => {
      const { n } = data as { n: number }
      return n === 3 ? fails() : n % 2 === 0
    }
    const { relay, emit } = await setUp(t, { subscribers: [{ ...picky.subscriber, filter }] })
    await emit(1, 2, 3)
    assert.deepEqual(await relay.runDue(), { dispatched: 3, delivered: 2, retried: 1, dead: 0 })
    assert.deepEqual(picky.got, [2])
  })

  it('keeps the order for a subscriber of concurrency 1, and overlaps for others', async t => {
    let running = 0
    let most = 0
    const busy = async () => {
      most = Math.max(most, ++running)
      await delay(5)
      running -= 1
    }
    const inOrder = noting('in-order', busy)
    const first = await setUp(t, { subscribers: [inOrder.subscriber] })
    await first.emit(1, 2, 3, 4, 5)
    await first.relay.runDue()
    assert.equal(most, 1)
    assert.equal(inOrder.got.length, 5)
    const wide = noting('wide', busy)
    const second = await setUp(t, { subscribers: [{ ...wide.subscriber, concurrency: 3 }] })
    await second.emit(1, 2, 3, 4, 5)
    await second.relay.runDue()
    assert.equal(most, 3)
    assert.deepEqual(wide.got.toSorted(), [1, 2, 3, 4, 5])
  })

  it('takes over from a relay that stalled, once its lease is over, and gives up on what kills every attempt', async t => {
    const gate = Promise.withResolvers<void>()
    const stuck: Promise<unknown>[] = []
    const never = noting('stalls', () => gate.promise)
    const fine = noting('stalls')
    const { emit, clock, logger, options, relay } = await setUp(t, { subscribers: [fine.subscriber] })
    const stalled = createRelay({ ...options, subscribers: [never.subscriber] })
    await emit(1)
    stuck.push(stalled.runDue())
    while (never.got.length === 0) await delay(1)
    await relay.runDue()
    assert.deepEqual(fine.got, [])
    clock.advance(30_000)
    await relay.runDue()
    assert.deepEqual(fine.got, [1])

    await emit(2)
    for (let lost = 1; lost <= 3; lost++) {
      stuck.push(createRelay({ ...options, subscribers: [never.subscriber] }).runDue())
      while (never.got.length < 1 + lost) await delay(1)
      clock.advance(30_000)
    }
    assert.equal((await relay.runDue()).dead, 1)
    assert.deepEqual(fine.got, [1])
    // Those that come back late change nothing any more.
    gate.resolve()
    await Promise.all(stuck)
    const { rows } = await relay.deadLetters.list()
    assert.deepEqual(
      rows.map(letter => [letter.lastError, letter.attempts]),
      [['attempt_lost', 3]],
    )
    assert.equal(logger.lines.filter(line => line.message.startsWith('an attempt outlived its lease')).length, 4)
  })

  it('ends an attempt that takes longer than its lease, and tells the handler', async t => {
    let aborted: unknown
    const slow: Subscriber = {
      name: 'slow',
      eventType: 'counted',
      handler: (_event, { signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = signal.reason
          })
        }),
    }
    const { relay, emit } = await setUp(t, { subscribers: [slow], leaseMs: 20 })
    await emit(1)
    assert.deepEqual(await relay.runDue(), { dispatched: 1, delivered: 0, retried: 1, dead: 0 })
    assert.equal((aborted as { code: string }).code, 'deadline_exceeded')
  })

  it('delivers soon after wake, and stops only when what runs is finished and recorded', async t => {
    const gate = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    const slow = noting('slow', async n => {
      began.resolve()
      if (n === 1) await gate.promise
    })
    const { relay, emit, database } = await setUp(t, { subscribers: [slow.subscriber], pollMs: 60_000 })
    relay.start()
    await delay(5)
    await emit(1, 2)
    relay.wake()
    await began.promise
    let stopped = false
    const stopping = relay.stop().then(() => {
      stopped = true
    })
    await delay(10)
    assert.equal(stopped, false)
    gate.resolve()
    await stopping
    assert.equal(slow.got.length, 1)
    const due = await database.query(deliveryTable, { index: 'due', partition: 'due#slow' })
    assert.equal(due.rows.length, 1)
  })

  it('two relays on one database deliver everything, none of it twice while both live', async t => {
    const got: number[] = []
    const subscriber = {
      ...noting('both').subscriber,
      handler: async (event: { data: unknown }) => void got.push((event.data as { n: number }).n),
    }
    const { relay, emit, options } = await setUp(t, { subscribers: [subscriber] })
    const other = createRelay(options)
    await emit(...Array.from({ length: 30 }, (_, i) => i))
    await Promise.all([relay.runDue(), other.runDue()])
    await relay.runDue()
    assert.deepEqual(
      got.toSorted((a, b) => a - b),
      Array.from({ length: 30 }, (_, i) => i),
    )
  })

  it('refuses two subscribers of one name', async () => {
    const clock = createManualClock()
    const database = createMemoryDatabase({ clock })
    const { subscriber } = noting('twice')
    const options = { database, clock, logger: createRecordingLogger(), subscribers: [subscriber, subscriber] }
    assert.throws(() => createRelay(options), TypeError)
    await database.close()
  })
})
