import { table } from '@mmf/framework'
import * as z from 'zod'
import { expiryPlaces } from './expiry-notices.ts'

/** A look that has not come to its end, and where it goes on. */
const ExpiryLook = z.strictObject({
  lookId: z.string(),
  /** The step that is to be done; each is one event. */
  step: z.int(),
  startedAt: z.iso.datetime(),
  /** Certificates whose notAfter lies between these are looked at. Kept, because a cursor belongs to its query. */
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  /** Absent at the beginning. */
  partition: z.optional(z.string()),
  /** Absent at the beginning of the partition. */
  cursor: z.optional(z.string()),
})
export type ExpiryLook = z.output<typeof ExpiryLook>

/** How far the looks for expiring certificates have come, in each place. */
const ExpiryLooksRow = z.strictObject({
  place: z.enum(expiryPlaces),
  /** When the last look began that came to its end. */
  since: z.optional(z.iso.datetime()),
  look: z.optional(ExpiryLook),
  revision: z.int(),
})
export type ExpiryLooksRow = z.output<typeof ExpiryLooksRow>

export const expiryLooks = table({ name: 'expiry_looks', row: ExpiryLooksRow, partition: 'place' })
