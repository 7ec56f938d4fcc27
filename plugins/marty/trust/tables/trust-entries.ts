import { table } from '@mmf/framework'
import * as z from 'zod'
import { trustKinds } from '../../certificates/kinds.ts'
import { trustPurposes } from '../../certificates/purposes.ts'
import { trustActions } from './trust-generations.ts'

export const trustStatuses = ['trusted', 'distrusted', 'ended'] as const
export type TrustStatus = (typeof trustStatuses)[number]

const Voucher = z.strictObject({
  /** `administrator`, or the name of a source of master lists. */
  source: z.string(),
  kind: z.enum(trustKinds),
  purposes: z.array(z.enum(trustPurposes)),
})
export type Voucher = z.output<typeof Voucher>

const QuarantineReason = z.strictObject({ code: z.string(), message: z.string() })

/**
 * The standing of one certificate from one generation on. Rows are added, never changed: at generation G the row with the greatest
 * number up to G counts. A removed certificate has a row that says so.
 */
const TrustEntryRow = z.strictObject({
  /** Country of the subject, or `--`. It follows from the subject, so a subject's entries lie together and are found without an index. */
  region: z.string(),
  /** `<subject hash>.<fingerprint>.<generation in ten digits>` */
  version: z.string(),
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: z.string(),
  subjectHash: z.string(),
  /** SHA-256 of the SubjectPublicKeyInfo; empty where the certificate could not be read. */
  keyHash: z.string(),
  generation: z.int().gte(1),
  kind: z.enum(trustKinds),
  status: z.enum(trustStatuses),
  /** Who vouches for it. Trust ends with the last one. */
  vouchers: z.array(Voucher),
  /** Upper case: of the subject, else as the administrator said. */
  country: z.optional(z.string()),
  /** The window in which the store lets it be an anchor, beside the certificate's own validity. */
  validFrom: z.optional(z.iso.datetime()),
  validTo: z.optional(z.iso.datetime()),
  notBefore: z.string(),
  notAfter: z.string(),
  provenance: z.optional(z.string()),
  /** Why it may not be used; only for `quarantined`. */
  quarantine: z.optional(z.array(QuarantineReason)),
  action: z.enum(trustActions),
  reason: z.optional(z.string()),
  principal: z.string(),
  changedAt: z.iso.datetime(),
})
export type TrustEntryRow = z.output<typeof TrustEntryRow>

export const trustEntries = table({
  name: 'trust_entries',
  row: TrustEntryRow,
  partition: 'region',
  sort: 'version',
  // Every version, also of generations that never came into force: a reader that finds one must ask what counts.
  indexes: { by_expiry: { partition: 'region', sort: 'notAfter' } },
  logged: { rows: 'final' },
})
