import { type Call, defined, isMmfError, type PlatformWrite, update, type Write } from '@mmf/framework'
import { newRevisions } from '../entries/directory-change.ts'
import { objectKey } from '../entries/object-content.ts'
import { pkdCrlsAdded } from '../events/pkd-crls-added.ts'
import { pkdImportContinued } from '../events/pkd-import-continued.ts'
import { pkdImportFinished } from '../events/pkd-import-finished.ts'
import type { LdifItem } from '../ldif/ldif-item.ts'
import type { PkdContext } from '../operation.ts'
import { orConflict } from '../or-conflict.ts'
import { forgetLookups } from '../queries/lookup-cache.ts'
import { type ImportCounts, maxQuarantined, type PkdImportRow, pkdImports } from '../tables/pkd-imports.ts'
import { trustedCscas } from './csca-source.ts'
import { type BatchPlan, type Judged, judgeItem, planBatch } from './plan-batch.ts'
import { type Batch, readBatches, type Weighed } from './read-batches.ts'

const stepLimits = {
  /** Transactions of one step. */
  batches: 25,
  /** Work of one step: 2,000 certificates, or 200,000 records that become no row. */
  work: 2000,
  /** A step ends so long before its deadline, in milliseconds: the next one has its own. */
  marginMs: 8000,
  /** How often a batch is planned anew because another process changed one of its rows. */
  attempts: 10,
} as const

/** What ends an import: another attempt would come to the same end. Rows that do not fit are a mistake of ours, and must not go on for ever. */
const fatal = ['import_input_invalid', 'database_limit_exceeded', 'database_row_invalid'] as const

/**
 * One step of an import: batches of records, each written in one transaction with the position after it. Killed at any moment, the next
 * delivery of the same event goes on where the last transaction ended. Two that run at once do no harm: the revision of the job lets
 * only one of them commit, and the other stops.
 * @throws what the ports throw; the event is delivered again
 */
export async function runImportStep(context: PkdContext, started: PkdImportRow, call: Call): Promise<void> {
  let job = started
  let batches = 0
  let work = 0
  let kept = job.quarantineKept ?? job.counts.quarantined
  const cscas = trustedCscas(context, call.signal)
  const { jobId: importId, source, principal } = job
  const about = () => ({ importId, source, principal, now: now(context) })
  const weigh = async (item: LdifItem): Promise<Weighed<Judged>> => {
    const judged = await judgeItem(item, cscas, about())
    if ('skipped' in judged) return 'skipped'
    if (!('refused' in judged)) return { row: judged }
    kept += 1
    return kept > maxQuarantined ? 'refused' : { row: judged }
  }
  try {
    for await (const batch of readBatches(context.blobs, job, weigh, call.signal)) {
      batches += 1
      work += batch.work
      const isFull = batches >= stepLimits.batches || work >= stepLimits.work
      const last = batch.last || isFull || Date.now() > call.deadline - stepLimits.marginMs
      // A reader that sees the import as over finds what it brought.
      if (batch.last) await forgetLookups(context)
      const next = await commitBatch({ context, call, job, batch, last }, () =>
        planBatch(batch.items, context.database, about(), call.signal),
      )
      if (next === undefined || batch.last) return
      job = next
      if (last) return await forgetLookups(context)
    }
  } catch (error) {
    if (!isMmfError(error) || !fatal.some(code => code === error.code)) throw error
    call.logger.error('an import cannot go on', { jobId: job.jobId, error })
    await endImport(context, job, { state: 'failed', error: error.code }, call)
  }
}

interface Commit {
  readonly context: PkdContext
  readonly call: Call
  readonly job: PkdImportRow
  readonly batch: Batch<Judged>
  readonly last: boolean
}

/** Undefined: another process works on the job, or has ended it. */
async function commitBatch(commit: Commit, plan: () => Promise<BatchPlan>): Promise<PkdImportRow | undefined> {
  const { context, call, job } = commit
  for (let attempt = 1; ; attempt += 1) {
    const planned = await plan()
    await storeContents(context, planned, call.signal)
    const { row, writes } = jobAfter(commit, planned.counts)
    try {
      await context.database.transaction(
        [...writes, ...planned.writes, ...newRevisions(context, planned.collections), ...crlsAdded(commit, planned)],
        { signal: call.signal },
      )
      return row
    } catch (error) {
      if (!isMmfError(error, 'database_conflict')) throw error
      const current = await context.database.get(pkdImports, { jobId: job.jobId }, { signal: call.signal })
      if (current?.revision !== job.revision) return undefined
      if (attempt >= stepLimits.attempts) throw error
    }
  }
}

