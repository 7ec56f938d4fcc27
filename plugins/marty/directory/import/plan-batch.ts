import {
  type AnyTable,
  concernsAll,
  type Database,
  defined,
  isMmfError,
  put,
  type RowOf,
  readWhatCan,
  type UnreadableRow,
  type Write,
} from '@mmf/framework'
import { readEntry } from '../entries/read-entry.ts'
import { changed, changedRow } from '../entry/build-row.ts'
import type { CscaSource } from '../entry/conformance.ts'
import { EntryRefused } from '../entry/entry-refused.ts'
import type { LdifItem } from '../ldif/ldif-item.ts'
import { pkdCrls } from '../tables/pkd-crls.ts'
import type { ImportCounts } from '../tables/pkd-imports.ts'
import { pkdMasterLists } from '../tables/pkd-master-lists.ts'
import type { PublicKeyRow } from '../tables/pkd-public-keys.ts'
import { publicKeys } from '../tables/pkd-public-keys.ts'
import { pkdQuarantine } from '../tables/pkd-quarantine.ts'
import { type Candidate, candidateOf, type ImportContext } from './candidate.ts'

type DirectoryTable = typeof publicKeys | typeof pkdCrls | typeof pkdMasterLists
export type ImportTable = DirectoryTable | typeof pkdQuarantine

/** What one batch does to the directory. */
export interface BatchPlan {
  readonly writes: readonly Write<ImportTable>[]
  readonly counts: ImportCounts
  readonly collections: ReadonlySet<PublicKeyRow['collection']>
  /** CRLs and lists whose bytes must be stored before their rows. */
  readonly contents: ReadonlyMap<string, Uint8Array>
  /** CRLs whose signature by a trusted CSCA is news. */
  readonly verifiedCrls: readonly string[]
}

/** A record that is read and judged: what it would become, or why it cannot. */
export type Judged =
  | { readonly item: LdifItem; readonly candidate: Candidate }
  | {
      readonly item: LdifItem
      readonly refused: { readonly code: string; readonly message: string; readonly at: number }
    }
  | { readonly item: LdifItem; readonly skipped: true }

/**
 * Reads and judges one record. Reads the trust store, nothing of the directory. What fails because of the record itself is refused, so that the records behind it are read.
 * @throws {MmfError} what the trust store throws
 */
export async function judgeItem(item: LdifItem, cscas: CscaSource, context: ImportContext): Promise<Judged> {
  if (item.kind === 'refused') return { item, refused: item }
  try {
    const entry = readEntry(item)
    if (entry === undefined) return { item, skipped: true }
    return { item, candidate: await candidateOf(entry, cscas, context) }
  } catch (error) {
    if (isMmfError(error) || concernsAll(error)) throw error
    const known = error instanceof EntryRefused
    const [code, message] = known ? [error.code, error.message] : ['internal_error', 'reading this record failed']
    return { item, refused: { code, message, at: item.line } }
  }
}

const tables = { certificate: publicKeys, crl: pkdCrls, masterList: pkdMasterLists } as const

/**
 * Compares what was read with the directory as it is now. Each write holds only if its row is still as it was read here. A record whose row in the
 * directory cannot be read goes into quarantine: that row may say that it is withdrawn, and is left as it is.
 * @throws {MmfError} `database_unavailable`
 */
