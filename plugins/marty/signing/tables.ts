import { bytes, signatureFormats, signingAlgorithmNames, table, writes } from '@mmf/framework'
import * as z from 'zod'
import { signatureEntries } from '../records/tables/record-entries.ts'

/** The audit record of one signature. It is written in the transaction that lets the signature leave, and never changed. */
const SignatureRow = z.strictObject({
  /** UUID of version 7: sorts by time. */
  signatureId: z.string(),
  /** `sub` of the token. */
  principal: z.string(),
  /** `YYYY-MM`: only in records of versions that had no entries for their lists (`record-entries.ts`). */
  month: z.optional(z.string()),
  /** Lower-case hex. */
  documentHash: z.string(),
  documentHashAlgorithm: z.enum(['SHA-256', 'SHA-384', 'SHA-512']),
  signature: bytes(),
  /** Absent where an ECDSA signature is DER, and for every other algorithm. */
  signatureFormat: z.optional(z.enum(signatureFormats)),
  algorithm: z.enum(signingAlgorithmNames),
  keyId: z.string(),
  keyVersion: z.int(),
  timestamp: z.iso.datetime(),
  correlationId: z.string(),
})
export type SignatureRow = z.output<typeof SignatureRow>

export const signatureRecords = table({
  name: 'signature_records',
  row: SignatureRow,
  partition: 'signatureId',
  // One partition for each month: no record is added to it any more.
  indexes: { by_month: { partition: 'month', sort: 'signatureId' } },
  logged: { rows: 'final' },
})

/** Every table that signing may touch, and how. */
export const tables = [writes(signatureRecords), writes(signatureEntries)] as const
