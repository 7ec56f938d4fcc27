import { defined } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import { type TrustKind, trustKinds } from '../../certificates/kinds.ts'
import { countryOf, keyHashOf, type SubjectKey, subjectKey } from '../store/certificate-facts.ts'
import type { TrustEntryRow, TrustStatus, Voucher } from '../tables/trust-entries.ts'
import type { PlannedEntry } from './change-plan.ts'

/** Who vouches when an administrator does. No source may have this name. */
export const administrator = 'administrator'

/** Where certificates lie whose subject cannot be read. */
export const unreadableSubject: SubjectKey = { region: '--', subjectHash: 'unreadable' }

/** The best that any voucher says of it. */
function kindOf(vouchers: readonly Voucher[]): TrustKind {
  return trustKinds.find(kind => vouchers.some(voucher => voucher.kind === kind)) ?? 'quarantined'
}

/** A distrust is an administrator's word and outlives every list; else trust lasts as long as there is a voucher. */
export function statusOf(vouchers: readonly Voucher[], before?: TrustStatus): TrustStatus {
  if (before === 'distrusted') return 'distrusted'
  return vouchers.length > 0 ? 'trusted' : 'ended'
}

/** The standing of a certificate that the store has never held. */
export function newEntry(certificate: Certificate, vouchers: readonly Voucher[]): PlannedEntry {
  const country = countryOf(certificate.subject)
  return {
    ...(subjectKey(certificate.subject) ?? unreadableSubject),
    fingerprint: certificate.fingerprint,
    keyHash: keyHashOf(certificate),
    kind: kindOf(vouchers),
    status: statusOf(vouchers),
    vouchers: [...vouchers],
    ...defined({ country }),
    notBefore: new Date(certificate.notBefore).toISOString(),
    notAfter: new Date(certificate.notAfter).toISOString(),
  }
}

/** The next standing of a certificate the store knows: everything as it was but what `changes` says. */
export function nextEntry(row: TrustEntryRow, changes: Partial<PlannedEntry>): PlannedEntry {
  const { version: _v, generation: _g, action: _a, reason: _r, principal: _p, changedAt: _c, ...standing } = row
  return { ...standing, ...changes }
}

/** The next standing when the vouchers change; without any, its kind stays what it was. */
export function revouched(row: TrustEntryRow, vouchers: readonly Voucher[]): PlannedEntry {
  const kind = vouchers.length === 0 ? row.kind : kindOf(vouchers)
  const next = nextEntry(row, { vouchers: [...vouchers], kind, status: statusOf(vouchers, row.status) })
  if (kind === 'quarantined') return next
  const { quarantine: _quarantine, ...clean } = next
  return clean
}

/** The vouchers with one source's word replaced, or taken back. */
export function withVoucher(vouchers: readonly Voucher[], source: string, voucher?: Voucher): readonly Voucher[] {
  const others = vouchers.filter(other => other.source !== source)
  return voucher === undefined ? others : [...others, voucher]
}
