import type { Database, PlatformWrite, UnreadableRow } from '../database/database.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { insert, put, remove, update } from '../database/write.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { type Delivery, deadLetterCount, deadQueue, deliveryTable } from './delivery-table.ts'
import { type OutboxRow, outboxTable, pendingRow } from './outbox/outbox.ts'
import { after, type RelayEnvironment } from './relay-environment.ts'

/** The subscriber of dead letters that no relay could hand on: they failed before any subscriber saw them. */
export const outboxSubscriber = 'outbox'

/** Longest text of an event that is kept, in characters; a row ends at 400 KB. */
const maxTextLength = 250_000

interface Poison {
  readonly id: string
  /** What is there of the event, whatever it is. */
  readonly event: string
  readonly attempts?: number
  /** A code: why it cannot be handed on. */
  readonly reason: string
}

type Environment = Pick<RelayEnvironment, 'clock' | 'logger' | 'metrics' | 'database'>

/**
 * Takes a row that cannot be handed on out of the way of the others: it leaves the queue, stays in the outbox, and becomes a dead letter with its reason, to be
 * replayed or discarded. Doing it twice changes nothing.
 * @throws {MmfError} `database_unavailable`
 */
export async function setAside(env: Environment, { id, event, attempts = 0, reason }: Poison): Promise<void> {
  const letter = insert(deliveryTable, {
    eventId: id,
    subscriber: outboxSubscriber,
    status: 'dead',
    queue: deadQueue,
    dueAt: after(env, 0),
    attempts,
    event: event.slice(0, maxTextLength),
    lastError: reason,
  })
  const unqueued = update(outboxTable, { id }, { queue: undefined, dueAt: undefined } as unknown as Partial<OutboxRow>)
  if (!(await committed(env.database, [unqueued, letter])) && !(await unlessConflict(env.database.write(letter)))) {
    // The letter is there already; the row may have come back into the queue all the same.
    await committed(env.database, [unqueued])
    return
  }
  env.logger.error('an event cannot be handed on and became a dead letter', { eventId: id, reason })
  env.metrics?.count(deadLetterCount, {})
}

/** Sets rows of the outbox aside that cannot be read. */
export async function setUnreadableAside(env: Environment, rows: readonly UnreadableRow[] = []): Promise<void> {
  for (const { id, reason } of rows) {
    // The row itself stays where it is: it may hold more than this version can say.
    await setAside(env, { id, event: '', reason: reason.slice(0, 200) })
  }
}

/** False: the row is gone, damaged, or the letter is there already. */
async function committed(database: Database, writes: Parameters<Database['transaction']>[0]): Promise<boolean> {
  try {
    return await unlessConflict(database.transaction(writes))
  } catch (error) {
    if (isMmfError(error, 'database_row_invalid')) return false
    throw error
  }
}

/** Moves a delivery that cannot be read to the dead letters, out of the way of those behind it. */
export async function setDeliveryAside(
  env: Environment,
  key: Pick<Delivery, 'eventId' | 'subscriber'>,
  reason: string,
): Promise<void> {
  const changes = { status: 'dead', queue: deadQueue, dueAt: after(env, 0), lastError: reason.slice(0, 200) } as const
  if (!(await committed(env.database, [update(deliveryTable, key, changes)]))) return
  env.logger.error('a delivery cannot be read and became a dead letter', { ...key, reason })
  env.metrics?.count(deadLetterCount, {})
}

/** Gives the event back to the relays, with all attempts anew: after a repair, or an upgrade that can read it. `also` is written with it. */
export async function requeue(
  env: Pick<RelayEnvironment, 'clock' | 'database'>,
  letter: Delivery,
  also: readonly PlatformWrite[],
): Promise<void> {
  const { eventId: id, event } = letter
  const row = pendingRow(id, after(env, 0), event)
  const { id: _id, event: _event, ...pending } = row
  const gone = remove(deliveryTable, letter, { when: { status: 'dead' } })
  if (await committed(env.database, [gone, update(outboxTable, { id }, pending), ...also])) return
  await env.database.transaction([gone, put(outboxTable, row), ...also])
}

/** Forgets the event and its row. `also` is written with it. */
export async function forget(
  database: Database,
  letter: Pick<Delivery, 'eventId' | 'subscriber'>,
  also: readonly PlatformWrite[],
): Promise<void> {
  const gone = remove(deliveryTable, letter, { when: { status: 'dead' } })
  await database.transaction([gone, remove(outboxTable, { id: letter.eventId }), ...also])
}
