import { idempotent, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { ExportedPart, exportPageRecords, exportPart } from '../../records/export-records.ts'
import { signatureFilter, signaturePage } from '../../signing/operations/list-signatures.ts'
import { toRecord } from '../../signing/record-access.ts'
import { SignatureRecord } from '../../signing/schemas.ts'
import { operation } from '../operation.ts'

/** For auditors: the audit records as a file, part by part. */
export const exportSignatures = operation({
  name: 'export_signatures',
  description:
    'Writes audit records that match all given filters into a file of NDJSON, newest first; the next part with its cursor.',
  input: z.strictObject({ ...signatureFilter, cursor: z.optional(z.string().max(2048)) }),
  output: ExportedPart,
  http: { method: 'POST', path: '/v1/signatures/exports', load: 'import', status: 201 },
  concerns: [
    requiresAuth({ roles: [roles.auditor] }),
    traceOperation({ operationName: 'export_signatures' }),
    idempotent({ afterwards: true }),
  ],
  run({ cursor, ...filter }, { context, call }) {
    const pageOf = async (at: string | undefined) => {
      const { rows, ...page } = await signaturePage(filter, { limit: exportPageRecords, cursor: at }, { context, call })
      return { ...page, records: rows.map(row => SignatureRecord.encode(toRecord(row))) }
    }
    return exportPart(context, 'signatures', cursor, pageOf, call)
  },
})
