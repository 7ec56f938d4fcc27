import { type Call, insert, type PlatformWrite, type Write } from '@mmf/framework'
import type { sourceStates } from '../../certificates/tables/source-states.ts'
import type { PkdContext } from '../operation.ts'
import { type PkdImportRow, pkdImports } from '../tables/pkd-imports.ts'
import { type ImportStatus, toStatus } from './import-schemas.ts'
import { continued } from './import-step.ts'

export interface ImportToBegin extends Pick<PkdImportRow, 'jobId' | 'source' | 'blob' | 'etag' | 'size'> {
  /** What is to be written with it: the stored answer of the request, what is known of a source. */
  readonly also: (answer: ImportStatus) => readonly (PlatformWrite | Write<typeof sourceStates>)[]
}

const noCounts = { processed: 0, added: 0, updated: 0, unchanged: 0, quarantined: 0, skipped: 0 }

/** Begins an import of a blob: the job and the event of its first step, in one transaction. */
export async function beginImport(
  context: PkdContext,
  { also, ...input }: ImportToBegin,
  call: Call,
): Promise<ImportStatus> {
  const now = context.clock.now().toISOString()
  const row: PkdImportRow = {
    ...input,
    state: 'running',
    principal: call.principal?.subject ?? '',
    correlationId: call.correlationId,
    position: 0,
    line: 1,
    counts: noCounts,
    step: 0,
    revision: 1,
    createdAt: now,
    updatedAt: now,
    all: 'import',
  }
  const answer = toStatus(row)
  await context.database.transaction([insert(pkdImports, row), continued(context, row, call), ...also(answer)], {
    signal: call.signal,
  })
  return answer
}
