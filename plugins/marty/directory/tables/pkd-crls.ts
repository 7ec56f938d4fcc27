import { table } from '@mmf/framework'
import * as z from 'zod'
import { entryColumns } from './entry-columns.ts'
import { collections } from './pkd-public-keys.ts'

/** One revocation list of the directory. Its bytes are a blob of the same hash. */
/** What a CRL says of itself, as it is stored and as readers see it. */
export const crlColumns = {
  collection: z.enum(collections),
  /** RFC 4514. */
  issuer: z.string(),
  authorityKeyIdentifier: z.optional(z.string()),
  country: z.optional(z.string()),
  /** cRLNumber in decimal; up to 20 octets (RFC 5280 §5.2.3). */
  number: z.optional(z.string()),
  /** A delta CRL: the number of the base it starts from. */
  baseNumber: z.optional(z.string()),
  thisUpdate: z.iso.datetime(),
  nextUpdate: z.optional(z.iso.datetime()),
  revoked: z.int(),
  size: z.int(),
  /** `verified`: a trusted CSCA of that name signed it. `unverified`: none is trusted here. */
  signature: z.enum(['verified', 'unverified']),
}

const PkdCrlRow = z.strictObject({
  ...entryColumns,
  ...crlColumns,
  /** Hash of the issuer as RFC 5280 §7.1 compares names. */
  issuerKey: z.string(),
  /** Sorts the lists of one issuer by age: thisUpdate, then the fingerprint. */
  age: z.string(),
  importId: z.string(),
  /** When it was published that this list is past its nextUpdate. */
  staleSince: z.optional(z.iso.datetime()),
})
export type PkdCrlRow = z.output<typeof PkdCrlRow>

export const pkdCrls = table({
  name: 'pkd_crls',
  row: PkdCrlRow,
  partition: 'fingerprint',
  indexes: {
    by_issuer: { partition: 'issuerKey', sort: 'age' },
    by_shard: { partition: 'shard', sort: 'fingerprint' },
  },
})
