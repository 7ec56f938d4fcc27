import { defineEvent } from '@mmf/framework'
import * as z from 'zod'

/** The next step of an import is to be done. An import goes on by publishing this to itself, so that no process has to live as long as it. */
export const pkdImportContinued = defineEvent({
  name: 'pkd_import_continued',
  version: 1,
  description: 'The next step of an import into the public key directory is to be done.',
  data: z.strictObject({ jobId: z.string(), step: z.int() }),
})
