import type { Certificate } from '@mmf/pki'
import type { PublicKeyRow } from '../../tables/pkd-public-keys.ts'
import { certificateFields } from './certificate-entry.ts'
import type { ConformanceVerdict } from './conformance.ts'
import { rankOf, shardOf } from './rank.ts'

/** What an entry says beside its contents, and who brought it. */
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

/** A withdrawn certificate stays withdrawn, whoever brings it again. */
export function changedRow(before: PublicKeyRow, again: PublicKeyRow): PublicKeyRow | undefined {
  const { status, withdrawal } = before
  const row = changed(before, { ...again, status, ...(withdrawal === undefined ? {} : { withdrawal }) })
  return row === undefined ? undefined : { ...row, rank: rankOf(row) }
}

interface Entry {
  readonly createdAt: string
  readonly revision: number
}

/** What decides whether an entry that came again has changed: all that is said of the same bytes but who said it and when. */
const compared = [
  'collection',
  'conformance',
  'signature',
  'findings',
  'dn',
  'pkdVersion',
  'pkdConformanceCode',
  'pkdConformanceText',
] as const

/** The row after the same contents came again; undefined where nothing is new. */
export function changed<Row extends Entry>(before: Row, again: Row): Row | undefined {
  const value = (row: object, field: string) => JSON.stringify((row as Record<string, unknown>)[field])
  if (compared.every(field => value(before, field) === value(again, field))) return undefined
  return { ...again, createdAt: before.createdAt, revision: before.revision + 1 }
}
