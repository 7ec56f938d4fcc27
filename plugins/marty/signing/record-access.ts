import { type Access, MmfError, type Principal, type SignatureFormat, signingAlgorithm } from '@mmf/framework'
import { roles } from '../access.ts'
import { seesAll } from '../records/sees-all.ts'
import type { SignatureRow } from './tables.ts'

/** Who may read records at all; which ones is another question. */
export const readers = [roles.documentSigner, roles.auditor] as const

/**
 * The record where this principal may see it. To any other principal it does not exist: each operation gives the same answer.
 * @throws {MmfError} `role_missing`, `signature_not_found`
 */
export function readable(
  row: SignatureRow | undefined,
  access: Access<(typeof readers)[number]>,
  principal: Principal | undefined,
): SignatureRow {
  if (!readers.some(role => access.hasRole(principal, role))) {
    throw new MmfError('role_missing', { detail: `needs one of: ${readers.map(({ name }) => name).join(', ')}` })
  }
  if (row === undefined || (row.principal !== principal?.subject && !seesAll(access, principal))) {
    throw new MmfError('signature_not_found')
  }
  return row
}

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
