import { table } from '@mmf/framework'
import * as z from 'zod'
import { entryColumns } from './entry-columns.ts'
import { collections } from './pkd-public-keys.ts'

/** One master list of the directory, as its state published it. Its bytes are a blob of the same hash. */
const PkdMasterListRow = z.strictObject({
  ...entryColumns,
  collection: z.enum(collections),
  /** Of the signer's certificate; of the entry's name where there is none. */
  country: z.optional(z.string()),
  /** RFC 4514. */
  signer: z.optional(z.string()),
  /** Claimed by the signer. */
  signingTime: z.optional(z.iso.datetime()),
  certificates: z.int(),
  size: z.int(),
  /** `verified`: its signer has a path to a trusted CSCA. `unverified`: the findings say why not. */
  signature: z.enum(['verified', 'unverified']),
  findings: z.array(z.string()),
  importId: z.string(),
})
export type PkdMasterListRow = z.output<typeof PkdMasterListRow>

export const pkdMasterLists = table({
  name: 'pkd_master_lists',
  row: PkdMasterListRow,
  partition: 'fingerprint',
  indexes: { by_shard: { partition: 'shard', sort: 'fingerprint' } },
})
