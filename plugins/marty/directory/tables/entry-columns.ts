import * as z from 'zod'

/** Columns that every entry of the directory has, be it a certificate, a CRL or a master list. */
export const entryColumns = {
  /** SHA-256 of the content, lower-case hex. */
  fingerprint: z.string(),
  /** Collection and first digit of the fingerprint: the partitions of the whole directory. */
  shard: z.string(),
  /** What brought it: a name given by the one who published or imported it. */
  source: z.string(),
  /** `sub` of the token. */
  principal: z.string(),
  /** Of the entry in an LDIF: its name and what the publisher says of it. */
  dn: z.optional(z.string()),
  pkdVersion: z.optional(z.string()),
  pkdConformanceCode: z.optional(z.string()),
  pkdConformanceText: z.optional(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** Counts the changes of this row. */
  revision: z.int(),
}
