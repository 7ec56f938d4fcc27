import * as z from 'zod'
import { table } from '../database/table.ts'

/** When each limited caller may come again. A row that is gone is a caller who was not seen for long enough. */
export const rateLimitTable = table({
  name: 'rate_limits',
  row: z.object({
    /** The limit and the SHA-256 of the key, so that no subject stands in it. */
    id: z.string(),
    /** Microseconds since 1970: when all that was taken will have been given back (GCRA's theoretical arrival time). */
    arrival: z.int(),
    /** Of a quota, whose `arrival` is the end of its day: how many were taken. */
    used: z.optional(z.int()),
    /** Seconds since 1970. */
    expires: z.int(),
  }),
  partition: 'id',
  ttl: 'expires',
})
