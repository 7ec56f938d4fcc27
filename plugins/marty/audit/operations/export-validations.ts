import { idempotent, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { ExportedPart, exportPageRecords, exportPart } from '../../records/export-records.ts'
import { operation } from '../operation.ts'
import { validationFilter, validationPage } from './list-validations.ts'

/** For auditors: the verdicts as a file, part by part, each with everything that its row says. */
export const exportValidations = operation({
  name: 'export_validations',
  description:
    'Writes stored verdicts that match all given filters into a file of NDJSON, newest first; the next part with its cursor.',
  input: z.strictObject({ ...validationFilter, cursor: z.optional(z.string().max(2048)) }),
  output: ExportedPart,
  http: { method: 'POST', path: '/v1/validations/exports', load: 'import', status: 201 },
  concerns: [
    requiresAuth({ roles: [roles.auditor] }),
    traceOperation({ operationName: 'export_validations' }),
    idempotent({ afterwards: true }),
  ],
  run({ cursor, ...filter }, { context, call }) {
    const pageOf = async (at: string | undefined) => {
      // A verdict may have 256 KB.
      const limit = exportPageRecords / 4
      const { rows, ...page } = await validationPage(filter, { limit, cursor: at }, { context, call })
      const records = rows.map(({ verdict, settings, ...row }) => ({
        ...row,
        settings: JSON.parse(settings) as unknown,
        verdict: JSON.parse(verdict) as unknown,
      }))
      return { ...page, records }
    }
    return exportPart(context, 'validations', cursor, pageOf, call)
  },
})
