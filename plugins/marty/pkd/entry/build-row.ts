import type { Certificate } from '@mmf/pki'
import type { PublicKeyRow } from '../../tables/pkd-public-keys.ts'
import { certificateFields } from './certificate-entry.ts'
import type { ConformanceVerdict } from './conformance.ts'
import { rankOf, shardOf } from './rank.ts'

/** What an entry says beside its certificate. */
export interface EntryContext {
  readonly collection: PublicKeyRow['collection']
  readonly source: string
  readonly principal: string
  readonly importId?: string
  readonly dn?: string
  readonly pkdVersion?: string
  readonly pkdConformanceCode?: string
  readonly pkdConformanceText?: string
  /** RFC 3339. */
  readonly now: string
}

/** The row of a certificate that the directory does not hold yet. @throws {EntryRefused} */
export function newRow(certificate: Certificate, verdict: ConformanceVerdict, entry: EntryContext): PublicKeyRow {
  const { now, ...said } = entry
  const fields = certificateFields(certificate)
  const row = {
    ...fields,
    ...said,
    status: 'published' as const,
    conformance: verdict.conformance,
    findings: [...verdict.findings],
    shard: shardOf(entry.collection, fields.fingerprint),
    createdAt: now,
    updatedAt: now,
    revision: 1,
  }
  return { ...row, rank: rankOf(row) }
}

/** What decides whether an entry has changed. */
const compared = ['collection', 'conformance', 'dn', 'pkdVersion', 'pkdConformanceCode', 'pkdConformanceText'] as const

/**
 * The row after the same certificate came again: undefined where nothing is new. A withdrawn certificate stays withdrawn, whoever
 * brings it again.
 */
export function changedRow(before: PublicKeyRow, again: PublicKeyRow): PublicKeyRow | undefined {
  const same =
    compared.every(field => before[field] === again[field]) && before.findings.join() === again.findings.join()
  if (same) return undefined
  const { status, withdrawal, createdAt, revision } = before
  const row = {
    ...again,
    status,
    ...(withdrawal === undefined ? {} : { withdrawal }),
    createdAt,
    revision: revision + 1,
  }
  return { ...row, rank: rankOf(row) }
}
