import { idempotent, MmfError, requiresAuth, traceOperation, update } from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { ImportStatus, JobId, toStatus } from '../import/import-schemas.ts'
import { continued, endImport } from '../import/import-step.ts'
import { operation, type PkdContext } from '../operation.ts'
import { orConflict } from '../or-conflict.ts'
import { type PkdImportRow, pkdImports } from '../tables/pkd-imports.ts'

async function runningImport(context: PkdContext, jobId: string, signal: AbortSignal): Promise<PkdImportRow> {
  const row = await context.database.get(pkdImports, { jobId }, { signal })
  if (row === undefined) throw new MmfError('import_not_found')
  if (row.state !== 'running') throw new MmfError('import_finished', { detail: `the import is ${row.state}` })
  return row
}

/** Has the next step done now: after an outage that used up the deliveries of its event, or by who does not want to wait for the next one. */
export const resumeImport = operation({
  name: 'resume_import',
  description: 'Lets a running import that stands still go on.',
  input: z.strictObject({ jobId: JobId }),
  output: ImportStatus,
  http: { method: 'POST', path: '/v1/pkd/imports/{jobId}/resume', status: 202 },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'resume_import' }),
    idempotent(),
  ],
  async run({ jobId }, { context, call }) {
    const { signal } = call
    const row = await runningImport(context, jobId, signal)
    const { revision } = row
    // The revision stays: a step that is at work, against appearances, may go on.
    const touched = update(
      pkdImports,
      { jobId },
      { updatedAt: context.clock.now().toISOString() },
      { when: { revision } },
    )
    const stored = call.idempotency?.complete(toStatus(row)) ?? []
    await orConflict(context.database.transaction([touched, continued(context, row, call), ...stored], { signal }))
    return toStatus(row)
  },
})

/** Ends an import where it stands; what it brought stays. */
export const cancelImport = operation({
  name: 'cancel_import',
  description: 'Ends a running import; what it brought stays.',
  input: z.strictObject({ jobId: JobId }),
  output: ImportStatus,
  http: { method: 'POST', path: '/v1/pkd/imports/{jobId}/cancel' },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'cancel_import' }),
    idempotent(),
  ],
  async run({ jobId }, { context, call }) {
    const row = await runningImport(context, jobId, call.signal)
    const also = (ended: PkdImportRow) => call.idempotency?.complete(toStatus(ended)) ?? []
    return toStatus(await endImport(context, row, { state: 'cancelled' }, call, also))
  },
})
