import { table } from '@mmf/framework'
import * as z from 'zod'

/**
 * Steps of a revalidation that are done. Events are delivered at least once; a step is done once. The table, its column `revisitId` and the event
 * `validation_revisit_continued` were stored before the word was settled and keep their names.
 */
const RevalidationStepRow = z.strictObject({
  /** The event that began it. */
  revisitId: z.string(),
  step: z.int(),
  /** Seconds since 1970. */
  expiresAt: z.int(),
})

export const revalidationSteps = table({
  name: 'validation_revisits',
  row: RevalidationStepRow,
  partition: 'revisitId',
  sort: 'step',
  ttl: 'expiresAt',
})
