import { table } from '@mmf/framework'
import * as z from 'zod'

/** One verdict with everything that led to it. Written before the verdict leaves, never changed. */
const ValidationRow = z.strictObject({
  /** UUID of version 7: sorts by time. */
  validationId: z.string(),
  /** `sub` of the token. */
  owner: z.optional(z.string()),
  /** The same, in rows of versions that had no entries for their lists: only those are in the index. */
  principal: z.optional(z.string()),
  correlationId: z.string(),
  createdAt: z.iso.datetime(),
  /** SHA-256 of the certificate in question, lower-case hex; of what was sent where that is none. */
  certificate: z.string(),
  /** SHA-256 of the list of all other inputs, a JSON text among the evidence: their hashes by kind. */
  inputs: z.string(),
  /** The generation of the trust store, or `request` where the caller supplied the anchors. */
  anchorsGeneration: z.union([z.literal('request'), z.int()]),
  valid: z.boolean(),
  judgedUnder: z.optional(z.string()),
  /** The same, in rows of those earlier versions. */
  profile: z.optional(z.string()),
  /** The moment that was judged. */
  at: z.iso.datetime(),
  /** How it was judged, as JSON: what the validator needs beside the inputs. */
  settings: z.string(),
  /** The verdict as JSON, at most `verdictBytes` long; what it leaves out, it counts. */
  verdict: z.string(),
})
type StoredValidation = z.output<typeof ValidationRow>

/** A row of any version, with the names that the code uses. */
export interface ValidationRow extends Omit<StoredValidation, 'owner' | 'judgedUnder'> {
  readonly principal: string
  /** Name of the profile that it was judged under. */
  readonly profile: string
}

export function readValidation(stored: StoredValidation): ValidationRow {
  const { owner, judgedUnder, principal = owner ?? '', profile = judgedUnder ?? '', ...row } = stored
  return { ...row, principal, profile }
}

export function storedValidation({ principal, profile, ...row }: ValidationRow): StoredValidation {
  return { ...row, owner: principal, judgedUnder: profile }
}

/** Longest stored verdict in bytes. With the rest of the row it stays far below the 400 KB of a DynamoDB item. */
export const verdictBytes = 256 * 1024

export const validations = table({
  name: 'validations',
  row: ValidationRow,
  partition: 'validationId',
  // One partition for each principal and profile: no row is added to them any more.
  indexes: {
    by_principal: { partition: 'principal', sort: 'validationId' },
    by_profile: { partition: 'profile', sort: 'validationId' },
  },
  logged: { rows: 'final' },
})
