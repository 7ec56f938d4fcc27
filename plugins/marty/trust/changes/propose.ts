import { type Call, defined, insert, MmfError, type Principal } from '@mmf/framework'
import type { TrustAnchorContext } from '../operation.ts'
import type { Proposed } from '../schemas.ts'
import { type TrustProposalRow, trustProposalParts, trustProposals } from '../tables/trust-proposals.ts'
import { currentBase } from './change-base.ts'
import { type ChangeKind, planningOn } from './change-kind.ts'

/** Row limit 400 KB. */
const partBytes = 256 * 1024

/** A request as it is kept: its bytes apart, because a row has no room for a master list. */
interface WithBytes {
  readonly masterList?: Uint8Array
}

/** Keeps a change until another administrator decides. @throws {MmfError} where it could not be carried out now */
export async function propose<Request>(
  kind: ChangeKind<Request, unknown>,
  given: Request,
  { context, call }: { readonly context: TrustAnchorContext; readonly call: Call },
): Promise<Proposed> {
  const { database, ids } = context
  const { signal } = call
  const base = await currentBase(context, signal)
  const { preview } = await kind.plan(given, planningOn(base, { context, call, principal: proposerOf(call).subject }))
  const { masterList = new Uint8Array(), ...rest } = given as WithBytes
  const proposalId = ids.next()
  let parts = 0
  for (let first = 0; first < masterList.length; first += partBytes) {
    const content = masterList.slice(first, first + partBytes)
    await database.write(insert(trustProposalParts, { proposalId, part: parts++, content }), { signal })
  }
  // Parts without their row are never read; with it the proposal is complete.
  const { operation } = kind
  return keepProposal({ proposalId, operation, request: rest, parts, preview }, { context, call })
}

interface Kept extends Pick<TrustProposalRow, 'proposalId' | 'operation' | 'parts'> {
  readonly request: object
  readonly preview: Readonly<Record<string, unknown>>
}

/** Writes the row of a proposal, in the name of the caller. */
export async function keepProposal(
  { request, preview, ...kept }: Kept,
  { context, call }: { readonly context: TrustAnchorContext; readonly call: Call },
): Promise<Proposed> {
  const { subject, issuer } = proposerOf(call)
  const row: TrustProposalRow = {
    ...kept,
    status: 'pending',
    request: JSON.stringify(request),
    preview: JSON.stringify(preview),
    proposedBy: subject,
    ...defined({ proposedByIssuer: issuer }),
    proposedAt: context.clock.now().toISOString(),
  }
  const answer = { proposalId: kept.proposalId, status: 'pending', preview } as const
  await context.database.transaction([insert(trustProposals, row), ...(call.idempotency?.complete(answer) ?? [])], {
    signal: call.signal,
  })
  return answer
}

/** requiresAuth has run, so the principal is there; a proposal without one must be impossible all the same. */
function proposerOf({ principal }: Call): Principal {
  if (principal === undefined) throw new MmfError('authentication_required')
  return principal
}
