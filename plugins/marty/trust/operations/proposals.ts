import {
  type Call,
  defined,
  idempotent,
  isMmfError,
  MmfError,
  type Principal,
  remove,
  requiresAuth,
  traceOperation,
  unreadableOf,
  unreadableShape,
  update,
} from '@mmf/framework'
import * as z from 'zod'
import { addition } from '../changes/addition.ts'
import { type Author, carryOut } from '../changes/carry-out.ts'
import { revoke } from '../changes/revocation.ts'
import { distrust, restoration } from '../changes/status-changes.ts'
import { administrators, counted } from '../concerns.ts'
import { importing } from '../lists/list-importing.ts'
import { operation, type TrustAnchorContext } from '../operation.ts'
import { AddRequest, ImportRequest, PageRequest, Proposal, RevokeRequest, StatusRequest } from '../schemas.ts'
import type { TrustWrite } from '../store/trust-grants.ts'
import {
  proposalStatuses,
  type TrustProposalRow,
  trustProposalParts,
  trustProposals,
} from '../tables/trust-proposals.ts'

const Reference = z.strictObject({ proposalId: z.uuid() })

export const listProposals = operation({
  name: 'list_trust_proposals',
  description: 'Changes of the trust store that wait for a second administrator, or that one has decided on.',
  input: z.strictObject({ status: z.optional(z.enum(proposalStatuses)), ...PageRequest }),
  output: z.strictObject({ proposals: z.array(Proposal), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/trust-anchors/proposals' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_trust_proposals' })],
  async run({ status = 'pending', limit = 20, cursor }, { context, call }) {
    const page = await context.database.query(
      trustProposals,
      {
        index: 'by_status',
        partition: status,
        descending: true,
        limit,
        unreadable: 'report',
        cursor,
      },
      { signal: call.signal },
    )
    const next = defined({ cursor: page.cursor })
    return { proposals: page.rows.map(toProposal), ...unreadableOf(page), ...next }
  },
})

function toProposal({ parts: _parts, request, preview, ...row }: TrustProposalRow): z.output<typeof Proposal> {
  return { ...row, request: JSON.parse(request), preview: JSON.parse(preview) }
}

export const approveProposal = operation({
  name: 'approve_trust_proposal',
  description: 'Carries out a change that another administrator proposed, judged anew as things stand now.',
  input: Reference,
  output: z.strictObject({
    proposalId: z.string(),
    status: z.literal('approved'),
    /** Of the trust store; not where what was approved made none: a revocation. */
    generation: z.optional(z.int()),
  }),
  http: { method: 'POST', path: '/v1/trust-anchors/proposals/{proposalId}/approve' },
  concerns: [
    administrators(),
    counted('approve'),
    traceOperation({ operationName: 'approve_trust_proposal' }),
    idempotent(),
  ],
  async run({ proposalId }, { context, call }) {
    const { row, decider } = await undecided(proposalId, { context, call })
    const answer = (made: { readonly generation?: number }) => ({ proposalId, status: 'approved' as const, ...made })
    // The stored answer is this operation's, not that of the change it carries out.
    const { idempotency, ...within } = call
    const also = (made: { readonly generation?: number }) => idempotency?.complete(answer(made)) ?? []
    const generation = await approve(row, decider, { context, call: within, also })
    return answer(defined({ generation }))
  },
})

export const rejectProposal = operation({
  name: 'reject_trust_proposal',
  description: 'Turns down a change that another administrator proposed.',
  input: z.strictObject({ ...Reference.shape, reason: z.string().trim().min(1).max(500) }),
  output: z.strictObject({ proposalId: z.string(), status: z.literal('rejected') }),
  http: { method: 'POST', path: '/v1/trust-anchors/proposals/{proposalId}/reject' },
  concerns: [
    administrators(),
    counted('reject'),
    traceOperation({ operationName: 'reject_trust_proposal' }),
    idempotent(),
  ],
  async run({ proposalId, reason }, { context, call }) {
    const { row, decider } = await undecided(proposalId, { context, call })
    const decision = {
      status: 'rejected',
      ...decidedBy(decider, context),
      decisionReason: reason,
    } as const
    const decided = update(trustProposals, { proposalId }, decision, { when: { status: 'pending' } })
    const answer = { proposalId, status: 'rejected' as const }
    const stored = call.idempotency?.complete(answer) ?? []
    await deciding(proposalId, () =>
      context.database.transaction([decided, ...withoutParts(row), ...stored], { signal: call.signal }),
    )
    return answer
  },
})

interface Deciding {
  readonly context: TrustAnchorContext
  readonly call: Call
}

