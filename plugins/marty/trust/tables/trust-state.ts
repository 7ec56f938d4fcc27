import { table } from '@mmf/framework'
import * as z from 'zod'

/** The one row by which every reader knows what is in force. Only `current` concerns readers; the rest belongs to the process that changes the store. */
const TrustStateRow = z.strictObject({
  store: z.literal('trust'),
  /** The generation in force; 0 before the first change. */
  current: z.int().gte(0),
  /** When it came into force; absent for 0. */
  activatedAt: z.optional(z.iso.datetime()),
  /** Who is writing a generation too large for one transaction: a random id. */
  leaseHolder: z.optional(z.string()),
  /** RFC 3339. After it the writer counts as dead. */
  leaseUntil: z.optional(z.string()),
  /** The change whose rows must be removed if its writer dies. */
  openJournal: z.optional(z.string()),
  /** The change that is in force and whose journal is no longer needed. */
  closedJournal: z.optional(z.string()),
})
export type TrustStateRow = z.output<typeof TrustStateRow>

export const trustState = table({
  name: 'trust_state',
  row: TrustStateRow,
  partition: 'store',
  logged: { rows: 'changing', except: ['leaseHolder', 'leaseUntil', 'openJournal', 'closedJournal'] },
})
