import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-eventbridge'
import { toItem } from '../../database/dynamodb/dynamodb-attribute-value.ts'
import type { Row } from '../../database/row-size.ts'
import { createMemoryDatabase } from '../../database/sqlite/memory-database.ts'
import { eventsContract } from '../../testing/events-contract.ts'
import { createRecordingLogger } from '../../testing/recording-logger.ts'
import type { Subscriber } from '../embedded/subscriber.ts'
import { matchesEventType } from '../event-type.ts'
import { createEventBridgePublisher } from '../eventbridge/eventbridge-publisher.ts'
import type { CloudEvent } from '../events.ts'
import { outboxTable, pendingQueues } from './outbox.ts'
import { outboxRelay, type StreamEvent } from './outbox-relay.ts'
import { outboxSweeper } from './outbox-sweeper.ts'

/** A bus on which every rule matches as declared, and which loses each third entry of a request at first. */
function fakeBus(subscribers: readonly Subscriber[], outage: () => boolean) {
  let count = 0
  return {
    async send({ input }: sdk.PutEventsCommand): Promise<Partial<sdk.PutEventsCommandOutput>> {
      if (outage()) throw Object.assign(new Error('503'), { name: 'ServiceUnavailable' })
      assert.ok((input.Entries ?? []).length <= 10)
      const Entries = []
      for (const { EventBusName, DetailType = '', Source, Detail = '' } of input.Entries ?? []) {
        assert.equal(EventBusName, 'bus')
        assert.equal(Source, '/plugins/toys/services/maker')
        if (++count % 3 === 0) {
          Entries.push({ ErrorCode: 'ThrottlingException' })
          continue
        }
        for (const { handler } of subscribers.filter(one => matchesEventType(one.eventType, DetailType))) {
          await handler(JSON.parse(Detail) as CloudEvent, { attempt: 1, signal: new AbortController().signal })
        }
        Entries.push({ EventId: `${count}` })
      }
      return { Entries, FailedEntryCount: Entries.filter(entry => 'ErrorCode' in entry).length }
    },
  }
}

eventsContract('stream relay and sweeper', createMemoryDatabase, async ({ database, clock, subscribers, outage }) => {
  const publisher = createEventBridgePublisher({
    client: fakeBus(subscribers, outage) as unknown as sdk.EventBridgeClient,
    commands: sdk,
    busName: 'bus',
    sleep: async () => {},
  })
  const options = { database, publisher, clock, logger: createRecordingLogger() }
  const relay = outboxRelay(options)
  const sweep = outboxSweeper(options)
  const streamed = new Set<string>()

  /** The records of rows that were inserted since; the stream gives each once, and again when it is reported. */
  async function records(): Promise<StreamEvent> {
    const pages = pendingQueues.map(partition => database.query(outboxTable, { index: 'pending', partition }))
    const rows = (await Promise.all(pages)).flatMap(page => page.rows).filter(row => !streamed.has(row.id))
    for (const { id } of rows) streamed.add(id)
    const changes = [{ eventName: 'MODIFY' }, { eventName: 'REMOVE' }]
    const inserts = rows.map(row => ({
      eventName: 'INSERT',
      dynamodb: { SequenceNumber: row.id, NewImage: toItem(row as unknown as Row) },
    }))
    return { Records: [...changes, ...inserts] }
  }

  return {
    async settle() {
      await relay(await records())
      for (let round = 0; round < 3; round++) {
        clock.advance(7_200_000)
        await sweep()
      }
    },
  }
})
