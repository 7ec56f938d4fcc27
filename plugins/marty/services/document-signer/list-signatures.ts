import { integerText, MmfError, type Page, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { type SignatureRow, signatureRecords } from '../../tables/signature-records.ts'
import { operation } from './operation.ts'
import { seesAll, toRecord } from './record-access.ts'
import { SignatureRecord } from './schemas.ts'

/** No record is older than this format. */
const firstMonth = '2026-01'

const Input = z.strictObject({
  limit: z.optional(integerText({ min: 1, max: 100 })),
  cursor: z.optional(z.string().max(2048)),
})

/** Newest first; own records for a signer, all for an auditor. */
export const listSignatures = operation({
  name: 'list_signatures',
  description: 'Audit records, newest first: own ones for a signer, all for an auditor.',
  input: Input,
  output: z.strictObject({ signatures: z.array(SignatureRecord), cursor: z.optional(z.string()) }),
  http: { method: 'GET', path: '/v1/signatures' },
  concerns: [
    requiresAuth({ roles: ['document_signer', 'auditor'] }),
    traceOperation({ operationName: 'list_signatures' }),
  ],
  async run({ limit = 20, cursor }, { context, call }) {
    const { database, clock } = context
    const { signal } = call
    const page = seesAll(call.principal)
      ? await all()
      : await database.query(
          signatureRecords,
          {
            index: 'by_principal',
            partition: call.principal?.subject ?? '',
            descending: true,
            limit,
            ...(cursor === undefined ? {} : { cursor }),
          },
          { signal },
        )
    return { signatures: page.rows.map(toRecord), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) }

    /** Month by month backwards, until the page is full. Its cursor is the month and the cursor within it. */
    async function all(): Promise<Page<SignatureRow>> {
      const rows: SignatureRow[] = []
      const thisMonth = clock.now().toISOString().slice(0, 7)
      let at = parseCursor(cursor, thisMonth) ?? { month: thisMonth, inner: undefined }
      while (at.month >= firstMonth) {
        const found = await database.query(
          signatureRecords,
          {
            index: 'by_month',
            partition: at.month,
            descending: true,
            limit: limit - rows.length,
            ...(at.inner === undefined ? {} : { cursor: at.inner }),
          },
          { signal },
        )
        rows.push(...found.rows)
        at =
          found.cursor === undefined
            ? { month: monthBefore(at.month), inner: undefined }
            : { month: at.month, inner: found.cursor }
        if (rows.length >= limit && at.month >= firstMonth) return { rows, cursor: `${at.month}.${at.inner ?? ''}` }
      }
      return { rows }
    }
  },
})

/**
 * A cursor names a month that was: one in the far future would make thousands of queries on the way back from it.
 * @throws {MmfError} `cursor_invalid`
 */
function parseCursor(
  cursor: string | undefined,
  thisMonth: string,
): { month: string; inner: string | undefined } | undefined {
  if (cursor === undefined) return undefined
  const match = /^(\d{4}-(?:0[1-9]|1[0-2]))\.(.*)$/.exec(cursor)
  if (match?.[1] === undefined || match[1] < firstMonth || match[1] > thisMonth) throw new MmfError('cursor_invalid')
  return { month: match[1], inner: match[2] === '' ? undefined : match[2] }
}

function monthBefore(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, '0')}`
}
