import { MmfError, type Page, type UnreadableRow } from '@mmf/framework'
import { objectBytes } from '../entries/object-content.ts'
import { writeEntry } from '../entries/write-entry.ts'
import type { PkdContext } from '../operation.ts'
import { type PkdCrlRow, pkdCrls } from '../tables/pkd-crls.ts'
import { type PkdMasterListRow, pkdMasterLists } from '../tables/pkd-master-lists.ts'
import { type PublicKeyRow, publicKeys } from '../tables/pkd-public-keys.ts'
import {
  decodePlace,
  type ExportKind,
  type ExportPlace,
  type ExportSection,
  encodePlace,
  sectionsOf,
} from './export-cursor.ts'

/** One thing of the directory on its way out. */
export interface ExportedEntry {
  readonly kind: ExportKind
  readonly fingerprint: string
  readonly content: Uint8Array
  readonly country?: string
  readonly serialNumber?: string
  readonly dn?: string
  readonly pkdVersion?: string
  readonly pkdConformanceCode?: string
  readonly pkdConformanceText?: string
}

export interface ExportPage {
  readonly entries: readonly ExportedEntry[]
  /** Rows of this page that cannot be read, and are left out. */
  readonly unreadable: readonly UnreadableRow[]
  readonly cursor?: string
}

/** Bytes of contents after which a page ends: in base64, with the largest rows, it stays below the 6 MB of an answer. */
const pageBytes = 1_000_000

/** Rows read at once: certificates have up to 128 KB, CRLs and lists may have megabytes. */
const atOnce: Readonly<Record<ExportKind, number>> = { certificate: 16, crl: 1, masterList: 1 }

/**
 * A page of a collection in the order of kind and fingerprint, without what is withdrawn. Rows that cannot be read count for the limit.
 * @throws {MmfError} `cursor_invalid`
 */
export async function exportPage(
  context: PkdContext,
  collection: PublicKeyRow['collection'],
  options: { readonly limit: number; readonly cursor?: string | undefined; readonly signal: AbortSignal },
): Promise<ExportPage> {
  const { limit, signal } = options
  const sections = sectionsOf(collection)
  let place: ExportPlace | undefined = decodePlace(options.cursor, sections.length)
  if (place === undefined) throw new MmfError('cursor_invalid')
  const entries: ExportedEntry[] = []
  const unreadable: UnreadableRow[] = []
  const left = () => limit - entries.length - unreadable.length
  let bytes = 0
  while (place !== undefined && left() > 0 && bytes < pageBytes) {
    const section: ExportSection | undefined = sections[place.section]
    if (section === undefined) return { entries, unreadable }
    const max = Math.min(atOnce[section.kind], left())
    const page = await sectionPage(context, section, max, place.inner, signal)
    unreadable.push(...(page.unreadable ?? []))
    for (const row of page.rows) {
      const entry = await exported(context, section.kind, row, signal)
      if (entry === undefined) continue
      entries.push(entry)
      bytes += entry.content.length
    }
    if (page.cursor !== undefined) place = { section: place.section, inner: page.cursor }
    else place = place.section + 1 < sections.length ? { section: place.section + 1 } : undefined
  }
  return place === undefined ? { entries, unreadable } : { entries, unreadable, cursor: encodePlace(place) }
}

type AnyRow = PublicKeyRow | PkdCrlRow | PkdMasterListRow

async function sectionPage(
  { database }: PkdContext,
  { kind, shard }: ExportSection,
  limit: number,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Page<AnyRow>> {
  const query = { index: 'by_shard', partition: shard, limit, unreadable: 'report', cursor } as const
  if (kind === 'certificate') return database.query(publicKeys, query, { signal })
  return kind === 'crl' ? database.query(pkdCrls, query, { signal }) : database.query(pkdMasterLists, query, { signal })
}

async function exported(
  context: PkdContext,
  kind: ExportKind,
  row: AnyRow,
  signal: AbortSignal,
): Promise<ExportedEntry | undefined> {
  if ('status' in row && row.status === 'withdrawn') return undefined
  const { fingerprint, country, dn, pkdVersion, pkdConformanceCode, pkdConformanceText } = row
  const content = 'certificate' in row ? row.certificate : await objectBytes(context, fingerprint, signal)
  const said = { country, dn, pkdVersion, pkdConformanceCode, pkdConformanceText }
  const given = Object.entries(said).filter(([, value]) => value !== undefined)
  const serialNumber = 'serialNumber' in row ? { serialNumber: row.serialNumber } : {}
  return { kind, fingerprint, content, ...serialNumber, ...Object.fromEntries(given) }
}

/** The entry in the layout of the ICAO PKD. */
export const ldifEntry = (collection: PublicKeyRow['collection'], entry: ExportedEntry): string =>
  writeEntry({ ...entry, collection })