/** Who keeps verdicts looks for their certificates in new lists. */
function crlsAdded({ context, call, job }: Commit, { verifiedCrls }: BatchPlan): readonly PlatformWrite[] {
  if (verifiedCrls.length === 0) return []
  const about = { subject: job.jobId, correlationId: job.correlationId, span: call.span }
  return [context.events.outbox(pkdCrlsAdded, { fingerprints: [...verifiedCrls] }, about)]
}

/** By content, so that a repetition changes nothing; a blob whose row never came is harmless. */
async function storeContents(context: PkdContext, { contents }: BatchPlan, signal: AbortSignal): Promise<void> {
  for (const [fingerprint, content] of contents) {
    try {
      await context.blobs.put(objectKey(fingerprint), content, { ifAbsent: true, signal })
    } catch (error) {
      if (!isMmfError(error, 'conflict')) throw error
    }
  }
}

/** The job after a batch, and the event that follows from it. */
function jobAfter(
  { context, call, job, batch, last }: Commit,
  done: ImportCounts,
): { row: PkdImportRow; writes: (Write<typeof pkdImports> | PlatformWrite)[] } {
  const { skipped, refused } = batch
  const light = { processed: skipped + refused, skipped, quarantined: refused, added: 0, updated: 0, unchanged: 0 }
  const counts = sum(sum(job.counts, done), light)
  const at = now(context)
  const row: PkdImportRow = {
    ...job,
    position: batch.position,
    line: batch.line,
    counts,
    quarantineKept: (job.quarantineKept ?? job.counts.quarantined) + done.quarantined,
    revision: job.revision + 1,
    step: last ? job.step + 1 : job.step,
    updatedAt: at,
    ...(batch.last ? { state: 'completed', finishedAt: at } : {}),
  }
  const events = batch.last ? [finished(context, row, call)] : last ? [continued(context, row, call)] : []
  return { row, writes: [replace(job, row), ...events] }
}

const replace = ({ jobId, revision }: PkdImportRow, row: PkdImportRow): Write<typeof pkdImports> => {
  const { jobId: _key, ...changes } = row
  return update(pkdImports, { jobId }, changes, { when: { revision, state: 'running' } })
}

function sum(a: ImportCounts, b: ImportCounts): ImportCounts {
  return {
    processed: a.processed + b.processed,
    added: a.added + b.added,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    quarantined: a.quarantined + b.quarantined,
    skipped: a.skipped + b.skipped,
  }
}

const now = (context: PkdContext) => context.clock.now().toISOString()

type Within = Pick<Call, 'span'>

/** The outbox row that has the next step done. */
export function continued(
  context: PkdContext,
  { jobId, step, correlationId }: PkdImportRow,
  { span }: Within,
): PlatformWrite {
  return context.events.outbox(pkdImportContinued, { jobId, step }, { subject: jobId, correlationId, span })
}

function finished(context: PkdContext, row: PkdImportRow, { span }: Within): PlatformWrite {
  const { jobId, state, source, counts, error, correlationId } = row
  if (state === 'running') throw new TypeError('the import is not over')
  const data = { jobId, state, source, counts, ...defined({ error }) }
  return context.events.outbox(pkdImportFinished, data, { subject: jobId, correlationId, span })
}

/**
 * Ends an import that has not come to its end by itself. What it brought stays.
 * @throws {MmfError} `conflict` when it has gone on meanwhile
 */
export async function endImport(
  context: PkdContext,
  job: PkdImportRow,
  end: { readonly state: 'failed' | 'cancelled'; readonly error?: string },
  call: Pick<Call, 'signal' | 'span'>,
  also: (ended: PkdImportRow) => readonly PlatformWrite[] = () => [],
): Promise<PkdImportRow> {
  const at = now(context)
  const row = { ...job, ...end, revision: job.revision + 1, updatedAt: at, finishedAt: at }
  await orConflict(
    context.database.transaction([replace(job, row), finished(context, row, call), ...also(row)], {
      signal: call.signal,
    }),
  )
  return row
}
