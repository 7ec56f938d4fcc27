import { type Call, oneByOne, put, scheduled, traceOperation, unlessConflict, update } from '@mmf/framework'
import * as z from 'zod'
import { crlStale } from '../../certificates/events/crl-stale.ts'
import { staleFetchedCrls } from '../alarms.ts'
import { ask, refreshShards } from '../online/fetch.ts'
import { usedWithinMs } from '../online/freshness.ts'
import { operation, type ValidationContext } from '../operation.ts'
import { type FetchedEvidenceRow, fetchedEvidence } from '../tables/fetched-evidence.ts'

const timeoutMs = 10_000
/** A run ends so long before its deadline, milliseconds: one more address may take its whole time. */
const marginMs = timeoutMs + 3000
const rowsAtOnce = 25
const atOnce = 8

/** Lists that validations use are fetched again before they end, so that no validation waits for them, and an early one is noticed. */
export const refreshEvidence = operation({
  name: 'refresh_evidence',
  description:
    'Fetches CRLs that were fetched before and are in use again, and publishes `crl_stale` for those past their nextUpdate.',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 15 }), traceOperation({ operationName: 'refresh_evidence' })],
  async run(_input, { context, call }) {
    await refreshDue(context, call)
    return undefined
  },
})

/** What is not done when the time is over is due the next time. How many lists that are in use are stale is a gauge. */
async function refreshDue(context: ValidationContext, call: Call): Promise<void> {
  const now = context.clock.now()
  const shards = [...refreshShards]
  let stale = 0
  const work = async () => {
    for (let shard = shards.pop(); shard !== undefined; shard = shards.pop())
      stale += await refreshShard(context, shard, now, call)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const { plugin, observability } = context
  observability.metrics.gauge(`${plugin.metricPrefix}_${staleFetchedCrls.metric}`, {}, stale)
}

async function refreshShard(context: ValidationContext, shard: string, now: Date, call: Call): Promise<number> {
  let cursor: string | undefined
  let stale = 0
  do {
    const page = await context.database.query(
      fetchedEvidence,
      {
        index: 'by_refresh',
        partition: shard,
        sort: { lte: now.toISOString() },
        limit: rowsAtOnce,
        unreadable: 'report',
        cursor,
      },
      { signal: call.signal },
    )
    for (const row of page.rows) {
      if (Date.now() > call.deadline - marginMs) return stale
      const about = { loop: 'refresh_evidence', id: row.source }
      const { metrics } = context.observability
      const work = () => refreshOne(context, row, now, call)
      if (await oneByOne({ logger: call.logger, metrics }, about, work)) stale += 1
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return stale
}

/** A list that is stale is due at each run. @returns whether it is stale */
async function refreshOne(
  context: ValidationContext,
  row: FetchedEvidenceRow,
  now: Date,
  call: Call,
): Promise<boolean> {
  const { kind, url, source, revision } = row
  if (now.getTime() - Date.parse(row.usedAt) > usedWithinMs) {
    const unscheduled = { refreshAt: undefined, shard: undefined, revision: revision + 1 }
    // A conflict: another run has changed the row, and with it decided what is next.
    await unlessConflict(
      context.database.write(update(fetchedEvidence, { source }, unscheduled, { when: { revision } }), call),
    )
    return false
  }
  const asked = await ask(context, { kind, url }, row, { timeoutMs, signal: call.signal })
  const { failure, latest } = asked.row
  if (asked.outcome === 'failed') call.logger.warn('a CRL cannot be fetched', { url, failure })
  const isStale = latest?.nextUpdate !== undefined && Date.parse(latest.nextUpdate) < now.getTime()
  if (isStale && asked.row.staleSince === undefined) await publishStale(context, asked.row, now, call)
  return isStale
}

/** Publishes `crl_stale` at most once per CRL; concurrent runs are resolved by a conditional write. */
async function publishStale(context: ValidationContext, row: FetchedEvidenceRow, now: Date, call: Call): Promise<void> {
  const { latest, revision, url } = row
  const { issuer, thisUpdate, nextUpdate, sha256: fingerprint } = latest ?? {}
  if (fingerprint === undefined || issuer === undefined || thisUpdate === undefined || nextUpdate === undefined) return
  const { signal, correlationId, span } = call
  const next = { ...row, staleSince: now.toISOString(), revision: revision + 1 }
  const data = { fingerprint, issuer, thisUpdate, nextUpdate, url }
  await unlessConflict(
    context.database.transaction(
      [
        put(fetchedEvidence, next, { when: { revision } }),
        context.events.outbox(crlStale, data, { subject: fingerprint, correlationId, span }),
      ],
      { signal },
    ),
  )
}
