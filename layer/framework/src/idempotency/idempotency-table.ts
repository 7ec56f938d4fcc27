import * as z from 'zod'
import { type RowOf, table } from '../database/table.ts'

/** Claimed keys and the answers stored under them. */
export const idempotencyTable = table({
  name: 'idempotency',
  row: z.strictObject({
    /** SHA-256 of principal, operation and key: one client's keys never meet another's. */
    id: z.string(),
    requestHash: z.string(),
    state: z.enum(['in-flight', 'completed']),
    /** The request that holds the key; only it may complete or release it. */
    owner: z.string(),
    /** Milliseconds since 1970. A request that died does not block its key for longer. */
    leaseUntil: z.int(),
    /** The answer in wire form, as JSON; once completed. */
    output: z.optional(z.string()),
    /** Seconds since 1970. */
    expiresAt: z.int(),
  }),
  partition: 'id',
  ttl: 'expiresAt',
})

export type IdempotencyRow = RowOf<typeof idempotencyTable>
