import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { createSqliteDatabase } from '../database/sqlite/sqlite-database.ts'
import { insert } from '../database/write.ts'
import { deadLettersContract } from '../testing/dead-letters-contract.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { createRecordingLogger } from '../testing/recording-logger.ts'
import { deliveryTable } from './delivery-table.ts'
import { createRelay } from './embedded/embedded-relay.ts'
import { outboxTable, pendingQueues } from './outbox/outbox.ts'

const databases = {
  memory: createMemoryDatabase,
  SQLite: (given: { clock: ReturnType<typeof createManualClock> }) =>
    createSqliteDatabase({ file: ':memory:', ...given }),
}

for (const [name, open] of Object.entries(databases)) {
  deadLettersContract(`the embedded relay on ${name}`, async () => {
    const clock = createManualClock()
    const database = open({ clock })
    await database.open([outboxTable, deliveryTable])
    const heard: string[] = []
    let deaf = false
    const subscriber = 'ear:toy.rang.v1'
    const relay = createRelay({
      database,
      clock,
      logger: createRecordingLogger(),
      subscribers: [
        {
          name: subscriber,
          eventType: 'toy.rang.v1',
          retryAttempts: 2,
          async handler({ id }) {
            if (deaf) throw new TypeError('cannot hear')
            heard.push(id)
          },
        },
      ],
    })
    return {
      deadLetters: relay.deadLetters,
      subscriber,
      heard,
      setDeaf(now) {
        deaf = now
      },
      async send(events) {
        const dueAt = clock.now().toISOString()
        const [queue = ''] = pendingQueues
        for (const event of events) {
          const row = {
            id: event.id,
            status: 'pending',
            queue,
            dueAt,
            attempts: 0,
            event: JSON.stringify(event),
          } as const
          await database.write(insert(outboxTable, row))
        }
      },
      async settle() {
        for (let attempt = 0; attempt < 3; attempt += 1) {
          await relay.runDue()
          clock.advance(3_600_000)
        }
      },
      close: () => database.close(),
    }
  })
}
