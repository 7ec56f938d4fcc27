import { table } from '@mmf/framework'
import * as z from 'zod'

/** What holds certificates that expire. */
export const expiryPlaces = ['trust_store', 'directory'] as const
export type ExpiryPlace = (typeof expiryPlaces)[number]

/** How far it was told which certificates expire. Written in the transaction of what is told, so that nothing is told twice or not at all. */
const ExpiryLookRow = z.strictObject({
  place: z.enum(expiryPlaces),
  /** Everything that had crossed a threshold by then is told. */
  since: z.iso.datetime(),
  /** A look that is not over. */
  pass: z.optional(
    z.strictObject({
      /** The moment that it looks from; it becomes `since`. */
      at: z.iso.datetime(),
      /** Days before notAfter, as they were when it began. */
      thresholds: z.array(z.int()),
      /** Where it is: partition and threshold. All before it is done. */
      step: z.optional(z.string()),
      /** Within this step. */
      cursor: z.optional(z.string()),
    }),
  ),
  revision: z.int(),
})
export type ExpiryLookRow = z.output<typeof ExpiryLookRow>

export const expiryLooks = table({ name: 'expiry_looks', row: ExpiryLookRow, partition: 'place' })
