import { eventsContract } from '../../testing/events-contract.ts'
import { createLaggingDatabase, type LaggingDatabase } from '../../testing/lagging-database.ts'
import { createRecordingLogger } from '../../testing/recording-logger.ts'
import { deliveryTable } from '../delivery-table.ts'
import { createRelay } from './embedded-relay.ts'

// Relays find rows through indexes. Late ones must neither lose an event nor make a relay act on what another has done already.
let lagging: LaggingDatabase | undefined

eventsContract(
  'two relays on late indexes',
  ({ clock }) => {
    lagging = createLaggingDatabase({ clock, lag: 2 })
    return lagging
  },
  async ({ database, clock, subscribers, outage }) => {
    await database.open([deliveryTable])
    const logger = createRecordingLogger()
    const patient = subscribers.map(subscriber => ({ ...subscriber, retryAttempts: 5 }))
    const relays = [0, 1].map(() => createRelay({ database, clock, logger, subscribers: patient }))
    return {
      async settle() {
        for (let round = 0; round < 6 && !outage(); round++) {
          await Promise.all(relays.map(relay => relay.runDue().catch(() => undefined)))
          await lagging?.catchUp()
          if (round % 2 === 1) clock.advance(600_000)
        }
      },
    }
  },
)
