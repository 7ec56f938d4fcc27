import type { Database } from '../database/database.ts'
import { inPlaceOf } from '../database/unknown-columns.ts'
import { insert, put } from '../database/write.ts'
import type { DeadLetter } from './dead-letters.ts'
import { type Delivery, deadQueue, deliveryTable } from './delivery-table.ts'
import { after, type RelayEnvironment } from './relay-environment.ts'

/** A dead letter that arrives from outside. */
export interface ArrivedLetter extends Omit<DeadLetter, 'deadSince'> {
  /** What brought it, the same each time that it is brought. */
  readonly filing: string
}

/**
 * Files a dead letter in the table of deliveries. The same message twice is filed once, also when its letter was replayed in between. Answers
 * whether this call filed it.
 * @throws {MmfError} `database_conflict` when another message about the same letter is being filed; `database_…`
 */
export async function fileDeadLetter(
  env: Pick<RelayEnvironment, 'clock'> & { readonly database: Database },
  { event, subscriber, attempts, lastError, filing }: ArrivedLetter,
): Promise<boolean> {
  const known = await env.database.get(deliveryTable, { eventId: event.id, subscriber })
  if (known?.filing === filing) return false
  const row: Delivery = {
    eventId: event.id,
    subscriber,
    status: 'dead',
    queue: deadQueue,
    dueAt: after(env, 0),
    attempts,
    event: JSON.stringify(event),
    lastError,
    filing,
  }
  const write =
    known === undefined
      ? insert(deliveryTable, row)
      : put(deliveryTable, inPlaceOf(known, row), {
          when: { status: known.status, filing: known.filing ?? { exists: false } },
        })
  await env.database.write(write)
  return true
}
