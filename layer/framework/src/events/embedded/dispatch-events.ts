import { unlessConflict } from '../../database/unless-conflict.ts'
import { noteUnreadable } from '../../database/watch-reads.ts'
import { insert, update } from '../../database/write.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { type Delivery, deliveryTable, dueQueue } from '../delivery-table.ts'
import { matchesEventType } from '../event-type.ts'
import { concernsAll } from '../one-by-one.ts'
import { type OutboxRow, outboxTable, pendingQueues } from '../outbox/outbox.ts'
import { readCloudEvent } from '../read-cloud-event.ts'
import { after, expiry, type RelayEnvironment } from '../relay-environment.ts'
import { setAside, setUnreadableAside } from '../set-aside.ts'
import type { Subscriber } from './subscriber.ts'

/**
 * Turns each due row of the outbox into one delivery per subscriber, in one transaction: there is no moment in which an event is handed to some
 * subscribers only. A row that cannot be read or handed on is set aside. Answers how many rows
 * were handed on.
 */
export async function dispatchEvents(env: RelayEnvironment, subscribers: readonly Subscriber[]): Promise<number> {
  let dispatched = 0
  for (const queue of pendingQueues) {
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await env.database.query(outboxTable, {
        index: 'pending',
        partition: queue,
        sort: { lte: after(env, 0) },
        unreadable: 'report',
        cursor,
      })
      noteUnreadable(env, page.unreadable ?? [])
      await setUnreadableAside(env, page.unreadable)
      for (const row of page.rows) if (await dispatchEvent(env, subscribers, row)) dispatched += 1
      cursor = page.cursor
    }
  }
  return dispatched
}

async function dispatchEvent(env: RelayEnvironment, subscribers: readonly Subscriber[], row: OutboxRow) {
  const { id, event: text, attempts } = row
  const event = readCloudEvent(text)
  if (event === undefined) {
    await setAside(env, { id, event: text, attempts, reason: 'event_invalid' })
    return false
  }
  const deliveries = subscribers
    .filter(({ eventType }) => matchesEventType(eventType, event.type))
    .map(({ name }) => insert(deliveryTable, newDelivery(env, row, name)))
  const handedOn = update(outboxTable, { id: row.id }, deliveredChanges(env), { when: { status: 'pending' } })
  try {
    // Where another relay was faster, its transaction made the same deliveries.
    return await unlessConflict(env.database.transaction([handedOn, ...deliveries]))
  } catch (error) {
    if (concernsAll(error)) throw error
    const reason = isMmfError(error) ? error.code : 'internal_error'
    await setAside(env, { id, event: text, attempts, reason })
    return false
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
