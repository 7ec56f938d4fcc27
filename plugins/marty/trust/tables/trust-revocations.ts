import { table } from '@mmf/framework'
import * as z from 'zod'

export const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const

/** A revocation that an administrator made known here, beside what CRLs and OCSP responses say. One per certificate, for good. */
const TrustRevocationRow = z.strictObject({
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: z.string(),
  /** RFC 5280 §5.3.1. */
  reason: z.enum(revocationReasons),
  /** From when on it counts as revoked. */
  revokedAt: z.iso.datetime(),
  recordedAt: z.iso.datetime(),
  principal: z.string(),
  comment: z.optional(z.string()),
  /** The administrator who agreed, where two must. */
  approvedBy: z.optional(z.string()),
})
export type TrustRevocationRow = z.output<typeof TrustRevocationRow>

export const trustRevocations = table({
  name: 'trust_revocations',
  row: TrustRevocationRow,
  partition: 'fingerprint',
  logged: { rows: 'final' },
})
