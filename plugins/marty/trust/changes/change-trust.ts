import { defined, insert, isMmfError, put, update } from '@mmf/framework'
import { generationDigits } from '../store/generation-digits.ts'
import type { TrustWrite } from '../store/trust-grants.ts'
import { type TrustEntryRow, trustEntries } from '../tables/trust-entries.ts'
import { type TrustGenerationRow, trustGenerations } from '../tables/trust-generations.ts'
import { trustJournal } from '../tables/trust-journal.ts'
import { trustState } from '../tables/trust-state.ts'
import { baseAt } from './change-base.ts'
import {
  dropJournal,
  fence,
  fromState,
  inProgress,
  readyState,
  release,
  type StartingState,
  takeLease,
  undo,
} from './change-lease.ts'
import type { Activation, ChangeAuthor, ChangeBase, ChangePlan, TrustWriterContext } from './change-plan.ts'
import { batches, bytesOf, maxBatchBytes } from './write-batches.ts'

/** A change with so many writes goes in one transaction; a larger one is written in batches and then switched to. */
const maxAtOnce = 90

/** How often a small change is planned anew because another came first. */
const attempts = 5

/**
 * Changes the trust store: plans on the generation in force, writes the next one where no reader looks, and brings it into force by one
 * conditional write, together with the events and answers that belong to it. A reader sees all of it or nothing, also when this process is
 * killed half-way: then the next change removes what was left.
 *
 * @param plan called again when another change came first; undefined means that nothing is to be done
 * @returns the generation that is in force now, or undefined where there was nothing to do
 * @throws {MmfError} `trust_change_in_progress`; what the plan throws, with nothing changed
 */
export async function changeTrust(
  context: TrustWriterContext,
  author: ChangeAuthor,
  plan: (base: ChangeBase) => Promise<ChangePlan | undefined>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Activation | undefined> {
  for (let attempt = 1; ; attempt++) {
    const state = await readyState(context, signal)
    const base = await baseAt(context, state.current, signal)
    const planned = await plan(base)
    if (planned === undefined) return undefined
    const change = completed(context, state, base, author, planned)
    const all = [...planned.content, ...change.entries, ...change.activation]
    if (all.length > maxAtOnce || all.reduce((sum, write) => sum + bytesOf(write), 0) > maxBatchBytes) {
      await inBatches(context, state, change, planned.content, signal)
      return change.activated
    }
    try {
      const switching = fromState(state, inForce(change))
      await context.database.transaction([switching, ...all], { signal })
      return change.activated
    } catch (error) {
      if (!isMmfError(error, 'database_conflict') || !isOutrun(error.members['failed'])) throw error
      if (attempt === attempts) throw inProgress(1000)
    }
  }
}

/** The state's own condition is the first write: where it failed, another change came first. */
const isOutrun = (failed: unknown) => Array.isArray(failed) && failed.includes(0)

interface CompletedChange {
  readonly activated: Activation
  readonly entries: readonly TrustWrite[]
  /** The generation's rows and what belongs to them. */
  readonly activation: readonly TrustWrite[]
}

function completed(
  { clock }: TrustWriterContext,
  state: StartingState,
  base: ChangeBase,
  { action, principal, reason, approvedBy }: ChangeAuthor,
  plan: ChangePlan,
): CompletedChange {
  const generation = state.current + 1
  // `asOf` needs one generation per moment, also where clocks step back.
  const earliest = state.activatedAt === undefined ? 0 : Date.parse(state.activatedAt) + 1
  const activatedAt = new Date(Math.max(clock.now().getTime(), earliest)).toISOString()
  const activated = { generation, activatedAt }
  const why = { action, principal, ...defined({ reason }) }
  const entries = plan.entries.map(entry => {
    const version = `${entry.subjectHash}.${entry.fingerprint}.${generationDigits(generation)}`
    const row: TrustEntryRow = { ...entry, ...why, version, generation, changedAt: activatedAt }
    return put(trustEntries, row)
  })
  const row: Omit<TrustGenerationRow, 'axis' | 'position'> = {
    ...activated,
    ...why,
    ...plan.record,
    ...defined({ approvedBy }),
    entries: entries.length,
    regions: [...new Set([...base.regions, ...plan.entries.map(({ region }) => region)])].sort(),
    sources: [...(plan.sources ?? base.sources)],
  }
  const activation = [
    insert(trustGenerations, { ...row, axis: 'number', position: generationDigits(generation) }),
    insert(trustGenerations, { ...row, axis: 'time', position: activatedAt }),
    ...plan.activation(activated),
  ]
  return { activated, entries, activation }
}

/** The columns that bring a generation into force. */
const inForce = ({ activated: { generation, activatedAt } }: CompletedChange) => ({ current: generation, activatedAt })

async function inBatches(
  context: TrustWriterContext,
  state: StartingState,
  change: CompletedChange,
  content: readonly TrustWrite[],
  signal: AbortSignal,
): Promise<void> {
  const { database, ids } = context
  const changeId = ids.next()
  await takeLease(context, changeId, state, signal)
  try {
    let part = 0
    for (const batch of batches([...content, ...change.entries])) {
      const keys = batch.flatMap(write =>
        write.kind === 'put' && write.table === trustEntries ? [keyOf(write.row as TrustEntryRow)] : [],
      )
      const journal = put(trustJournal, { changeId, part: part++, keys })
      await database.transaction([fence(context, changeId), journal, ...batch], { signal })
    }
    const free = { leaseHolder: undefined, leaseUntil: undefined, openJournal: undefined, closedJournal: changeId }
    const activate = update(
      trustState,
      { store: 'trust' },
      { ...inForce(change), ...free },
      { when: { leaseHolder: changeId, current: state.current } },
    )
    await database.transaction([activate, ...change.activation], { signal })
  } catch (error) {
    await abandon(context, changeId)
    if (isMmfError(error, 'database_conflict') && isOutrun(error.members['failed'])) throw inProgress(1000)
    throw error
  }
  try {
    await dropJournal(context, changeId, signal)
  } catch (error) {
    // The change is in force, and the next one drops what is left of its journal.
    if (!isMmfError(error)) throw error
  }
}

const keyOf = ({ region, version }: TrustEntryRow) => ({ region, version })

/**
 * Frees the store at once after a failure that this process survives. Where even that fails the lease ends and the next change does it,
 * so the first error is the one to report.
 */
async function abandon(context: TrustWriterContext, changeId: string): Promise<void> {
  const { signal } = new AbortController()
  try {
    await undo(context, changeId, changeId, signal)
    await release(context, changeId, signal)
  } catch (error) {
    if (!isMmfError(error)) throw error
  }
}
