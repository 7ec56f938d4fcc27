import { check } from '@mmf/framework'
import { type ExpirySource, expiryQuery } from '../../certificates/expiry/expiry-source.ts'
import type { TrustAnchorContext } from '../operation.ts'
import { knownEntries } from '../store/known-entries.ts'
import { purposesOf, toEntries } from '../store/trust-entry.ts'
import { trustStoreOf } from '../store/trust-store.ts'
import { trustEntries } from '../tables/trust-entries.ts'
import { trustState } from '../tables/trust-state.ts'

/** Anchors and link certificates of the store as something that expires: those that are trusted in the generation in force. */
export function expiringEntries(
  context: Pick<TrustAnchorContext, 'database'>,
  signal: AbortSignal,
): ExpirySource<typeof trustState> {
  const { database } = context
  const store = trustStoreOf(context, { signal })
  return {
    place: 'trust_store',
    partitions: async () => (await store.generation(await store.currentGeneration()))?.regions ?? [],
    page: (partition, range) => database.query(trustEntries, expiryQuery(partition, range), { signal }),
    async standing(fingerprints) {
      const generation = await store.currentGeneration()
      const known = [...(await knownEntries(database, fingerprints, generation, { signal })).values()]
      const trusted = known.filter(({ status, kind }) => status === 'trusted' && kind !== 'quarantined')
      const entries = await toEntries(trusted, database, { signal })
      return {
        certificates: entries.map(({ row, names }) => ({
          fingerprint: row.fingerprint,
          notAfter: row.notAfter,
          subject: names.subject,
          country: row.country,
          kind: row.kind === 'link' ? 'link' : 'anchor',
          ...(row.kind === 'anchor' ? { purposes: purposesOf(row) } : {}),
        })),
        // The generation is what trust is read in: while it is in force, all of this holds.
        guards: () => [check(trustState, { store: 'trust' }, { current: generation })],
      }
    },
  }
}
