import { defineEvent } from '@mmf/framework'
import * as z from 'zod'
import { changeCauses } from '../tables/validation-changes.ts'

/** The next verdicts are to be revalidated. The service publishes this to itself, so that no process has to live as long as all of it takes. */
export const revalidationContinued = defineEvent({
  name: 'validation_revisit_continued',
  version: 1,
  description: 'The next stored verdicts that rest on a certificate are to be looked at again.',
  data: z.strictObject({
    revisitId: z.string(),
    step: z.int(),
    cause: z.enum(changeCauses),
    /** Certificates whose verdicts are still to be looked at; the first is at hand. */
    fingerprints: z.array(z.string()),
    cursor: z.optional(z.string()),
  }),
})
