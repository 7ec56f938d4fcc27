import * as z from 'zod'
import { type RowOf, table } from '../database/table.ts'

/** One event for one subscriber. The embedded relay keeps every delivery here; on AWS, where EventBridge and Lambda deliver, the dead ones are. */
export const deliveryTable = table({
  name: 'event_deliveries',
  row: z.object({
    eventId: z.string(),
    subscriber: z.string(),
    status: z.enum(['pending', 'delivered', 'dead']),
    /** `due#<subscriber>`, `dead`, or absent once delivered. */
    queue: z.optional(z.string()),
    /** RFC 3339. While an attempt runs this is the end of its lease, so that a relay that stalled loses it. */
    dueAt: z.optional(z.string()),
    /** Attempts begun. */
    attempts: z.int(),
    event: z.string(),
    /** Code or name of the last error; no text, which could hold secrets. */
    lastError: z.optional(z.string()),
    /** The message that brought it here as a dead letter (AWS). */
    filing: z.optional(z.string()),
    /** Seconds since 1970; only once it is delivered. */
    expires: z.optional(z.int()),
  }),
  partition: 'eventId',
  sort: 'subscriber',
  indexes: { due: { partition: 'queue', sort: 'dueAt' } },
  ttl: 'expires',
})

export type Delivery = RowOf<typeof deliveryTable>

/** Counts events that became dead letters. */
export const deadLetterCount = 'mmf_dead_letters_total'

export const deadQueue = 'dead'
export const dueQueue = (subscriber: string): string => `due#${subscriber}`