export async function planBatch(
  judged: readonly Judged[],
  database: Pick<Database<ImportTable, ImportTable>, 'getMany'>,
  context: ImportContext,
  signal: AbortSignal,
): Promise<BatchPlan> {
  const { stored, unreadable } = await storedRows(judged, database, signal)
  const counts = { processed: judged.length, added: 0, updated: 0, unchanged: 0, quarantined: 0, skipped: 0 }
  const writes = new Map<string, Write<ImportTable>>()
  const collections = new Set<PublicKeyRow['collection']>()
  const contents = new Map<string, Uint8Array>()
  const verifiedCrls = new Set<string>()
  /** Rows as this batch leaves them: the same contents may come twice in it. */
  const current = new Map(stored)
  for (const { item, ...outcome } of judged.map(one => readable(one, unreadable))) {
    if ('skipped' in outcome) counts.skipped += 1
    else if ('refused' in outcome) {
      counts.quarantined += 1
      writes.set(`quarantine:${item.start}`, put(pkdQuarantine, quarantineRow(item, outcome.refused, context.importId)))
    } else {
      const { candidate } = outcome
      const id = idOf(candidate)
      const before = current.get(id)
      const row = before === undefined ? candidate.row : again(candidate, before)
      counts[before === undefined ? 'added' : row === undefined ? 'unchanged' : 'updated'] += 1
      if (row === undefined) continue
      current.set(id, row)
      collections.add(row.collection)
      if (before !== undefined) collections.add(before.collection)
      writes.set(id, writeOf(candidate, row, stored.get(id)))
      if (isVerified(row) && !isVerified(before)) verifiedCrls.add(row.fingerprint)
      if ('content' in candidate && before === undefined) contents.set(row.fingerprint, candidate.content)
    }
  }
  return { writes: [...writes.values()], counts, collections, contents, verifiedCrls: [...verifiedCrls] }
}

type AnyRow = Candidate['row']

const isVerified = (row: AnyRow | undefined): boolean =>
  row !== undefined && 'revoked' in row && row.signature === 'verified'

const idOf = ({ kind, row }: Candidate) => `${kind}:${row.fingerprint}`

function readable(judged: Judged, unreadable: ReadonlyMap<string, UnreadableRow>): Judged {
  const row = 'candidate' in judged ? unreadable.get(idOf(judged.candidate)) : undefined
  if (row === undefined) return judged
  const message = `the directory has an entry of it that cannot be read: ${row.table} ${row.id} (${row.reason})`
  return { item: judged.item, refused: { code: 'database_row_invalid', message, at: judged.item.line } }
}

async function storedRows(
  judged: readonly Judged[],
  database: Pick<Database<ImportTable, ImportTable>, 'getMany'>,
  signal: AbortSignal,
): Promise<{ stored: Map<string, AnyRow>; unreadable: Map<string, UnreadableRow> }> {
  const stored = new Map<string, AnyRow>()
  const unreadable = new Map<string, UnreadableRow>()
  for (const [kind, table] of Object.entries(tables)) {
    const wanted = judged.flatMap(one =>
      'candidate' in one && one.candidate.kind === kind ? [one.candidate.row.fingerprint] : [],
    )
    const fingerprints = [...new Set(wanted)]
    if (fingerprints.length === 0) continue
    const keys = fingerprints.map(fingerprint => ({ fingerprint }))
    const found = await readWhatCan<DirectoryTable>(database, table, keys, { signal })
    for (const row of found.rows) if (row !== undefined) stored.set(`${kind}:${row.fingerprint}`, row)
    for (const row of found.unreadable) unreadable.set(`${kind}:${row.key['fingerprint']}`, row)
  }
  return { stored, unreadable }
}

function again(candidate: Candidate, before: AnyRow): AnyRow | undefined {
  return candidate.kind === 'certificate'
    ? changedRow(before as PublicKeyRow, candidate.row, candidate.alone)
    : changed<AnyRow>(before, candidate.row, candidate.alone)
}

/** Revisions of rows that came twice in one batch are counted from what is stored. */
function writeOf({ kind }: Candidate, row: AnyRow, before: AnyRow | undefined): Write<ImportTable> {
  const when = before === undefined ? 'absent' : { revision: before.revision }
  return putRow(tables[kind], row as RowOf<DirectoryTable>, when)
}

const putRow = <T extends AnyTable>(table: T, row: RowOf<T>, when: 'absent' | { revision: number }): Write<T> =>
  put(table, row, { when })

function quarantineRow(item: LdifItem, refused: { code: string; message: string; at: number }, jobId: string) {
  return {
    jobId,
    position: item.start,
    line: item.line,
    at: refused.at,
    ...defined({ dn: item.dn?.slice(0, 4096) }),
    code: refused.code,
    message: refused.message.slice(0, 1000),
    size: item.end - item.start,
    content: item.raw(),
  } satisfies RowOf<typeof pkdQuarantine>
}
