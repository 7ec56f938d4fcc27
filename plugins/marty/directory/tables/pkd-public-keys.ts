import { bytes, table } from '@mmf/framework'
import * as z from 'zod'
import { certificateKinds } from '../../certificates/kinds.ts'
import { entryColumns } from './entry-columns.ts'

/**
 * `conforming`: a path to a trusted CSCA was verified and the profile of Doc 9303-12 holds. `unverified`: no CSCA of its issuer is
 * trusted here. `non_conforming`: the findings say what is wrong.
 */
export const conformances = ['conforming', 'unverified', 'non_conforming'] as const

/** The collections of the ICAO PKD: 001 DSC and CRL, 002 master lists, 003 what does not conform. */
export const collections = ['001', '002', '003'] as const

/** One certificate of the public key directory. */
const PublicKeyRow = z.strictObject({
  ...entryColumns,
  status: z.enum(['published', 'withdrawn']),
  kind: z.enum(certificateKinds),
  collection: z.enum(collections),
  /** RFC 4514. */
  subject: z.string(),
  issuer: z.string(),
  /** Hash of the subject as RFC 5280 §7.1 compares names. */
  subjectKey: z.string(),
  /** Hash of the issuer, compared likewise, and the serial number. */
  issuerSerial: z.string(),
  /** Lower-case hex, as encoded. */
  serialNumber: z.string(),
  /** Subject key identifier, lower-case hex; of a certificate without one, the SHA-1 of its key (RFC 5280 §4.2.1.2 (1)). */
  keyIdentifier: z.string(),
  /** Upper case; absent where subject and issuer name none. */
  country: z.optional(z.string()),
  certificate: bytes(),
  notBefore: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  conformance: z.enum(conformances),
  findings: z.array(z.string()),
  /** Among the certificates of one subject the greatest is the one to use: published, then better conforming, then newer. */
  rank: z.string(),
  importId: z.optional(z.string()),
  withdrawal: z.optional(z.strictObject({ reason: z.string(), at: z.iso.datetime(), principal: z.string() })),
})
export type PublicKeyRow = z.output<typeof PublicKeyRow>

export const publicKeys = table({
  name: 'public_keys',
  row: PublicKeyRow,
  partition: 'fingerprint',
  indexes: {
    by_subject: { partition: 'subjectKey', sort: 'rank' },
    by_key_identifier: { partition: 'keyIdentifier', sort: 'rank' },
    by_issuer_serial: { partition: 'issuerSerial', sort: 'rank' },
    by_country: { partition: 'country', sort: 'fingerprint' },
    by_shard: { partition: 'shard', sort: 'fingerprint' },
    by_expiry: { partition: 'shard', sort: 'notAfter' },
  },
})
