import { update } from '../database/write.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { deliveredChanges } from './dispatch-events.ts'
import type { CloudEvent } from './events.ts'
import { type OutboxRow, outboxTable } from './outbox.ts'
import type { Publisher } from './publisher.ts'
import type { RelayEnvironment } from './relay-environment.ts'

/** What the relays on AWS share. */
export interface PublishEnvironment
  extends Pick<RelayEnvironment, 'database' | 'clock' | 'logger' | 'retentionSeconds'> {
  readonly publisher: Publisher
}

/** Publishes outbox rows and marks them. Answers the ids of those that were not published; publishing one twice is harmless. */
export async function publishRows(env: PublishEnvironment, rows: readonly OutboxRow[]): Promise<ReadonlySet<string>> {
  const events = rows.map(row => JSON.parse(row.event) as CloudEvent)
  const outcomes = await env.publisher.publish(events)
  const failed = new Set<string>()
  const marks = rows.map(async ({ id }, i) => {
    const outcome = outcomes[i] ?? { published: false, reason: 'no_result' }
    if (outcome.published) return mark(env, id)
    failed.add(id)
    env.logger.warn('an event was not published and stays in the outbox', { eventId: id, reason: outcome.reason })
  })
  await Promise.all(marks)
  return failed
}

/** A row that could not be marked is published again by the sweeper, which at-least-once allows; so that is only logged. */
async function mark(env: PublishEnvironment, id: string): Promise<void> {
  const delivered = update(outboxTable, { id }, deliveredChanges(env), { when: { status: 'pending' } })
  try {
    await env.database.write(delivered)
  } catch (error) {
    if (!isMmfError(error, 'database_conflict')) {
      env.logger.warn('a published event could not be marked', { eventId: id, error })
    }
  }
}
