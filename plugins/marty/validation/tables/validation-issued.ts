import { bytes, table } from '@mmf/framework'
import * as z from 'zod'

/** Each certificate that a verdict rests on, under who issued it: a revocation list names certificates by issuer and serial number. */
const IssuedRow = z.strictObject({
  /** Hash of the issuer as RFC 5280 §7.1 compares names. */
  issuerKey: z.string(),
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: z.string(),
  /** Content octets of the serial number. */
  serialNumber: bytes(),
})
export type IssuedRow = z.output<typeof IssuedRow>

export const validationIssued = table({
  name: 'validation_issued',
  row: IssuedRow,
  partition: 'issuerKey',
  sort: 'fingerprint',
})
