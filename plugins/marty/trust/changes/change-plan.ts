import type { Clock, Database, Ids } from '@mmf/framework'
import type { TrustWrite, TrustWriteTable } from '../store/trust-grants.ts'
import type { TrustEntryRow } from '../tables/trust-entries.ts'
import type { SourceList, TrustAction, TrustGenerationRow } from '../tables/trust-generations.ts'

/** What changing the store needs: the scoped context of an operation whose scope holds `trustWrites`. */
export interface TrustWriterContext {
  readonly database: Database<TrustWriteTable, TrustWriteTable>
  readonly clock: Clock
  readonly ids: Ids
}

/** What a change starts from. It is still so when the change comes into force, or the change does not. */
export interface ChangeBase {
  readonly generation: number
  readonly regions: readonly string[]
  readonly sources: readonly SourceList[]
}

/** A new standing; the change adds generation, key, principal and time. */
export type PlannedEntry = Omit<
  TrustEntryRow,
  'version' | 'generation' | 'action' | 'reason' | 'principal' | 'changedAt'
>

export interface Activation {
  readonly generation: number
  readonly activatedAt: string
}

export interface ChangePlan {
  readonly entries: readonly PlannedEntry[]
  /** Rows that say nothing by themselves (certificates by content, parts of a list that no row points to): they may stay behind if the change fails. */
  readonly content: readonly TrustWrite[]
  /** Further columns of the generation's row. */
  readonly record: Pick<TrustGenerationRow, 'counts' | 'source' | 'anchorId'>
  /** The lists that count from now on; default those that counted before. */
  readonly sources?: readonly SourceList[]
  /** What must exist exactly when the change is in force: events, stored answers, decisions. At most 50 writes. */
  activation(activation: Activation): readonly TrustWrite[]
}

/** Who changes the store, and why. */
export interface ChangeAuthor {
  readonly action: TrustAction
  readonly principal: string
  readonly reason?: string
  readonly approvedBy?: string
}
