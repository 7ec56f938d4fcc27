import type { Database } from '@mmf/framework'
import type { Name } from '@mmf/pki'
import { storedNameKeys } from '../../certificates/stored-name-keys.ts'
import { trustCertificates } from '../tables/trust-certificates.ts'
import { type TrustEntryRow, trustEntries } from '../tables/trust-entries.ts'
import { type TrustGenerationRow, trustGenerations } from '../tables/trust-generations.ts'
import { trustState } from '../tables/trust-state.ts'
import { subjectKey } from './certificate-facts.ts'
import { generationDigits } from './generation-digits.ts'
import { type AnchorCandidates, type AnchorQuery, walkIssuers } from './issuer-walk.ts'
import { type TrustEntry, toEntries } from './trust-entry.ts'
import type { TrustReadTable } from './trust-grants.ts'

/** A view of the store. Every question names a generation, so that the answers to several questions belong together. */
export interface TrustStore {
  /** The generation in force; 0 while nothing was ever trusted. One read. */
  currentGeneration(): Promise<number>
  /** The generation that was in force at a moment; 0 before the first. A moment to come has the current one. */
  generationAt(time: Date): Promise<number>
  /** When and why a generation came into force; undefined for 0 and for one that is not there yet. */
  generation(number: number): Promise<TrustGenerationRow | undefined>
  /** The standing of one certificate, whatever its status; undefined where the store never held it up to then. */
  byFingerprint(fingerprint: string, generation: number): Promise<TrustEntry | undefined>
  /** Every certificate of this subject that the store held, whatever its status. */
  bySubject(name: Name, generation: number): Promise<readonly TrustEntry[]>
  /** What a path from the target may end at and lead over: see {@link AnchorCandidates}. */
  anchorsForIssuer(query: AnchorQuery): Promise<AnchorCandidates>
  /** All versions of one certificate up to a generation, oldest first. */
  history(fingerprint: string, generation: number): Promise<readonly TrustEntryRow[]>
}

/** What the store is read with: the scoped context of an operation whose scope holds `trustReads`. */
export interface TrustContext {
  readonly database: Database<TrustReadTable, never>
}

/**
 * The shared trust store, read through a service's own context. It keeps nothing between calls: a generation and a certificate never
 * change, so a cache may be keyed by them and needs no invalidation.
 *
 * All methods @throws {MmfError} `database_unavailable`, `deadline_exceeded`
 */
export function trustStoreOf(
  { database }: TrustContext,
  options: { readonly signal?: AbortSignal | undefined } = {},
): TrustStore {
  const given = { signal: options.signal }

  async function currentGeneration(): Promise<number> {
    return (await database.get(trustState, { store: 'trust' }, given))?.current ?? 0
  }

  async function rows(region: string, prefix: string, last: string): Promise<readonly TrustEntryRow[]> {
    const found: TrustEntryRow[] = []
    let cursor: string | undefined
    do {
      const page = await database.query(
        trustEntries,
        {
          partition: region,
          sort: { gte: prefix, lte: last },
          limit: 1000,
          cursor,
        },
        given,
      )
      found.push(...page.rows)
      cursor = page.cursor
    } while (cursor !== undefined)
    return found
  }

  async function bySubject(name: Name, generation: number): Promise<readonly TrustEntry[]> {
    const key = subjectKey(name)
    if (key === undefined) return []
    const found: TrustEntryRow[] = []
    for (const hash of storedNameKeys(name)) {
      const all = await rows(key.region, `${hash}.`, `${hash}.~`)
      // Rows of an earlier version name the subject by its key of then; comparisons of subjects are given the present one.
      found.push(...inForce(all, generation).map(row => (hash === key.subjectHash ? row : { ...row, ...key })))
    }
    return toEntries(found, database, given)
  }

  return {
    currentGeneration,
    async generationAt(time) {
      const query = { partition: 'time', sort: { lte: time.toISOString() }, descending: true, limit: 1 } as const
      return (await database.query(trustGenerations, query, given)).rows[0]?.generation ?? 0
    },
    async generation(number) {
      if (number < 1) return undefined
      return database.get(trustGenerations, { axis: 'number', position: generationDigits(number) }, given)
    },
    async byFingerprint(fingerprint, generation) {
      const certificate = await database.get(trustCertificates, { fingerprint }, given)
      if (certificate === undefined) return undefined
      const first = `${certificate.subjectHash}.${fingerprint}.`
      const { rows: found } = await database.query(
        trustEntries,
        {
          partition: certificate.region,
          sort: { gte: first, lte: first + generationDigits(generation) },
          descending: true,
          limit: 1,
        },
        given,
      )
      return (await toEntries(found, database, given))[0]
    },
    bySubject,
    async anchorsForIssuer(query) {
      return walkIssuers(query, bySubject)
    },
    async history(fingerprint, generation) {
      const certificate = await database.get(trustCertificates, { fingerprint }, given)
      if (certificate === undefined) return []
      const first = `${certificate.subjectHash}.${fingerprint}.`
      return rows(certificate.region, first, first + generationDigits(generation))
    },
  }
}

/** Of rows in the order of their keys, the last of each certificate that is not newer than the generation. */
function inForce(rows: readonly TrustEntryRow[], generation: number): readonly TrustEntryRow[] {
  const newest = new Map<string, TrustEntryRow>()
  for (const row of rows) if (row.generation <= generation) newest.set(row.fingerprint, row)
  return [...newest.values()]
}
