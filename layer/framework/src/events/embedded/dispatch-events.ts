import type { Write } from '../../database/database.ts'
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
 * Turns each due row of the outbox into one delivery per subscriber, as many rows as fit in one transaction: there is no moment in which an event is
 * handed to some subscribers only. Where one of them is no longer as it was read, or cannot be handed on, each goes by itself. A row that cannot be read or handed on is set aside. Answers how many rows
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
      for (const batch of batchesOf(env, subscribers, page.rows))
        dispatched += await dispatchBatch(env, subscribers, batch)
      cursor = page.cursor
    }
  }
  return dispatched
}

interface Batch {
  readonly rows: OutboxRow[]
  readonly writes: Write[]
  bytes: number
}

/** Of one transaction; the other half of its 4 MB is for keys and conditions. */
const maxBatch = { writes: 100, bytes: 2_000_000 }

/** A row without a readable event is a batch by itself. */
function batchesOf(
  env: RelayEnvironment,
  subscribers: readonly Subscriber[],
  rows: readonly OutboxRow[],
): readonly Batch[] {
  const batches: Batch[] = []
  for (const row of rows) {
    const writes = writesOf(env, subscribers, row)
    const bytes = row.event.length * writes.length
    const last = batches.at(-1)
    const fits =
      last !== undefined &&
      writes.length > 0 &&
      last.writes.length > 0 &&
      last.writes.length + writes.length <= maxBatch.writes &&
      last.bytes + bytes <= maxBatch.bytes
    if (!fits) batches.push({ rows: [row], writes: [...writes], bytes })
    else {
      last.rows.push(row)
      last.writes.push(...writes)
      last.bytes += bytes
    }
  }
  return batches
}

/** Answers how many rows were handed on. */
async function dispatchBatch(env: RelayEnvironment, subscribers: readonly Subscriber[], { rows, writes }: Batch) {
  if (rows.length > 1) {
    try {
      if (await unlessConflict(env.database.transaction(writes))) return rows.length
    } catch (error) {
      if (concernsAll(error)) throw error
    }
  }
  let dispatched = 0
  for (const row of rows) if (await dispatchEvent(env, subscribers, row)) dispatched += 1
  return dispatched
}

/** Its deliveries, and that it was handed on; nothing where it holds no event. */
function writesOf(env: RelayEnvironment, subscribers: readonly Subscriber[], row: OutboxRow): readonly Write[] {
  const event = readCloudEvent(row.event)
  if (event === undefined) return []
  const deliveries = subscribers
    .filter(({ eventType }) => matchesEventType(eventType, event.type))
    .map(({ name }) => insert(deliveryTable, newDelivery(env, row, name)))
  return [update(outboxTable, { id: row.id }, deliveredChanges(env), { when: { status: 'pending' } }), ...deliveries]
}

async function dispatchEvent(env: RelayEnvironment, subscribers: readonly Subscriber[], row: OutboxRow) {
  const { id, event: text, attempts } = row
  const writes = writesOf(env, subscribers, row)
  if (writes.length === 0) {
    await setAside(env, { id, event: text, attempts, reason: 'event_invalid' })
    return false
  }
  try {
    // Where another relay was faster, its transaction made the same deliveries.
    return await unlessConflict(env.database.transaction(writes))
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
