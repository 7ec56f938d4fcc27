import { bytes, table } from '@mmf/framework'
import * as z from 'zod'

/** A certificate the store has met, by its content: every writer writes the same row, and it says nothing about trust. */
const TrustCertificateRow = z.strictObject({
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: z.string(),
  /** Absent where it is too large for a row. */
  der: z.optional(bytes()),
  region: z.string(),
  subjectHash: z.string(),
  subject: z.string(),
  issuer: z.string(),
  /** Hex, as encoded. */
  serialNumber: z.string(),
})
export type TrustCertificateRow = z.output<typeof TrustCertificateRow>

export const trustCertificates = table({
  name: 'trust_certificates',
  row: TrustCertificateRow,
  partition: 'fingerprint',
})
