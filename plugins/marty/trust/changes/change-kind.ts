import type { Call } from '@mmf/framework'
import { defined } from '@mmf/framework'
import type { TrustAnchorContext } from '../operation.ts'
import type { TrustWrite } from '../store/trust-grants.ts'
import { type TrustStore, trustStoreOf } from '../store/trust-store.ts'
import type { TrustAction } from '../tables/trust-generations.ts'
import type { TrustProposalRow } from '../tables/trust-proposals.ts'
import type { Activation, ChangeBase, ChangePlan } from './change-plan.ts'

/** What a kind of change knows while it plans. */
export interface PlanningContext {
  readonly context: TrustAnchorContext
  readonly call: Call
  readonly base: ChangeBase
  readonly store: TrustStore
  /** Who asked for the change; where it was proposed, not who approved it. */
  readonly principal: string
  readonly approvedBy?: string
}

/** A change worked out on a generation; nothing is written yet. */
export interface Planned<Answer> {
  readonly plan: Omit<ChangePlan, 'activation'>
  /** Events and records of its own, written when the change comes into force. */
  accompany(activation: Activation): readonly TrustWrite[]
  answer(activation: Activation): Answer
  /** For the person who must approve it. Plain data. */
  readonly preview: Readonly<Record<string, unknown>>
}

/** A change of the trust store as administrators ask for it: carried out at once, or proposed and carried out later. */
export interface ChangeKind<Request, Answer> {
  readonly operation: TrustProposalRow['operation']
  readonly action: TrustAction
  readonly reason: (request: Request) => string | undefined
  /** @throws {MmfError} where the request cannot be carried out on this generation */
  plan(request: Request, planning: PlanningContext): Promise<Planned<Answer>>
}

export function planningOn(
  base: ChangeBase,
  { context, call, principal, approvedBy }: Pick<PlanningContext, 'context' | 'call' | 'principal' | 'approvedBy'>,
): PlanningContext {
  const { signal } = call
  const by = defined({ approvedBy })
  return { context, call, base, principal, ...by, store: trustStoreOf(context, { signal }) }
}

/** A correlation for the events of a change. */
export const correlation = ({ call }: PlanningContext, subject: string) => ({
  subject,
  correlationId: call.correlationId,
  span: call.span,
})
