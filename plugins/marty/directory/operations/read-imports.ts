import { defined, MmfError, requiresAuth, traceOperation, unreadableOf, unreadableShape } from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { ImportStatus, JobId, QuarantinedRecord, toStatus } from '../import/import-schemas.ts'
import { operation } from '../operation.ts'
import { page } from '../schemas.ts'
import { pkdImports } from '../tables/pkd-imports.ts'
import { pkdQuarantine } from '../tables/pkd-quarantine.ts'

const readers = { roles: [roles.pkdAdministrator, roles.auditor] }

export const getImport = operation({
  name: 'get_import',
  description: 'How far an import has come.',
  input: z.strictObject({ jobId: JobId }),
  output: ImportStatus,
  http: { method: 'GET', path: '/v1/pkd/imports/{jobId}' },
  concerns: [requiresAuth(readers), traceOperation({ operationName: 'get_import' })],
  async run({ jobId }, { context, call }) {
    const row = await context.database.get(pkdImports, { jobId }, { signal: call.signal })
    if (row === undefined) throw new MmfError('import_not_found')
    return toStatus(row)
  },
})

export const listImports = operation({
  name: 'list_imports',
  description: 'Imports, newest first.',
  input: z.strictObject(page),
  output: z.strictObject({ imports: z.array(ImportStatus), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/pkd/imports' },
  concerns: [requiresAuth(readers), traceOperation({ operationName: 'list_imports' })],
  async run({ limit = 20, cursor }, { context, call }) {
    const found = await context.database.query(
      pkdImports,
      {
        index: 'by_time',
        partition: 'import',
        descending: true,
        limit,
        unreadable: 'report',
        cursor,
      },
      { signal: call.signal },
    )
    return {
      imports: found.rows.map(toStatus),
      ...unreadableOf(found),
      ...defined({ cursor: found.cursor }),
    }
  },
})

/** The records of an import that could not be taken, in the order of the input. */
export const listQuarantine = operation({
  name: 'list_quarantine',
  description: 'The records of an import that could not be taken, with the reason and the record.',
  input: z.strictObject({ jobId: JobId, ...page }),
  output: z.strictObject({ records: z.array(QuarantinedRecord), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/pkd/imports/{jobId}/quarantine' },
  concerns: [requiresAuth(readers), traceOperation({ operationName: 'list_quarantine' })],
  async run({ jobId, limit = 20, cursor }, { context, call }) {
    const { signal } = call
    const job = await context.database.get(pkdImports, { jobId }, { signal })
    if (job === undefined) throw new MmfError('import_not_found')
    const query = {
      partition: jobId,
      limit,
      unreadable: 'report',
      cursor,
    } as const
    const found = await context.database.query(pkdQuarantine, query, { signal })
    return {
      records: found.rows.map(({ jobId: _jobId, ...record }) => record),
      ...unreadableOf(found),
      ...defined({ cursor: found.cursor }),
    }
  },
})
