import { base64, integerText, unreadableShape } from '@mmf/framework'
import * as z from 'zod'
import { trustKinds } from '../certificates/kinds.ts'
import { trustPurposes } from '../certificates/purposes.ts'
import { fingerprint } from '../certificates/values/hexadecimal.ts'
import { listCompatibilities } from './lists/verify-list.ts'
import { trustStatuses } from './tables/trust-entries.ts'
import { trustActions } from './tables/trust-generations.ts'
import { proposalStatuses } from './tables/trust-proposals.ts'
import { revocationReasons } from './tables/trust-revocations.ts'

const moment = z.iso.datetime().meta({ description: 'RFC 3339, UTC' })
const purposes = z.array(z.enum(trustPurposes)).min(1).max(trustPurposes.length)
const reason = z.string().trim().min(1).max(500)
const count = z.int().gte(0)

/** Name of a source of master lists. */
const sourceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected letters, digits, dot, dash and underscore, at most 64')
  .refine(name => name !== 'administrator', 'administrator is no source of lists')

export const AddRequest = z.strictObject({
  certificate: z.string().min(1).max(500_000).meta({ description: 'PEM, or base64 of DER' }),
  purposes,
  country: z.optional(
    z
      .string()
      .regex(/^[A-Z]{2}$/, 'expected two upper-case letters')
      .meta({ description: 'for a subject that names none; ISO 3166-1 alpha-2 or an ICAO code' }),
  ),
  validFrom: z.optional(moment),
  validTo: z.optional(moment),
  provenance: z.optional(z.string().min(1).max(1000)),
  allowNotSelfSigned: z.optional(z.boolean()),
})
export type AddRequest = z.output<typeof AddRequest>

export const AnchorReference = z.strictObject({ anchorId: fingerprint })
export const AnchorAtTime = z.strictObject({ anchorId: fingerprint, asOf: z.optional(moment) })
export const StatusRequest = z.strictObject({ anchorId: fingerprint, reason })
export type StatusRequest = z.output<typeof StatusRequest>

export const RevokeRequest = z.strictObject({
  fingerprint,
  reason: z.enum(revocationReasons),
  revokedAt: z.optional(z.iso.datetime().meta({ description: 'RFC 3339, UTC; default now, never later' })),
  comment: z.optional(z.string().min(1).max(500)),
})
export type RevokeRequest = z.output<typeof RevokeRequest>

export const ImportRequest = z.strictObject({
  masterList: base64({
    minBytes: 1,
    maxBytes: 3_400_000,
    description: 'the signed list (CMS) as published, canonical base64',
  }),
  source: sourceName,
  trustedSigner: z.optional(fingerprint),
  dryRun: z.optional(z.boolean()),
  force: z.optional(z.boolean()),
  compatibilities: z.optional(z.array(z.enum(listCompatibilities)).max(listCompatibilities.length)),
})
export type ImportRequest = z.output<typeof ImportRequest>

export const PageRequest = {
  limit: z.optional(integerText({ min: 1, max: 100 })),
  cursor: z.optional(z.string().max(2048)),
}

export const ListRequest = z.strictObject({
  country: z.optional(z.string().regex(/^[A-Z]{2}$/, 'expected two upper-case letters')),
  status: z.optional(z.enum(trustStatuses)),
  purpose: z.optional(z.enum(trustPurposes)),
  kind: z.optional(z.enum(trustKinds)),
  expiringWithinDays: z.optional(integerText({ min: 0, max: 36_500 })),
  asOf: z.optional(moment),
  ...PageRequest,
})
export type ListRequest = z.output<typeof ListRequest>

const Fault = z.strictObject({ code: z.string(), message: z.string() })

export const Anchor = z.strictObject({
  anchorId: fingerprint,
  kind: z.enum(trustKinds),
  status: z.enum(trustStatuses),
  purposes: z.array(z.enum(trustPurposes)),
  country: z.optional(z.string()),
  subject: z.string(),
  issuer: z.string(),
  serialNumber: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
  validFrom: z.optional(z.string()),
  validTo: z.optional(z.string()),
  /** Who vouches for it: `administrator`, or sources of master lists. */
  sources: z.array(z.string()),
  provenance: z.optional(z.string()),
  /** What the last change of its standing was, and why. */
  action: z.enum(trustActions),
  reason: z.optional(z.string()),
  principal: z.string(),
  changedAt: z.string(),
  /** The generation of that change. */
  generation: z.int(),
  quarantine: z.optional(z.array(Fault)),
})
export type Anchor = z.output<typeof Anchor>

/** With the certificate itself as PEM. */
export const AnchorWithCertificate = z.strictObject({ ...Anchor.shape, certificate: z.optional(z.string()) })

export const AnchorList = z.strictObject({
  anchors: z.array(Anchor),
  /** The generation that the whole list, all its pages, shows. */
  generation: z.int(),
  ...unreadableShape,
  cursor: z.optional(z.string()),
})

export const HistoryAnswer = z.strictObject({ anchorId: fingerprint, versions: z.array(Anchor) })

/** A change that waits for another administrator. */
export const Proposed = z.strictObject({
  proposalId: z.string(),
  status: z.literal('pending'),
  preview: z.record(z.string(), z.unknown()),
})
export type Proposed = z.output<typeof Proposed>

export const Changed = z.strictObject({ anchorId: fingerprint, generation: z.int(), status: z.enum(trustStatuses) })
export type Changed = z.output<typeof Changed>

const Difference = z.strictObject({
  fingerprint: z.string(),
  subject: z.string(),
  country: z.string(),
  kind: z.enum(trustKinds),
})

export const Compared = z.strictObject({
  dryRun: z.literal(true),
  source: z.string(),
  signingTime: z.string(),
  added: z.array(Difference),
  removed: z.array(Difference),
  changed: z.array(Difference),
  byCountry: z.record(z.string(), z.strictObject({ added: count, removed: count, changed: count })),
  counts: z.record(z.string(), count),
})
export type Compared = z.output<typeof Compared>

export const Imported = z.strictObject({
  listId: z.string(),
  source: z.string(),
  generation: z.int(),
  sha256: z.string(),
  signingTime: z.string(),
  signer: z.strictObject({ subject: z.string(), fingerprint: z.string(), country: z.string() }),
  /** The anchor that the signer's path ended at. */
  anchorId: z.string(),
  anchorNamed: z.boolean(),
  forced: z.boolean(),
  /** Named departures from a standard that were needed. */
  compatibilities: z.array(z.string()),
  counts: z.record(z.string(), count),
})
export type Imported = z.output<typeof Imported>

export const ImportRecord = z.strictObject({
  ...Imported.shape,
  importedAt: z.string(),
  principal: z.string(),
  approvedBy: z.optional(z.string()),
})

export const Proposal = z.strictObject({
  proposalId: z.string(),
  status: z.enum(proposalStatuses),
  operation: z.string(),
  request: z.record(z.string(), z.unknown()),
  preview: z.record(z.string(), z.unknown()),
  proposedBy: z.string(),
  proposedByIssuer: z.optional(z.string()),
  proposedAt: z.string(),
  decidedBy: z.optional(z.string()),
  decidedByIssuer: z.optional(z.string()),
  decidedAt: z.optional(z.string()),
  decisionReason: z.optional(z.string()),
  generation: z.optional(z.int()),
})
