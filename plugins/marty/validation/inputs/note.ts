import * as z from 'zod'
import { fetchedKinds } from '../tables/fetched-evidence.ts'

/** Why an address was not asked: too many in one call, or its time was over. */
const unasked = ['limit_reached', 'time_over'] as const

/** What became of one address that a certificate names; kept with the verdict, so that a missing piece of evidence can be explained. */
export const FetchNote = z.strictObject({
  kind: z.enum(fetchedKinds),
  url: z.string(),
  /** `kept`: what was fetched before still holds. `unchanged`: asked, and still the same. */
  outcome: z.enum(['kept', 'fetched', 'unchanged', 'failed', ...unasked]),
  /** Why it failed: `egress_…`, `status_…`, `evidence_malformed`, `evidence_older`. */
  code: z.optional(z.string()),
  /** SHA-256 of what there is to show, the latest first. */
  contents: z.array(z.string()),
})
export type FetchNote = z.output<typeof FetchNote>
