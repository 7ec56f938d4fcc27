import { defined, inPlaceOf } from '@mmf/framework'
import type { Certificate } from '@mmf/pki'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'
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

/** A withdrawn certificate stays withdrawn when it is published or imported again. */
export function changedRow(before: PublicKeyRow, again: PublicKeyRow, alone = false): PublicKeyRow | undefined {
  const { status, withdrawal } = before
  const row = changed(before, { ...again, status, ...defined({ withdrawal }) }, alone)
  return row === undefined ? undefined : { ...row, rank: rankOf(row) }
}

interface Entry {
  readonly collection: PublicKeyRow['collection']
  readonly fingerprint: string
  readonly createdAt: string
  readonly revision: number
}

/** What only an entry of a directory says, not the contents. */
const said = ['collection', 'dn', 'pkdVersion', 'pkdConformanceCode', 'pkdConformanceText'] as const

/** What decides whether an entry that came again has changed: all of it but who said it and when. */
const compared = [...said, 'conformance', 'signature', 'findings'] as const

/**
 * The row after the same contents came again; undefined where nothing is new. Contents that came alone, not as the entry of a directory,
 * leave what an entry has said before.
 */
export function changed<Row extends Entry>(before: Row, again: Row, alone = false): Row | undefined {
  const value = (row: object, field: string) => (row as Record<string, unknown>)[field]
  const kept = [...(alone ? said : []), 'staleSince'].filter(field => value(before, field) !== undefined)
  const row = { ...again, ...Object.fromEntries(kept.map(field => [field, value(before, field)])) }
  const same = (field: string) => JSON.stringify(value(before, field)) === JSON.stringify(value(row, field))
  if (compared.every(same)) return undefined
  const shard = shardOf(row.collection, row.fingerprint)
  return inPlaceOf(before, { ...row, shard, createdAt: before.createdAt, revision: before.revision + 1 })
}
