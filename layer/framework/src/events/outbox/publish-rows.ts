import { unlessConflict } from '../../database/unless-conflict.ts'
import { update } from '../../database/write.ts'
import { deliveredChanges } from '../embedded/dispatch-events.ts'
import { readCloudEvent } from '../read-cloud-event.ts'
import type { RelayEnvironment } from '../relay-environment.ts'
import { setAside } from '../set-aside.ts'
import { type OutboxRow, outboxTable } from './outbox.ts'
import type { Publisher } from './publisher.ts'

/** What the relays on AWS share. */
export interface PublishEnvironment
  extends Pick<RelayEnvironment, 'database' | 'clock' | 'logger' | 'metrics' | 'retentionSeconds'> {
  readonly publisher: Publisher
}

/** Ids of rows that stay in the outbox, to be tried again, and of those that became dead letters; the others are published. */
export interface Unpublished {
  readonly failed: ReadonlySet<string>
  readonly setAside: ReadonlySet<string>
}

/** Publishes outbox rows and marks them; publishing one twice is harmless. What never can be published is set aside. */
export async function publishRows(env: PublishEnvironment, rows: readonly OutboxRow[]): Promise<Unpublished> {
  const poison = new Map<OutboxRow, string>()
  const events = rows.flatMap(row => {
    const event = readCloudEvent(row.event)
    if (event === undefined) poison.set(row, 'event_invalid')
    return event === undefined ? [] : [{ row, event }]
  })
  const outcomes = await env.publisher.publish(events.map(({ event }) => event))
  const failed = new Set<string>()
  const marks = events.map(async ({ row }, i) => {
    const outcome = outcomes[i] ?? { published: false, reason: 'no_result' }
    if (outcome.published) return mark(env, row.id)
    if (outcome.permanent === true) poison.set(row, outcome.reason)
    else {
      failed.add(row.id)
      const about = { eventId: row.id, reason: outcome.reason }
      env.logger.warn('an event was not published and stays in the outbox', about)
    }
  })
  await Promise.all(marks)
  for (const [{ id, event, attempts }, reason] of poison) await setAside(env, { id, event, attempts, reason })
  return { failed, setAside: new Set([...poison.keys()].map(({ id }) => id)) }
}

/** A row that could not be marked is published again by the sweeper, which at-least-once allows; so that is only logged. */
async function mark(env: PublishEnvironment, id: string): Promise<void> {
  const delivered = update(outboxTable, { id }, deliveredChanges(env), { when: { status: 'pending' } })
  try {
    await unlessConflict(env.database.write(delivered))
  } catch (error) {
    env.logger.warn('a published event could not be marked', { eventId: id, error })
  }
}
