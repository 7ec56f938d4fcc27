import { type Database, type DatabaseAdapter, put } from '@mmf/framework'
import { parseCertificate } from '@mmf/pki'
import { createIds } from '../../layer/framework/src/ids/uuid-v7.ts'
import type { Activation, TrustWriterContext } from '../../plugins/marty/trust/changes/change-plan.ts'
import { changeTrust } from '../../plugins/marty/trust/changes/change-trust.ts'
import { newEntry, unreadableSubject } from '../../plugins/marty/trust/changes/entry-plan.ts'
import { certificateRow, subjectKey } from '../../plugins/marty/trust/store/certificate-facts.ts'
import { scanEntries } from '../../plugins/marty/trust/store/scan-entries.ts'
import { trustStoreOf } from '../../plugins/marty/trust/store/trust-store.ts'
import { trustCertificates } from '../../plugins/marty/trust/tables/trust-certificates.ts'
import { trustEntries } from '../../plugins/marty/trust/tables/trust-entries.ts'
import { trustGenerations } from '../../plugins/marty/trust/tables/trust-generations.ts'
import { trustImports } from '../../plugins/marty/trust/tables/trust-imports.ts'
import { trustJournal } from '../../plugins/marty/trust/tables/trust-journal.ts'
import { trustListParts } from '../../plugins/marty/trust/tables/trust-list-parts.ts'
import { trustProposalParts, trustProposals } from '../../plugins/marty/trust/tables/trust-proposals.ts'
import { trustState } from '../../plugins/marty/trust/tables/trust-state.ts'
import { manyCountries } from '../http/support/trust-anchors.fixture.ts'

export const trustTables = [
  trustState,
  trustGenerations,
  trustEntries,
  trustCertificates,
  trustJournal,
  trustImports,
  trustListParts,
  trustProposals,
  trustProposalParts,
] as const

/** DynamoDB Local's names of the tables. */
export const physicalName = (name: string): string => `trust-${name}`

export function writerOn(database: Database, clock: TrustWriterContext['clock']): TrustWriterContext {
  return { database, clock, ids: createIds({ clock }) }
}

const { signal } = new AbortController()

/** Puts a whole set in force as one generation: each entry carries the mark. */
export async function writeSet(
  context: TrustWriterContext,
  certificates: readonly Uint8Array[],
  mark: string,
): Promise<Activation> {
  const parsed = certificates.map(der => parseCertificate(der))
  const activation = await changeTrust(
    context,
    { action: 'master_list_imported', principal: mark, reason: mark },
    async () => ({
      entries: parsed.map(certificate => ({
        ...newEntry(certificate, [{ source: 'TEST', kind: 'anchor', purposes: ['csca'] }]),
        provenance: mark,
      })),
      content: parsed.map(certificate => {
        return put(trustCertificates, certificateRow(certificate, subjectKey(certificate.subject) ?? unreadableSubject))
      }),
      record: {},
      activation: () => [],
    }),
    { signal },
  )
  if (activation === undefined) throw new Error('nothing was changed')
  return activation
}

/** What a reader sees who asks now: the generation, and how many entries of each mark. */
export async function readSet(database: Database): Promise<{ generation: number; marks: Record<string, number> }> {
  const store = trustStoreOf({ database })
  const generation = await store.currentGeneration()
  const regions = (await store.generation(generation))?.regions ?? []
  const marks: Record<string, number> = {}
  let from: Parameters<typeof scanEntries>[1]['from']
  do {
    const keep = () => true
    const page = await scanEntries(database, { generation, regions, from, limit: 1000, keep, signal })
    for (const { provenance = '' } of page.rows) marks[provenance] = (marks[provenance] ?? 0) + 1
    from = page.next
  } while (from !== undefined)
  return { generation, marks }
}

/** How many rows a generation has, in force or not. */
export async function entriesOfGeneration(database: Database, generation: number): Promise<number> {
  let count = 0
  for (const region of manyCountries) {
    let cursor: string | undefined
    do {
      const page = await database.query(trustEntries, {
        partition: region,
        limit: 1000,
        cursor,
      })
      count += page.rows.filter(row => row.generation === generation).length
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  return count
}

/** An adapter whose transactions stop being answered once so many were carried out: what a killed writer looks like from outside. */
export function dyingAfter(transactions: number, database: DatabaseAdapter) {
  let left = transactions
  let release = () => {}
  const held = new Promise<void>(resume => {
    release = resume
  })
  const dying: DatabaseAdapter = {
    ...database,
    async transaction(...given) {
      if (left-- <= 0) await held
      return database.transaction(...given)
    },
  }
  return { dying, wake: () => release() }
}
