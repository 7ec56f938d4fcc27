import type { Database } from '@mmf/framework'
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

const mostKeys = 100

/** Adds the certificates to rows, in order. */
export async function toEntries(
  rows: readonly TrustEntryRow[],
  database: Database<typeof trustCertificates, never>,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<readonly TrustEntry[]> {
  const entries: TrustEntry[] = []
  for (let first = 0; first < rows.length; first += mostKeys) {
    const part = rows.slice(first, first + mostKeys)
    const keys = part.map(({ fingerprint }) => ({ fingerprint }))
    const certificates = await database.getMany(trustCertificates, keys, options)
    part.forEach((row, index) => {
      entries.push(toEntry(row, certificates[index]))
    })
  }
  return entries
}

function toEntry(row: TrustEntryRow, stored: TrustCertificateRow | undefined): TrustEntry {
  const { subject = '', issuer = '', serialNumber = '', der } = stored ?? {}
  // A row that was let in can be read; one in quarantine perhaps not, and nobody builds a path over it.
  const certificate = row.kind === 'quarantined' || der === undefined ? undefined : parseCertificate(der)
  return { row, names: { subject, issuer, serialNumber }, certificate }
}
