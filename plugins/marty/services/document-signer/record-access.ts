import type { Principal } from '@mmf/framework'
import type { SignatureRow } from '../../tables/signature-records.ts'

/** Auditors see every record, signers their own. */
export const seesAll = (principal: Principal | undefined) => principal?.roles.includes('auditor') === true

/** The record as readers see it: without the column that only serves an index. */
export function toRecord({ month: _month, ...record }: SignatureRow): Omit<SignatureRow, 'month'> {
  return record
}
