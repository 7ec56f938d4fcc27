import { defined } from '@mmf/framework'
import type { PkdEntry } from '../entries/read-entry.ts'
import { newRow } from '../entry/build-row.ts'
import { readCertificate } from '../entry/certificate-entry.ts'
import { type CscaSource, judgeConformance } from '../entry/conformance.ts'
import { crlRow } from '../entry/crl-row.ts'
import { EntryRefused } from '../entry/entry-refused.ts'
import { masterListRow } from '../entry/master-list-row.ts'
import type { PkdCrlRow } from '../tables/pkd-crls.ts'
import type { PkdMasterListRow } from '../tables/pkd-master-lists.ts'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'

/** What an entry would become. */
export type Candidate = (
  | { readonly kind: 'certificate'; readonly row: PublicKeyRow }
  | { readonly kind: 'crl'; readonly row: PkdCrlRow; readonly content: Uint8Array }
  | { readonly kind: 'masterList'; readonly row: PkdMasterListRow; readonly content: Uint8Array }
) & { readonly alone: boolean }

/** Who imports, from where, and when. */
export interface ImportContext {
  readonly importId: string
  readonly source: string
  readonly principal: string
  /** RFC 3339. */
  readonly now: string
}

/** Parses and judges the contents of an entry. @throws {EntryRefused} */
export async function candidateOf(entry: PkdEntry, cscas: CscaSource, context: ImportContext): Promise<Candidate> {
  const { kind, content, branch, country, alone, ...said } = entry
  const conforming = kind === 'masterList' ? '002' : '001'
  const about = { ...context, ...said, collection: branch === 'data' ? conforming : '003' } as const
  if (kind === 'crl') return { kind, alone, content, row: await crlRow(content, cscas, about) }
  if (kind === 'masterList') {
    const named = defined({ country })
    return { kind, alone, content, row: await masterListRow(content, cscas, { ...about, ...named }) }
  }
  const certificate = readCertificate(content)
  const verdict = await judgeConformance(certificate, cscas)
  if (verdict.forged) {
    throw new EntryRefused('signature_invalid')
  }
  const row = newRow(certificate, verdict, about)
  if (country === undefined || row.country === undefined || row.country === country) return { kind, alone, row }
  // The certificate counts, not the place in the directory; the entry is kept, with the finding.
  const findings = [...row.findings, 'country_mismatch']
  return { kind, alone, row: newRow(certificate, { conformance: 'non_conforming', findings, forged: false }, about) }
}
