import { insert, update } from '../database/write.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { type Delivery, deliveryTable, dueQueue } from './delivery-table.ts'
import { matchesEventType } from './event-type.ts'
import type { CloudEvent } from './events.ts'
import { type OutboxRow, outboxTable, pendingQueues } from './outbox.ts'
import { after, expiry, type RelayEnvironment } from './relay-environment.ts'
import type { Subscriber } from './subscriber.ts'

/**
 * Turns each due row of the outbox into one delivery per subscriber, in one transaction: there is no moment in which an event is handed to some
 * subscribers only. Answers how many rows were handed on.
 */
export async function dispatchEvents(env: RelayEnvironment, subscribers: readonly Subscriber[]): Promise<number> {
  let dispatched = 0
  for (const queue of pendingQueues) {
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await env.database.query(outboxTable, {
        index: 'pending',
        partition: queue,
        sort: { lte: after(env, 0) },
        ...(cursor === undefined ? {} : { cursor }),
      })
      for (const row of page.rows) if (await dispatchEvent(env, subscribers, row)) dispatched += 1
      cursor = page.cursor
    }
  }
  return dispatched
}

async function dispatchEvent(env: RelayEnvironment, subscribers: readonly Subscriber[], row: OutboxRow) {
  const { type } = JSON.parse(row.event) as CloudEvent
  const deliveries = subscribers
    .filter(({ eventType }) => matchesEventType(eventType, type))
    .map(({ name }) => insert(deliveryTable, newDelivery(env, row, name)))
  const handedOn = update(outboxTable, { id: row.id }, deliveredChanges(env), { when: { status: 'pending' } })
  try {
    await env.database.transaction([handedOn, ...deliveries])
    return true
  } catch (error) {
    // Another relay was faster. Its transaction made the same deliveries.
    if (isMmfError(error, 'database_conflict')) return false
    throw error
  }
}

/** What handing an event on changes in its outbox row. */
export function deliveredChanges(env: Pick<RelayEnvironment, 'clock' | 'retentionSeconds'>): Partial<OutboxRow> {
  return {
    status: 'delivered',
    queue: undefined,
    dueAt: undefined,
    deliveredAt: after(env, 0),
    expires: expiry(env),
  } as Partial<OutboxRow>
}

function newDelivery(env: RelayEnvironment, { id, event }: OutboxRow, subscriber: string): Delivery {
  return {
    eventId: id,
    subscriber,
    status: 'pending',
    queue: dueQueue(subscriber),
    dueAt: after(env, 0),
    attempts: 0,
    event,
  }
}
