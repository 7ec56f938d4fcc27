import { table } from '@mmf/framework'
import * as z from 'zod'

/** Steps of looking at verdicts again that are done. Events are delivered at least once; a step is taken once. */
const RevisitRow = z.strictObject({
  /** The event that began it. */
  revisitId: z.string(),
  step: z.int(),
  /** Seconds since 1970. */
  expiresAt: z.int(),
})

export const validationRevisits = table({
  name: 'validation_revisits',
  row: RevisitRow,
  partition: 'revisitId',
  sort: 'step',
  ttl: 'expiresAt',
})
