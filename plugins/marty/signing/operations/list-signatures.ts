import {
  type Call,
  type Clock,
  type Database,
  defined,
  integerText,
  readWhatCan,
  requiresAuth,
  signingAlgorithmNames,
  traceOperation,
  unreadableOf,
  unreadableShape,
} from '@mmf/framework'
import * as z from 'zod'
import { allowedFilter, listRecords, type RecordFilter, recordFilter } from '../../records/list-records.ts'
import type { Source } from '../../records/merge.ts'
import { byMonth } from '../../records/months.ts'
import { type AuditorAccess, seesAll } from '../../records/sees-all.ts'
import { signatureEntries } from '../../records/tables/record-entries.ts'
import { operation } from '../operation.ts'
import { readers, toRecord } from '../record-access.ts'
import { SignatureRecord } from '../schemas.ts'
import { type SignatureRow, signatureRecords } from '../tables.ts'

/** What records are filtered by. Times are those of the signature. */
export const signatureFilter = {
  ...recordFilter,
  documentHash: z.optional(z.string().regex(/^[0-9a-f]{64,128}$/, 'expected lower-case hexadecimal digits')),
  algorithm: z.optional(z.enum(signingAlgorithmNames)),
} as const

/** What reading records needs. */
export interface SignatureReader {
  readonly access: AuditorAccess
  readonly database: Database<typeof signatureRecords | typeof signatureEntries, never>
  readonly clock: Clock
}

type SignatureFilter = z.output<z.ZodObject<typeof signatureFilter>>

/** Newest first; own records for a signer, all for an auditor. A page may hold fewer than `limit` and still have a cursor. */
export const listSignatures = operation({
  name: 'list_signatures',
  description: 'Audit records that match all given filters, newest first: own ones for a signer, all for an auditor.',
  input: z.strictObject({
    ...signatureFilter,
    limit: z.optional(integerText({ min: 1, max: 100 })),
    cursor: z.optional(z.string().max(2048)),
  }),
  output: z.strictObject({
    signatures: z.array(SignatureRecord),
    ...unreadableShape,
    cursor: z.optional(z.string()),
  }),
  http: { method: 'GET', path: '/v1/signatures' },
  concerns: [requiresAuth({ roles: readers }), traceOperation({ operationName: 'list_signatures' })],
  async run({ limit = 20, cursor, ...filter }, { context, call }) {
    const page = await signaturePage(filter, { limit, cursor }, { context, call })
    const next = defined({ cursor: page.cursor })
    return { signatures: page.rows.map(toRecord), ...unreadableOf(page), ...next }
  },
})

/** @throws {MmfError} `access_denied`, `validation_failed`, `cursor_invalid` */
export async function signaturePage(
  { documentHash, algorithm, ...rest }: SignatureFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  { context, call }: { readonly context: SignatureReader; readonly call: Call },
) {
  const { database } = context
  const all = seesAll(context.access, call.principal)
  const filter = allowedFilter({ ...rest, subject: documentHash, trait: algorithm }, call.principal, all)
  const earlier = [earlierRecords(context, filter, all, call)]
  const page = await listRecords(database, { table: signatureEntries, filter, limit, cursor, earlier, call })
  const keys = page.ids.map(signatureId => ({ signatureId }))
  const read = await readWhatCan(database, signatureRecords, keys, { signal: call.signal })
  return {
    rows: read.rows.filter(row => row !== undefined),
    unreadable: [...page.unreadable, ...read.unreadable],
    ...defined({ cursor: page.cursor }),
  }
}

/** Records that have a month and no entry: an earlier version wrote them. */
function earlierRecords(
  { database, clock }: SignatureReader,
  { principal }: RecordFilter,
  all: boolean,
  { signal }: Call,
): Source {
  return (range, unreadable) =>
    byMonth(
      range,
      clock.now(),
      (partition, cursor) => {
        const { gte, lte } = range
        const sort = { gte, lte }
        const query = {
          index: 'by_month',
          partition,
          sort,
          descending: true,
          limit: principal === undefined ? 20 : 200,
        } as const
        const report = { ...query, unreadable: 'report' } as const
        return database.query(signatureRecords, cursor === undefined ? report : { ...report, cursor }, { signal })
      },
      toEntry,
      // Whose they are cannot be read either.
      all ? unreadable : [],
    )
}

const toEntry = ({ signatureId, principal, documentHash, algorithm }: SignatureRow) => ({
  id: signatureId,
  principal,
  subject: documentHash,
  trait: algorithm,
})
