import { bytes, table } from '@mmf/framework'
import * as z from 'zod'

export const proposalStatuses = ['pending', 'approved', 'rejected'] as const

/** A change that waits for another administrator. The request is kept as it was made, and judged anew when it is approved. */
const TrustProposalRow = z.strictObject({
  proposalId: z.string(),
  status: z.enum(proposalStatuses),
  operation: z.enum([
    'add_trust_anchor',
    'distrust_trust_anchor',
    'restore_trust_anchor',
    'import_master_list',
    'revoke_certificate',
  ]),
  /** JSON; a master list is not in it but in the parts. */
  request: z.string(),
  /** How many parts the master list has. */
  parts: z.int().gte(0),
  /** For the person who decides: what it would do, as it looked when it was proposed. JSON. */
  preview: z.string(),
  proposedBy: z.string(),
  /** The `iss` of the proposer's token: a subject is unique within its issuer only. Absent in proposals of earlier versions. */
  proposedByIssuer: z.optional(z.string()),
  proposedAt: z.iso.datetime(),
  decidedBy: z.optional(z.string()),
  decidedByIssuer: z.optional(z.string()),
  decidedAt: z.optional(z.iso.datetime()),
  decisionReason: z.optional(z.string()),
  /** The generation that an approved proposal made. */
  generation: z.optional(z.int()),
})
export type TrustProposalRow = z.output<typeof TrustProposalRow>

export const trustProposals = table({
  name: 'trust_proposals',
  row: TrustProposalRow,
  partition: 'proposalId',
  indexes: { by_status: { partition: 'status', sort: 'proposalId' } },
  logged: { rows: 'changing' },
})

const TrustProposalPartRow = z.strictObject({ proposalId: z.string(), part: z.int().gte(0), content: bytes() })

/** A proposed master list, in pieces that fit into rows. */
export const trustProposalParts = table({
  name: 'trust_proposal_parts',
  row: TrustProposalPartRow,
  partition: 'proposalId',
  sort: 'part',
})
