import type { Database } from '@mmf/framework'
import { trustCertificates } from '../tables/trust-certificates.ts'
import { type TrustEntryRow, trustEntries } from '../tables/trust-entries.ts'
import { generationDigits } from './generation-digits.ts'

const maxKeys = 100

/** How many questions are under way at once. */
const width = 16

/** The rows in force of those of the given certificates that the store has ever held. The cost depends on their number, not on the store's. */
export async function knownEntries(
  database: Database<typeof trustCertificates | typeof trustEntries, never>,
  fingerprints: readonly string[],
  generation: number,
  options: { readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, TrustEntryRow>> {
  const known = new Map<string, TrustEntryRow>()
  for (let first = 0; first < fingerprints.length; first += maxKeys) {
    const keys = fingerprints.slice(first, first + maxKeys).map(fingerprint => ({ fingerprint }))
    const certificates = (await database.getMany(trustCertificates, keys, options)).filter(row => row !== undefined)
    for (let at = 0; at < certificates.length; at += width) {
      const rows = await Promise.all(
        certificates.slice(at, at + width).map(async ({ region, subjectHash, fingerprint }) => {
          const prefix = `${subjectHash}.${fingerprint}.`
          const sort = { gte: prefix, lte: prefix + generationDigits(generation) }
          const query = { partition: region, sort, descending: true, limit: 1 } as const
          return (await database.query(trustEntries, query, options)).rows[0]
        }),
      )
      for (const row of rows) if (row !== undefined) known.set(row.fingerprint, row)
    }
  }
  return known
}
