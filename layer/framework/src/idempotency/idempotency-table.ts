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
    /** The process that holds the key, where one process alone can hold any: then the keys of every other one were left behind. */
    holder: z.optional(z.string()),
    /** The answer in wire form, as JSON; once completed. Of one that is too large for a row, nothing: it is in rows of its own. */
    output: z.optional(z.string()),
    /** How many rows those are: `<id>#0`, `<id>#1` … */
    parts: z.optional(z.int().gte(1)),
    /** Seconds since 1970. */
    expiresAt: z.int(),
  }),
  partition: 'id',
  ttl: 'expiresAt',
})

export type IdempotencyRow = RowOf<typeof idempotencyTable>
