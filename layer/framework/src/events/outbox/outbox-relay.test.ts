import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import * as z from 'zod'
import { toItem } from '../../database/dynamodb/dynamodb-attribute-value.ts'
import type { Row } from '../../database/row-size.ts'
import { createMemoryDatabase } from '../../database/sqlite/memory-database.ts'
import { createIds } from '../../ids/uuid-v7.ts'
import { createManualClock } from '../../testing/manual-clock.ts'
import { createRecordingLogger } from '../../testing/recording-logger.ts'
import { type CloudEvent, defineEvent } from '../events.ts'
import { createEvents, type OutboxRow, outboxTable } from './outbox.ts'
import { outboxRelay } from './outbox-relay.ts'
import { outboxSweeper } from './outbox-sweeper.ts'
import type { Publisher } from './publisher.ts'

const made = defineEvent({ name: 'made', version: 1, data: z.object({ n: z.int() }) })

async function setUp(t: TestContext, refuse: (event: CloudEvent) => boolean = () => false) {
  const clock = createManualClock()
  const database = createMemoryDatabase({ clock })
  t.after(() => database.close())
  await database.open([outboxTable])
  const published: CloudEvent[] = []
  const publisher: Publisher = {
    async publish(events) {
      return events.map(event => {
        if (refuse(event)) return { published: false, reason: 'refused' }
        published.push(event)
        return { published: true }
      })
    },
  }
  const logger = createRecordingLogger()
  const options = { database, publisher, clock, logger, random: () => 0 }
  const events = createEvents({ plugin: 'toys', service: 'maker', clock, ids: createIds({ clock }) })
  const emit = async (n: number): Promise<OutboxRow> => {
    const write = events.outbox(made, { n }, { correlationId: 'c' })
    await database.transaction([write])
    assert.ok(write.kind === 'put')
    return write.row as OutboxRow
  }
  const record = (row: OutboxRow) => ({
    eventName: 'INSERT',
    dynamodb: { SequenceNumber: `seq-${row.id}`, NewImage: toItem(row as unknown as Row) },
  })
  const numbers = () => published.map(event => (event.data as { n: number }).n)
  return { clock, database, logger, options, emit, record, numbers }
}

describe('stream relay', () => {
  it('reports what was not published by sequence number, and marks the rest', async t => {
    const { options, emit, record, numbers, database } = await setUp(t, ({ data }) => (data as { n: number }).n === 2)
    const rows = [await emit(1), await emit(2), await emit(3)]
    const answer = await outboxRelay(options)({ Records: rows.map(record) })
    assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: `seq-${rows[1]?.id}` }] })
    assert.deepEqual(numbers(), [1, 3])
    const stored = await database.getMany(
      outboxTable,
      rows.map(({ id }) => ({ id })),
    )
    assert.deepEqual(
      stored.map(row => row?.status),
      ['delivered', 'pending', 'delivered'],
    )
  })

  it('reports an unreadable record and ignores changes that are no inserts', async t => {
    const { options, logger, emit, record, numbers } = await setUp(t)
    const good = record(await emit(1))
    const bad = { eventName: 'INSERT', dynamodb: { SequenceNumber: 'bad', NewImage: { id: { S: 'x' } } } }
    const answer = await outboxRelay(options)({ Records: [{ ...good, eventName: 'MODIFY' }, bad, good] })
    assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: 'bad' }] })
    assert.deepEqual(numbers(), [1])
    assert.ok(logger.lines.some(line => line.level === 'error' && line.fields['sequenceNumber'] === 'bad'))
  })
})

describe('outbox sweeper', () => {
  it('leaves young rows to the stream, then publishes them, each once although two sweep', async t => {
    const { options, emit, clock, numbers } = await setUp(t)
    const sweep = outboxSweeper(options)
    for (const n of [1, 2, 3]) await emit(n)
    clock.advance(119_999)
    assert.deepEqual(await sweep(), { published: 0, failed: 0 })
    clock.advance(1)
    const both = await Promise.all([sweep(), outboxSweeper(options)()])
    assert.equal(
      both.reduce((sum, report) => sum + report.published, 0),
      3,
    )
    assert.deepEqual(numbers().toSorted(), [1, 2, 3])
    clock.advance(3_600_000)
    assert.deepEqual(await sweep(), { published: 0, failed: 0 })
  })

  it('never gives up, waits longer each time, and raises its voice', async t => {
    let refusing = true
    const { options, emit, clock, numbers, logger } = await setUp(t, () => refusing)
    const sweep = outboxSweeper({ ...options, graceMs: 0 })
    await emit(1)
    for (let tried = 0; tried < 6; tried++) {
      assert.deepEqual(await sweep(), { published: 0, failed: 1 })
      assert.deepEqual(await sweep(), { published: 0, failed: 0 })
      clock.advance(60_000)
    }
    assert.ok(logger.lines.some(line => line.level === 'error' && line.fields['attempts'] === 5))
    refusing = false
    assert.deepEqual(await sweep(), { published: 1, failed: 0 })
    assert.deepEqual(numbers(), [1])
  })
})
