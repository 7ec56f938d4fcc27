import { type Call, insert, isMmfError, MmfError } from '@mmf/framework'
import { certificateRevoked } from '../events/certificate-revoked.ts'
import type { TrustAnchorContext } from '../operation.ts'
import type { Proposed, RevokeRequest } from '../schemas.ts'
import type { TrustWrite } from '../store/trust-grants.ts'
import { type TrustRevocationRow, trustRevocations } from '../tables/trust-revocations.ts'
import type { Author } from './carry-out.ts'
import { keepProposal } from './propose.ts'

interface Asked {
  readonly context: TrustAnchorContext
  readonly call: Call
}

/**
 * Makes a revocation known, or where two persons must agree leaves it as a proposal: with the moment from which it counts, so that a late approval
 * makes it no later.
 * @throws {MmfError} `validation_failed` for a moment to come; `revocation_exists`
 */
export async function requestRevocation(
  request: RevokeRequest,
  { context, call }: Asked,
): Promise<TrustRevocationRow | Proposed> {
  const principal = call.principal?.subject
  if (principal === undefined) throw new MmfError('authentication_required')
  const now = context.clock.now()
  const since = request.revokedAt === undefined ? now : new Date(request.revokedAt)
  if (since > now) {
    const message = 'a revocation to come is none yet'
    throw new MmfError('validation_failed', { detail: message, errors: [{ path: 'revokedAt', message }] })
  }
  const settled = { ...request, revokedAt: since.toISOString() }
  if (!context.config.trust_two_person_approval) return revoke(settled, { context, call, author: { principal } })
  const { fingerprint, reason, revokedAt } = settled
  const known = await context.database.get(trustRevocations, { fingerprint }, { signal: call.signal })
  if (known !== undefined) throw new MmfError('revocation_exists', { detail: fingerprint })
  return keepProposal(
    {
      proposalId: context.ids.next(),
      operation: 'revoke_certificate',
      request: settled,
      parts: 0,
      preview: { fingerprint, reason, revokedAt },
    },
    { context, call },
  )
}

/** Record, event, stored answer and what else must be true exactly then (`also`): one transaction. @throws {MmfError} `revocation_exists` */
export async function revoke(
  request: RevokeRequest & { readonly revokedAt: string },
  { context, call, author, also = [] }: Asked & { readonly author: Author; readonly also?: readonly TrustWrite[] },
): Promise<TrustRevocationRow> {
  const { database, events, clock } = context
  const row: TrustRevocationRow = { ...request, recordedAt: clock.now().toISOString(), ...author }
  const { comment: _comment, approvedBy: _approvedBy, ...published } = row
  const about = { subject: row.fingerprint, correlationId: call.correlationId, span: call.span }
  try {
    await database.transaction(
      [
        insert(trustRevocations, row),
        events.outbox(certificateRevoked, published, about),
        ...also,
        ...(call.idempotency?.complete(row) ?? []),
      ],
      { signal: call.signal },
    )
  } catch (error) {
    const { failed } = isMmfError(error, 'database_conflict') ? error.members : { failed: [] }
    // Where more than the record was in the way, another has decided on the same proposal.
    if (!Array.isArray(failed) || failed.length !== 1 || failed[0] !== 0) throw error
    throw new MmfError('revocation_exists', { detail: row.fingerprint })
  }
  return row
}
