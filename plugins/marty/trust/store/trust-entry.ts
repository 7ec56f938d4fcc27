import { type Database, readWhatCan, type UnreadableRow } from '@mmf/framework'
import { type Certificate, parseCertificate } from '@mmf/pki'
import { type TrustPurpose, trustPurposes } from '../../certificates/purposes.ts'
import { type TrustCertificateRow, trustCertificates } from '../tables/trust-certificates.ts'
import type { TrustEntryRow } from '../tables/trust-entries.ts'

/** The standing of a certificate at a generation, with the certificate. */
export interface TrustEntry {
  readonly row: TrustEntryRow
  readonly names: Pick<TrustCertificateRow, 'subject' | 'issuer' | 'serialNumber'>
  /** Undefined for a quarantined certificate that cannot be read. */
  readonly certificate: Certificate | undefined
}

/** What the vouchers together say it is good for. */
export function purposesOf({ vouchers }: TrustEntryRow): readonly TrustPurpose[] {
  const named = new Set(vouchers.filter(({ kind }) => kind === 'anchor').flatMap(({ purposes }) => purposes))
  return trustPurposes.filter(purpose => named.has(purpose))
}

const maxKeys = 100

/** Adds the certificates to rows, in order. */
export async function toEntries(
  rows: readonly TrustEntryRow[],
  database: Database<typeof trustCertificates, never>,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<readonly TrustEntry[]> {
  const entries: TrustEntry[] = []
  for (let first = 0; first < rows.length; first += maxKeys) {
    const part = rows.slice(first, first + maxKeys)
    const keys = part.map(({ fingerprint }) => ({ fingerprint }))
    const certificates = await database.getMany(trustCertificates, keys, options)
    part.forEach((row, index) => {
      entries.push(toEntry(row, certificates[index]))
    })
  }
  return entries
}

/** What a list shows of an entry. */
export type ListedEntry = Pick<TrustEntry, 'row' | 'names'>

/** Adds the names of the certificates to rows, in order, for lists: a certificate whose row cannot be read is left out and named apart. */
export async function toListed(
  rows: readonly TrustEntryRow[],
  database: Database<typeof trustCertificates, never>,
  options: { readonly signal?: AbortSignal },
): Promise<{ readonly entries: readonly ListedEntry[]; readonly unreadable: readonly UnreadableRow[] }> {
  const entries: ListedEntry[] = []
  const unreadable: UnreadableRow[] = []
  for (let first = 0; first < rows.length; first += maxKeys) {
    const part = rows.slice(first, first + maxKeys)
    const keys = part.map(({ fingerprint }) => ({ fingerprint }))
    const found = await readWhatCan(database, trustCertificates, keys, options)
    unreadable.push(...found.unreadable)
    const left = new Set(found.unreadable.map(({ key }) => key['fingerprint']))
    part.forEach((row, index) => {
      if (!left.has(row.fingerprint)) entries.push({ row, names: namesOf(found.rows[index]) })
    })
  }
  return { entries, unreadable }
}

const namesOf = ({ subject = '', issuer = '', serialNumber = '' }: Partial<TrustEntry['names']> = {}) => ({
  subject,
  issuer,
  serialNumber,
})

function toEntry(row: TrustEntryRow, stored: TrustCertificateRow | undefined): TrustEntry {
  const { der } = stored ?? {}
  // A row that was let in can be read; one in quarantine perhaps not, and no path is built over it.
  const certificate = row.kind === 'quarantined' || der === undefined ? undefined : parseCertificate(der)
  return { row, names: namesOf(stored), certificate }
}
