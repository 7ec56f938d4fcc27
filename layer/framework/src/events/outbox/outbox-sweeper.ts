import { unlessConflict } from '../../database/unless-conflict.ts'
import { noteUnreadable } from '../../database/watch-reads.ts'
import { update } from '../../database/write.ts'
import { backoff } from '../backoff.ts'
import { after, defaultRetentionSeconds } from '../relay-environment.ts'
import { setUnreadableAside } from '../set-aside.ts'
import { type OutboxRow, outboxTable, pendingQueues } from './outbox.ts'
import type { OutboxRelayOptions } from './outbox-relay.ts'
import { type PublishEnvironment, publishRows } from './publish-rows.ts'

export interface SweeperOptions extends OutboxRelayOptions {
  /** Rows younger than this are left to the stream relay, in milliseconds; default 2 minutes. */
  readonly graceMs?: number
  readonly random?: () => number
}

export interface SweepReport {
  readonly published: number
  readonly failed: number
}

/** Waits between sweeps of one row: from 1 minute up to 1 hour. A row is never given up, only tried more seldom. */
const pauses = { base: 60_000, cap: 3_600_000 }
/** From here on a row that cannot be published is an error, which alarms look for. */
const worrying = 5

/**
 * Publishes what the stream relay left behind: it stalled, failed too often, or the stream's 24 hours went by. To be run every minute. A row that
 * cannot be read, or never can be published, is set aside; the rows behind it are published.
 */
export function outboxSweeper(options: SweeperOptions): () => Promise<SweepReport> {
  const { graceMs = 120_000, random = Math.random } = options
  const env: PublishEnvironment = { retentionSeconds: defaultRetentionSeconds, ...options }
  return async () => {
    const report = { published: 0, failed: 0 }
    for (const queue of pendingQueues) {
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await due(env, queue, graceMs, cursor)
        noteUnreadable(env, page.unreadable ?? [])
        await setUnreadableAside(env, page.unreadable)
        const claimed = (await Promise.all(page.rows.map(row => claim(env, row, random)))).filter(
          row => row !== undefined,
        )
        const { failed, setAside } = await publishRows(env, claimed)
        report.published += claimed.length - failed.size - setAside.size
        report.failed += failed.size
        cursor = page.cursor
      }
    }
    return report
  }
}

function due(env: PublishEnvironment, queue: string, graceMs: number, cursor: string | undefined) {
  const query = {
    index: 'pending',
    partition: queue,
    sort: { lte: after(env, -graceMs) },
    unreadable: 'report',
  } as const
  return env.database.query(outboxTable, cursor === undefined ? query : { ...query, cursor })
}

/** Puts the row off, so that no other sweep takes it meanwhile, and this one does not meet it again. */
async function claim(env: PublishEnvironment, row: OutboxRow, random: () => number): Promise<OutboxRow | undefined> {
  const { id, dueAt = '' } = row
  const attempts = row.attempts + 1
  if (attempts >= worrying) env.logger.error('an event cannot be published', { eventId: id, attempts })
  const later = after(env, pauses.base + backoff(pauses, attempts, random))
  const when = { status: 'pending', dueAt }
  const claimed = update(outboxTable, { id }, { attempts, dueAt: later }, { when })
  return (await unlessConflict(env.database.write(claimed))) ? { ...row, attempts, dueAt: later } : undefined
}
