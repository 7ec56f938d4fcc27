import { MmfError, put, remove, unlessConflict, update } from '@mmf/framework'
import type { TrustWrite } from '../store/trust-grants.ts'
import { trustEntries } from '../tables/trust-entries.ts'
import { trustJournal } from '../tables/trust-journal.ts'
import { type TrustStateRow, trustState } from '../tables/trust-state.ts'
import type { TrustWriterContext } from './change-plan.ts'
import { maxBatchWrites } from './write-batches.ts'

/** A writer that says nothing for so long counts as dead. Each of its transactions renews it. */
export const leaseMilliseconds = 15_000

const storeKey = { store: 'trust' } as const

/** The state to start a change from, with whatever a dead writer left behind removed. @throws {MmfError} `trust_change_in_progress` */
export async function readyState(context: TrustWriterContext, signal: AbortSignal): Promise<StartingState> {
  const state = await stateOf(context, signal)
  const { leaseHolder, leaseUntil = '' } = state
  if (state.closedJournal !== undefined) await dropJournal(context, state.closedJournal, signal)
  if (leaseHolder === undefined) return state
  const now = context.clock.now()
  if (leaseUntil > now.toISOString()) throw inProgress(Date.parse(leaseUntil) - now.getTime())
  await takeOver(context, state, signal)
  return stateOf(context, signal)
}

/** The row of the store; `isNew` where there is none yet, because nothing was ever changed. */
export type StartingState = TrustStateRow & { readonly isNew: boolean }

async function stateOf({ database }: TrustWriterContext, signal: AbortSignal): Promise<StartingState> {
  const found = await database.get(trustState, storeKey, { signal })
  return found === undefined ? { ...storeKey, current: 0, isNew: true } : { ...found, isNew: false }
}

/** Changes the row of the store if it is still the one a change was planned on, and no other change is being written. */
export function fromState({ isNew, current }: StartingState, changes: Partial<TrustStateRow>): TrustWrite {
  if (isNew) return put(trustState, { ...storeKey, current, ...changes }, { when: 'absent' })
  return update(trustState, storeKey, changes, { when: { current, leaseHolder: { exists: false } } })
}

/** Renews the lease, and fails the transaction it is in if another writer has taken over: a writer that slept must not write on. */
export function fence(context: TrustWriterContext, holder: string): TrustWrite {
  return update(trustState, storeKey, { leaseUntil: leaseEnd(context) }, { when: { leaseHolder: holder } })
}

/** @throws {MmfError} `trust_change_in_progress` when another process changed the store or began to */
export async function takeLease(
  context: TrustWriterContext,
  holder: string,
  state: StartingState,
  signal: AbortSignal,
): Promise<void> {
  const lease = { leaseHolder: holder, leaseUntil: leaseEnd(context), openJournal: holder }
  const taken = await unlessConflict(context.database.write(fromState(state, lease), { signal }))
  if (!taken) throw inProgress(leaseMilliseconds)
}

const leaseEnd = ({ clock }: TrustWriterContext) => new Date(clock.now().getTime() + leaseMilliseconds).toISOString()

/** Takes over from a dead writer, removes what it wrote of a generation that never came into force, and frees the store. */
async function takeOver(context: TrustWriterContext, state: TrustStateRow, signal: AbortSignal): Promise<void> {
  const holder = context.ids.next()
  const { current, leaseHolder = '', leaseUntil = '', openJournal } = state
  const lease = { leaseHolder: holder, leaseUntil: leaseEnd(context) }
  const when = { current, leaseHolder, leaseUntil }
  const taken = await unlessConflict(context.database.write(update(trustState, storeKey, lease, { when }), { signal }))
  if (!taken) throw inProgress(leaseMilliseconds)
  if (openJournal !== undefined) await undo(context, openJournal, holder, signal)
  await release(context, holder, signal)
}

/** Removes the entries of a change that is not in force, part by part, each with the part of the journal that names them. */
export async function undo(
  context: TrustWriterContext,
  changeId: string,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  for await (const { part, keys } of journalOf(context, changeId, signal)) {
    // A journal of an earlier version names one entry more than one transaction has room for.
    const [some, rest] = [keys.slice(0, maxBatchWrites), keys.slice(maxBatchWrites)]
    const removed = (those: typeof keys) => those.map(key => remove(trustEntries, key))
    if (rest.length > 0) await context.database.transaction([fence(context, holder), ...removed(rest)], { signal })
    const journal = remove(trustJournal, { changeId, part })
    await context.database.transaction([fence(context, holder), journal, ...removed(some)], { signal })
  }
}

/** Removes the journal of a change that is in force, and keeps its entries. No other process uses that journal, so no lease is needed. */
export async function dropJournal(context: TrustWriterContext, changeId: string, signal: AbortSignal): Promise<void> {
  const { database } = context
  for await (const { part } of journalOf(context, changeId, signal)) {
    await database.write(remove(trustJournal, { changeId, part }), { signal })
  }
  const done = update(trustState, storeKey, { closedJournal: undefined }, { when: { closedJournal: changeId } })
  // A conflict: another run has done the same.
  await unlessConflict(database.write(done, { signal }))
}

async function* journalOf({ database }: TrustWriterContext, changeId: string, signal: AbortSignal) {
  for (;;) {
    // Each turn removes what it was given, so the first page is always the next one.
    const { rows } = await database.query(trustJournal, { partition: changeId, limit: 20 }, { signal })
    if (rows.length === 0) return
    yield* rows
  }
}

/** Frees the store; what its journal named is gone. */
export async function release(context: TrustWriterContext, holder: string, signal: AbortSignal): Promise<void> {
  const free = { leaseHolder: undefined, leaseUntil: undefined, openJournal: undefined }
  await context.database.write(update(trustState, storeKey, free, { when: { leaseHolder: holder } }), { signal })
}

export function inProgress(milliseconds: number): MmfError {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000))
  return new MmfError('trust_change_in_progress', {
    detail: `try again in ${seconds} s`,
    headers: { 'retry-after': String(seconds) },
  })
}
