import { type Call, insert } from '@mmf/framework'
import { trustProposalParts, trustProposals } from '../../tables/trust-proposals.ts'
import { currentBase } from '../../trust/change-base.ts'
import { type ChangeKind, planningOn } from './change-kind.ts'
import type { TrustAnchorContext } from './operation.ts'
import type { Proposed } from './schemas.ts'

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
  {
    context,
    call,
    principal,
  }: { readonly context: TrustAnchorContext; readonly call: Call; readonly principal: string },
): Promise<Proposed> {
  const { database, ids, clock } = context
  const { signal } = call
  const base = await currentBase(context, signal)
  const { preview } = await kind.plan(given, planningOn(base, { context, call, principal }))
  const { masterList = new Uint8Array(), ...rest } = given as WithBytes
  const proposalId = ids.next()
  let parts = 0
  for (let first = 0; first < masterList.length; first += partBytes) {
    const content = masterList.slice(first, first + partBytes)
    await database.write(insert(trustProposalParts, { proposalId, part: parts++, content }), { signal })
  }
  const answer = { proposalId, status: 'pending', preview } as const
  const row = insert(trustProposals, {
    proposalId,
    status: 'pending',
    operation: kind.operation,
    request: JSON.stringify(rest),
    parts,
    preview: JSON.stringify(preview),
    proposedBy: principal,
    proposedAt: clock.now().toISOString(),
  })
  // Parts without this row are nobody's; with it the proposal is complete.
  await database.transaction([row, ...(call.idempotency?.complete(answer) ?? [])], { signal })
  return answer
}