/** @throws {MmfError} `trust_proposal_not_found`, `trust_proposal_decided`, `trust_proposal_own` */
async function undecided(
  proposalId: string,
  { context, call }: Deciding,
): Promise<{ readonly row: TrustProposalRow; readonly decider: Principal }> {
  const decider = call.principal
  if (decider === undefined) throw new MmfError('authentication_required')
  const row = await context.database.get(trustProposals, { proposalId }, { signal: call.signal })
  if (row === undefined) throw new MmfError('trust_proposal_not_found', { detail: proposalId })
  if (row.status !== 'pending') throw decidedAlready(row.proposalId, row.status)
  if (isProposer(row, decider)) throw new MmfError('trust_proposal_own', { detail: `proposed by ${row.proposedBy}` })
  return { row, decider }
}

/**
 * A subject is unique within its issuer only (OpenID Connect Core §8), so both are compared. Where one issuer is not known, as in proposals of earlier
 * versions, the same subject counts as the same person.
 */
export function isProposer(
  { proposedBy, proposedByIssuer }: Pick<TrustProposalRow, 'proposedBy' | 'proposedByIssuer'>,
  { subject, issuer }: Pick<Principal, 'subject' | 'issuer'>,
): boolean {
  const isOtherIssuer = proposedByIssuer !== undefined && issuer !== undefined && proposedByIssuer !== issuer
  return proposedBy === subject && !isOtherIssuer
}

const decidedBy = ({ subject, issuer }: Principal, { clock }: TrustAnchorContext) => ({
  decidedBy: subject,
  ...defined({ decidedByIssuer: issuer }),
  decidedAt: clock.now().toISOString(),
})

/** Carries the proposal out; its decision is part of the transaction that brings it into force. @returns the generation, if it makes one */
async function approve(
  row: TrustProposalRow,
  decider: Principal,
  {
    context,
    call,
    also,
  }: Deciding & { readonly also: (made: { readonly generation?: number }) => readonly TrustWrite[] },
): Promise<number | undefined> {
  const { proposalId } = row
  const author: Author = { principal: row.proposedBy, approvedBy: decider.subject }
  const decided = { status: 'approved', ...decidedBy(decider, context) } as const
  const decide = (made: { readonly generation?: number }): readonly TrustWrite[] => [
    update(trustProposals, { proposalId }, { ...decided, ...made }, { when: { status: 'pending' } }),
    ...withoutParts(row),
    ...also(made),
  ]
  const options = {
    context,
    call,
    author,
    also: ({ generation }: { generation: number }) => decide({ generation }),
  }
  const request = JSON.parse(row.request)
  return deciding(proposalId, async () => {
    switch (row.operation) {
      case 'add_trust_anchor':
        return (await carryOut(addition, AddRequest.parse(request), options)).generation
      case 'distrust_trust_anchor':
        return (await carryOut(distrust, StatusRequest.parse(request), options)).generation
      case 'restore_trust_anchor':
        return (await carryOut(restoration, StatusRequest.parse(request), options)).generation
      case 'revoke_certificate': {
        const { revokedAt = row.proposedAt, ...revocation } = RevokeRequest.parse(request)
        await revoke({ ...revocation, revokedAt }, { context, call, author, also: decide({}) })
        return undefined
      }
      case 'import_master_list': {
        const masterList = Buffer.from(await proposedList(row, { context, call })).toString('base64')
        return (await carryOut(importing, ImportRequest.parse({ ...request, masterList }), options)).generation
      }
    }
  })
}

/** Two administrators may decide at the same time: one of them did. */
async function deciding<T>(proposalId: string, decide: () => Promise<T>): Promise<T> {
  try {
    return await decide()
  } catch (error) {
    if (isMmfError(error, 'database_conflict')) throw decidedAlready(proposalId, 'decided')
    throw error
  }
}

const decidedAlready = (proposalId: string, status: string) =>
  new MmfError('trust_proposal_decided', { detail: `${proposalId} is ${status}` })

async function proposedList({ proposalId, parts }: TrustProposalRow, { context, call }: Deciding): Promise<Uint8Array> {
  const keys = Array.from({ length: parts }, (_, part) => ({ proposalId, part }))
  const rows = await context.database.getMany(trustProposalParts, keys, { signal: call.signal })
  if (rows.some(row => row === undefined)) throw decidedAlready(proposalId, 'decided')
  return Buffer.concat(rows.flatMap(row => row?.content ?? []))
}

/** A decided proposal needs its list no more; what was imported is kept elsewhere. */
function withoutParts({ proposalId, parts }: TrustProposalRow): readonly TrustWrite[] {
  return Array.from({ length: parts }, (_, part) => remove(trustProposalParts, { proposalId, part }))
}
