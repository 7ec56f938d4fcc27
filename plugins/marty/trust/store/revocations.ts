import { type Database, reads } from '@mmf/framework'
import { type TrustRevocationRow, trustRevocations } from '../tables/trust-revocations.ts'

/** What a service needs to ask for revocations made known here. */
export const revocationReads = [reads(trustRevocations)] as const

const maxKeys = 100

/** Which of these certificates an administrator has made known as revoked, by fingerprint. */
export async function revocationsOf(
  { database }: { readonly database: Database<typeof trustRevocations, never> },
  fingerprints: readonly string[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ReadonlyMap<string, TrustRevocationRow>> {
  const distinct = [...new Set(fingerprints)]
  const found = new Map<string, TrustRevocationRow>()
  for (let first = 0; first < distinct.length; first += maxKeys) {
    const keys = distinct.slice(first, first + maxKeys).map(fingerprint => ({ fingerprint }))
    for (const row of await database.getMany(trustRevocations, keys, options)) {
      if (row !== undefined) found.set(row.fingerprint, row)
    }
  }
  return found
}
