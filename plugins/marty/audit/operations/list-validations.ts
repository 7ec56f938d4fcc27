import {
  type Call,
  type Database,
  defined,
  integerText,
  readWhatCan,
  requiresAuth,
  traceOperation,
  unreadableOf,
  unreadableShape,
} from '@mmf/framework'
import { profiles } from '@mmf/pki'
import * as z from 'zod'
import { allowedFilter, listRecords, type RecordFilter, recordFilter } from '../../records/list-records.ts'
import { pages, type Source } from '../../records/merge.ts'
import { type AuditorAccess, seesAll } from '../../records/sees-all.ts'
import { validationEntries } from '../../records/tables/record-entries.ts'
import { readValidation, type ValidationRow, validations } from '../../validation/tables/validations.ts'
import { operation } from '../operation.ts'

const Summary = z.strictObject({
  validationId: z.uuid(),
  certificate: z.string(),
  valid: z.boolean(),
  profile: z.string(),
  at: z.iso.datetime(),
  anchorsGeneration: z.union([z.literal('request'), z.int()]),
  createdAt: z.iso.datetime(),
  principal: z.string(),
})

/** What verdicts are filtered by. Times are those when they were stored. */
export const validationFilter = {
  ...recordFilter,
  certificate: z.optional(z.string().regex(/^[0-9a-f]{64}$/, 'expected SHA-256 as 64 lower-case hexadecimal digits')),
  result: z.optional(z.enum(['valid', 'invalid'])),
} as const

/** What reading verdicts needs. */
export interface ValidationReader {
  readonly access: AuditorAccess
  readonly database: Database<typeof validations | typeof validationEntries, never>
}

type ValidationFilter = z.output<z.ZodObject<typeof validationFilter>>

/**
 * Newest first; own ones, or all for an auditor. The verdicts themselves are fetched one by one: a page of them could be too large for an answer.
 * A page may hold fewer than `limit` and still have a cursor.
 */
export const listValidations = operation({
  name: 'list_validations',
  description:
    'Validations that match all given filters, newest first, without their verdicts: own ones, or all for an auditor.',
  input: z.strictObject({
    ...validationFilter,
    limit: z.optional(integerText({ min: 1, max: 100 })),
    cursor: z.optional(z.string().max(2048)),
  }),
  output: z.strictObject({ validations: z.array(Summary), ...unreadableShape, cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/validations' },
  concerns: [requiresAuth(), traceOperation({ operationName: 'list_validations' })],
  async run({ limit = 20, cursor, ...filter }, { context, call }) {
    const page = await validationPage(filter, { limit, cursor }, { context, call })
    const next = defined({ cursor: page.cursor })
    return { validations: page.rows.map(summaryOf), ...unreadableOf(page), ...next }
  },
})

/** @throws {MmfError} `access_denied`, `validation_failed`, `cursor_invalid` */
export async function validationPage(
  { certificate, result, ...rest }: ValidationFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  { context, call }: { readonly context: ValidationReader; readonly call: Call },
) {
  const { database } = context
  const filter = allowedFilter(
    { ...rest, subject: certificate, trait: result },
    call.principal,
    seesAll(context.access, call.principal),
  )
  const earlier = earlierVerdicts(context, filter, call)
  const page = await listRecords(database, { table: validationEntries, filter, limit, cursor, earlier, call })
  const keys = page.ids.map(validationId => ({ validationId }))
  const read = await readWhatCan(database, validations, keys, { signal: call.signal })
  return {
    rows: read.rows.flatMap(row => (row === undefined ? [] : [readValidation(row)])),
    unreadable: [...page.unreadable, ...read.unreadable],
    ...defined({ cursor: page.cursor }),
  }
}

/** Verdicts that have no entry, because an earlier version wrote them, lie in the indexes that this one no longer writes. */
function earlierVerdicts(
  { database }: ValidationReader,
  { principal }: RecordFilter,
  { signal }: Call,
): readonly Source[] {
  const partitions =
    principal === undefined
      ? Object.keys(profiles).map(partition => ({ index: 'by_profile', partition }) as const)
      : [{ index: 'by_principal', partition: principal } as const]
  return partitions.map(where => ({ gte, lte }, unreadable) => {
    const query = { ...where, sort: { gte, lte }, descending: true, limit: 20, unreadable: 'report' } as const
    const pageOf = (cursor: string | undefined) =>
      database.query(validations, cursor === undefined ? query : { ...query, cursor }, { signal })
    return pages(pageOf, row => toEntry(readValidation(row)), unreadable)
  })
}

const toEntry = ({ validationId, principal, certificate, valid }: ValidationRow) => ({
  id: validationId,
  principal,
  subject: certificate,
  trait: valid ? 'valid' : 'invalid',
})

function summaryOf(row: ValidationRow): z.output<typeof Summary> {
  const { validationId, certificate, valid, profile, at, anchorsGeneration, createdAt, principal } = row
  return { validationId, certificate, valid, profile, at, anchorsGeneration, createdAt, principal }
}
