import { type Database, put } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import type { TrustPurpose } from '../../certificates/purposes.ts'
import type { ChangeBase, PlannedEntry } from '../changes/change-plan.ts'
import { administrator, newEntry, revouched, unreadableSubject, withVoucher } from '../changes/entry-plan.ts'
import { certificateRow, subjectKey } from '../store/certificate-facts.ts'
import { knownEntries } from '../store/known-entries.ts'
import { contentOf, partsOf } from '../store/list-parts.ts'
import type { TrustWrite, TrustWriteTable } from '../store/trust-grants.ts'
import { trustCertificates } from '../tables/trust-certificates.ts'
import type { TrustEntryRow, Voucher } from '../tables/trust-entries.ts'
import type { SourceList } from '../tables/trust-generations.ts'
import { compareLists, type ListDifference } from './compare-lists.ts'
import type { JudgedCertificates, JudgedListed } from './judge-list.ts'
import type { ReadList } from './read-list.ts'

export interface PlanListOptions {
  readonly database: Database<TrustWriteTable, TrustWriteTable>
  readonly base: ChangeBase
  readonly listId: string
  readonly source: string
  /** The last accepted list of the source. */
  readonly previous: SourceList | undefined
  /** The certificate that the request named: from now on an administrator vouches for it. */
  readonly named: Certificate | undefined
  readonly signal: AbortSignal
}

export interface PlannedList {
  readonly entries: readonly PlannedEntry[]
  readonly content: readonly TrustWrite[]
  readonly difference: ListDifference
  /** Anchors and link certificates that no source vouches for any more. */
  readonly ended: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  /** What the store knew of the certificates that are concerned. */
  readonly known: ReadonlyMap<string, TrustEntryRow>
}

/** What naming a certificate by its hash makes of it. */
const namedPurposes: readonly TrustPurpose[] = ['csca', 'master-list-signer']

/** What accepting a verified list changes: only what differs from the last list of its source is looked at and written. */
export async function planList(
  list: ReadList,
  certificates: JudgedCertificates,
  options: PlanListOptions,
): Promise<PlannedList> {
  const { database, base, listId, source, previous, named, signal } = options
  const before = previous === undefined ? new Map() : await contentOf(database, previous.listId, { signal })
  const after = new Map([...certificates].map(([fingerprint, { kind }]) => [fingerprint, kind]))
  const difference = compareLists(before, after)
  const concerned = new Set([...difference.added, ...difference.changed, ...difference.removed])
  if (named !== undefined) concerned.add(named.fingerprint)
  const known = await knownEntries(database, [...concerned], base.generation, { signal })

  const entries: PlannedEntry[] = []
  const content: TrustWrite[] = [...partsOf(listId, after)]
  for (const fingerprint of concerned) {
    const row = known.get(fingerprint)
    const listed = certificates.get(fingerprint)
    const voucher = listed === undefined ? undefined : voucherOf(listed, source)
    let vouchers = withVoucher(row?.vouchers ?? [], source, voucher)
    const isNamed = fingerprint === named?.fingerprint
    if (isNamed) vouchers = withVoucher(vouchers, administrator, namedVoucher(vouchers))
    const certificate = listed?.certificate ?? (isNamed ? named : undefined)
    if (row === undefined) {
      if (listed !== undefined && certificate === undefined) content.push(put(trustCertificates, unreadableRow(listed)))
      else if (certificate !== undefined) content.push(put(trustCertificates, rowOf(certificate)))
    }
    const next = standing(row, listed, certificate, vouchers)
    if (next !== undefined) entries.push(next)
  }
  const ended = entries.filter(({ kind, status, fingerprint }) => {
    return kind !== 'quarantined' && status === 'ended' && known.get(fingerprint)?.status === 'trusted'
  })
  return {
    entries,
    content,
    difference,
    ended: ended.map(({ fingerprint }) => fingerprint),
    counts: countsOf(list, certificates, difference, entries, known),
    known,
  }
}

function voucherOf({ kind }: JudgedListed, source: string): Voucher {
  return { source, kind, purposes: kind === 'anchor' ? ['csca'] : [] }
}

/** An administrator who named it before may have said more. */
function namedVoucher(vouchers: readonly Voucher[]): Voucher {
  const own = vouchers.find(({ source }) => source === administrator)
  return { source: administrator, kind: 'anchor', purposes: [...new Set([...(own?.purposes ?? []), ...namedPurposes])] }
}

/** Undefined where nothing about it changes. */
function standing(
  row: TrustEntryRow | undefined,
  listed: JudgedListed | undefined,
  certificate: Certificate | undefined,
  vouchers: readonly Voucher[],
): PlannedEntry | undefined {
  const faults = listed?.kind === 'quarantined' ? { quarantine: [...listed.faults] } : {}
  if (row === undefined) {
    const entry = certificate === undefined ? unreadableEntry(listed, vouchers) : newEntry(certificate, vouchers)
    return entry === undefined ? undefined : { ...entry, ...(entry.kind === 'quarantined' ? faults : {}) }
  }
  const next = revouched(row, vouchers)
  const same = JSON.stringify(next.vouchers) === JSON.stringify(row.vouchers) && next.status === row.status
  return same ? undefined : { ...next, ...(next.kind === 'quarantined' ? faults : {}) }
}

function unreadableEntry(listed: JudgedListed | undefined, vouchers: readonly Voucher[]): PlannedEntry | undefined {
  if (listed === undefined) return undefined
  const never = new Date(0).toISOString()
  const { fingerprint } = listed
  return {
    ...unreadableSubject,
    fingerprint,
    keyHash: '',
    kind: 'quarantined',
    status: 'trusted',
    vouchers: [...vouchers],
    notBefore: never,
    notAfter: never,
  }
}

const rowOf = (certificate: Certificate) =>
  certificateRow(certificate, subjectKey(certificate.subject) ?? unreadableSubject)

/** Kept as a record of what the list held, as far as a row has room. */
function unreadableRow({ fingerprint, der }: JudgedListed) {
  const kept = der.length > 300 * 1024 ? {} : { der }
  return { fingerprint, ...unreadableSubject, ...kept, subject: '', issuer: '', serialNumber: '' }
}

function countsOf(
  list: ReadList,
  certificates: JudgedCertificates,
  { added, removed, changed }: ListDifference,
  entries: readonly PlannedEntry[],
  known: ReadonlyMap<string, TrustEntryRow>,
): Readonly<Record<string, number>> {
  const judged = [...certificates.values()]
  const trusted = (one: { kind: string; status: string } | undefined) =>
    one?.kind === 'anchor' && one.status === 'trusted'
  const began = entries.filter(entry => trusted(entry) && !trusted(known.get(entry.fingerprint)))
  const over = entries.filter(entry => !trusted(entry) && trusted(known.get(entry.fingerprint)))
  return {
    certificates: list.length,
    countries: list.countries,
    anchors: judged.filter(({ kind }) => kind === 'anchor').length,
    links: judged.filter(({ kind }) => kind === 'link').length,
    quarantined: judged.filter(({ kind }) => kind === 'quarantined').length,
    added: added.length,
    removed: removed.length,
    changed: changed.length,
    trustBegun: began.length,
    trustEnded: over.length,
  }
}
