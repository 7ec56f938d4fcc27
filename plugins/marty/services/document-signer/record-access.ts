import { type Principal, type SignatureFormat, signingAlgorithm } from '@mmf/framework'
import type { SignatureRow } from '../../tables/signature-records.ts'

/** Auditors see every record, signers their own. */
export const seesAll = (principal: Principal | undefined) => principal?.roles.includes('auditor') === true

/** The record as readers see it: without the column that only serves an index, and with the form of an ECDSA signature. */
export function toRecord({ month: _month, ...record }: SignatureRow): Omit<SignatureRow, 'month'> {
  return { ...record, ...shownFormat(record) }
}

/** Answers and records name the form of every ECDSA signature. Rows do not where it is DER, as all were before there was another. */
export function shownFormat({
  algorithm,
  signatureFormat = 'der',
}: Pick<SignatureRow, 'algorithm' | 'signatureFormat'>): {
  readonly signatureFormat?: SignatureFormat
} {
  return signingAlgorithm(algorithm).scheme === 'ecdsa' ? { signatureFormat } : {}
}
