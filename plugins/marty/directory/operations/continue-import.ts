import { eventHandler, eventInput } from '@mmf/framework'
import * as z from 'zod'
import { pkdImportContinued } from '../events/pkd-import-continued.ts'
import { runImportStep } from '../import/import-step.ts'
import { operation } from '../operation.ts'
import { pkdImports } from '../tables/pkd-imports.ts'

/** Does one step of an import. An event of a step that is done already, or of an import that is over, changes nothing. */
export const continueImport = operation({
  name: 'continue_import',
  description: 'Does the next step of an import.',
  input: eventInput(pkdImportContinued),
  output: z.undefined(),
  concerns: [eventHandler({ eventType: 'pkd_import_continued', retryAttempts: 10, asyncProcessing: true })],
  async run({ data: { jobId, step } }, { context, call }) {
    const job = await context.database.get(pkdImports, { jobId }, { signal: call.signal })
    if (job?.state === 'running' && job.step === step) await runImportStep(context, job, call)
    return undefined
  },
})
