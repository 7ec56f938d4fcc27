import { type Call, defined, isMmfError, MmfError } from '@mmf/framework'
import type { TrustAnchorContext } from '../operation.ts'
import type { Proposed } from '../schemas.ts'
import type { TrustWrite } from '../store/trust-grants.ts'
import { type ChangeKind, planningOn } from './change-kind.ts'
import type { Activation } from './change-plan.ts'
import { changeTrust } from './change-trust.ts'
import { propose } from './propose.ts'

export interface Author {
  readonly principal: string
  readonly approvedBy?: string
}

/**
 * Carries a change out, or where two persons must agree leaves it as a proposal. A proposal is planned too, so that what cannot be done is
 * refused at once.
 */
export async function request<Request, Answer>(
  kind: ChangeKind<Request, Answer>,
  given: Request,
  { context, call }: { readonly context: TrustAnchorContext; readonly call: Call },
): Promise<Answer | Proposed> {
  const principal = call.principal?.subject
  if (principal === undefined) throw new MmfError('authentication_required')
  if (context.config.trust_two_person_approval) return propose(kind, given, { context, call })
  return carryOut(kind, given, { context, call, author: { principal } })
}

/**
 * Plans and activates. What must be true exactly when the change is (`also`) and the stored answer of an idempotent request go into the
 * same transaction.
 */
export async function carryOut<Request, Answer>(
  kind: ChangeKind<Request, Answer>,
  given: Request,
  {
    context,
    call,
    author,
    also = () => [],
  }: {
    readonly context: TrustAnchorContext
    readonly call: Call
    readonly author: Author
    readonly also?: (activation: Activation) => readonly TrustWrite[]
  },
): Promise<Answer> {
  const reason = kind.reason(given)
  let answer: Answer | undefined
  await changeTrust(
    context,
    { action: kind.action, ...author, ...defined({ reason }) },
    async base => {
      const planned = await kind.plan(given, planningOn(base, { context, call, ...author }))
      return {
        ...planned.plan,
        activation(activation) {
          answer = planned.answer(activation)
          return [...planned.accompany(activation), ...also(activation), ...(call.idempotency?.complete(answer) ?? [])]
        },
      }
    },
    { signal: call.signal },
  )
  await forgetCached(context, call)
  if (answer === undefined) throw new MmfError('internal_error', { detail: 'a change of trust was not activated' })
  return answer
}

/**
 * Entries of the cache under `trust_anchor:` may hold an answer that is no longer right. The store itself caches nothing that a
 * change could make wrong, and the change is in force: a cache that does not answer is no reason to deny it.
 */
async function forgetCached({ cache }: TrustAnchorContext, { logger }: Call): Promise<void> {
  try {
    await cache.deletePattern('trust_anchor:*')
  } catch (error) {
    if (!isMmfError(error, 'database_unavailable')) throw error
    logger.error('cached answers about trust anchors were not forgotten', { error })
  }
}
