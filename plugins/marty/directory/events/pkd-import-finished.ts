import { defineEvent } from '@mmf/framework'
import * as z from 'zod'
import { ImportCounts } from '../tables/pkd-imports.ts'

/** Nothing more will come of this import. */
export const pkdImportFinished = defineEvent({
  name: 'pkd_import_finished',
  version: 1,
  description: 'An import into the public key directory is over.',
  data: z.strictObject({
    jobId: z.string(),
    state: z.enum(['completed', 'failed', 'cancelled']),
    source: z.string(),
    counts: ImportCounts,
    error: z.optional(z.string()),
  }),
})
