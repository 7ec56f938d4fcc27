import { update } from '../database/write.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { backoff } from './backoff.ts'
import { type OutboxRow, outboxTable, pendingQueues } from './outbox.ts'
import { type PublishEnvironment, publishRows } from './publish-rows.ts'
import { after, defaultRetentionSeconds } from './relay-environment.ts'
import type { StreamRelayOptions } from './stream-relay.ts'

export interface SweeperOptions extends StreamRelayOptions {
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

/** Publishes what the stream relay left behind: it stalled, failed too often, or the stream's 24 hours went by. To be run every minute. */
export function createOutboxSweeper(options: SweeperOptions): () => Promise<SweepReport> {
  const { graceMs = 120_000, random = Math.random } = options
  const env: PublishEnvironment = { retentionSeconds: defaultRetentionSeconds, ...options }
  return async () => {
    let published = 0
    let failed = 0
    for (const queue of pendingQueues) {
      for (let found = true; found; ) {
        const rows = await due(env, queue, graceMs)
        const claimed = (await Promise.all(rows.map(row => claim(env, row, random)))).filter(row => row !== undefined)
        const unpublished = await publishRows(env, claimed)
        published += claimed.length - unpublished.size
        failed += unpublished.size
        found = claimed.length > 0
      }
    }
    return { published, failed }
  }
}

async function due(env: PublishEnvironment, queue: string, graceMs: number): Promise<readonly OutboxRow[]> {
  const sort = { lte: after(env, -graceMs) }
  return (await env.database.query(outboxTable, { index: 'pending', partition: queue, sort })).rows
}

/** Puts the row off, so that no other sweep takes it meanwhile, and this one does not meet it again. */
async function claim(env: PublishEnvironment, row: OutboxRow, random: () => number): Promise<OutboxRow | undefined> {
  const { id, dueAt = '' } = row
  const attempts = row.attempts + 1
  if (attempts >= worrying) env.logger.error('an event cannot be published', { eventId: id, attempts })
  const later = after(env, pauses.base + backoff(pauses, attempts, random))
  try {
    const when = { status: 'pending', dueAt }
    await env.database.write(update(outboxTable, { id }, { attempts, dueAt: later }, { when }))
    return { ...row, attempts, dueAt: later }
  } catch (error) {
    if (isMmfError(error, 'database_conflict')) return undefined
    throw error
  }
}
