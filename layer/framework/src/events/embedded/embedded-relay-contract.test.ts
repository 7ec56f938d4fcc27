import { createMemoryDatabase } from '../../database/sqlite/memory-database.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { eventsContract } from '../../testing/events-contract.ts'
import { createRecordingLogger } from '../../testing/recording-logger.ts'
import { deliveryTable } from '../delivery-table.ts'
import { createRelay } from './embedded-relay.ts'

eventsContract('in-process relay', createMemoryDatabase, async ({ database, clock, subscribers, outage }) => {
  await database.open([deliveryTable])
  // An outage here is a relay that cannot reach the database any more.
  const cut = () => {
    if (outage()) throw new MmfError('database_unavailable')
  }
  const relay = createRelay({
    database: {
      ...database,
      async query(table, query, options) {
        cut()
        return database.query(table, query, options)
      },
    },
    clock,
    logger: createRecordingLogger(),
    subscribers: subscribers.map(subscriber => ({ ...subscriber, retryAttempts: 5 })),
  })
  return {
    async settle() {
      for (let round = 0; round < 4; round++) {
        await relay.runDue().catch(() => undefined)
        clock.advance(600_000)
      }
    },
  }
})
