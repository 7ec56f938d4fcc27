import * as z from 'zod'

const dataGroupStatuses = ['match', 'mismatch', 'not_signed', 'not_checked'] as const

/** What a travel document showed, as it is answered and stored. */
export const DocumentRecord = z.strictObject({
  /** The signature of the EF.SOD, the data groups and the issuing State are right; whether the signer is to be believed is not said here. */
  valid: z.boolean(),
  /** SHA-256 of the EF.SOD. */
  sod: z.string(),
  securityObject: z.nullable(
    z.strictObject({
      version: z.int(),
      hashAlgorithm: z.string(),
      ldsVersion: z.nullable(z.string()),
      unicodeVersion: z.nullable(z.string()),
    }),
  ),
  /** One for each data group that was signed or presented; `not_checked`: signed, and nothing came to compare. */
  dataGroups: z.array(z.strictObject({ number: z.int(), status: z.enum(dataGroupStatuses) })),
  /** As the MRZ of DG1 names it, or the request. Null where neither does: it was not compared. */
  issuingState: z.nullable(z.string()),
  /** Claimed by the signer; judged is the moment of the request. */
  signingTime: z.nullable(z.iso.datetime()),
  /** Whether the chip answered its challenge rightly; left out where it was not asked. */
  activeAuthentication: z.optional(z.boolean()),
  /** Compatibilities that were needed. */
  compatibilities: z.array(z.string()),
})
export type DocumentRecord = z.output<typeof DocumentRecord>
