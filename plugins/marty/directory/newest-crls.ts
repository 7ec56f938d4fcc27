import { isPkiError } from '@mmf/pki'
import { NameSyntaxError } from '../certificates/names/distinguished-name.ts'
import { nameFromText } from '../certificates/names/name-key.ts'
import type { PkdContext } from './operation.ts'
import { scanShards } from './queries/shard-scan.ts'
import { type PkdCrlRow, pkdCrls } from './tables/pkd-crls.ts'

export type WithNextUpdate = PkdCrlRow & { readonly nextUpdate: string }
/** Past its nextUpdate. */
export const isStale =
  (now: number) =>
  (row: PkdCrlRow): row is WithNextUpdate =>
    row.nextUpdate !== undefined && Date.parse(row.nextUpdate) < now

/** The newest complete list of each issuer and key. CRLs are few, some for each state. */
export async function newestCrls(
  context: Pick<PkdContext, 'database'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PkdCrlRow>> {
  const newest = new Map<string, PkdCrlRow>()
  let cursor: string | undefined
  do {
    const page = await scanShards<PkdCrlRow>({ limit: 500, cursor }, (partition, part) => {
      const within = { cursor: part.cursor }
      return context.database.query(
        pkdCrls,
        { index: 'by_shard', partition, limit: part.limit, unreadable: 'report', ...within },
        { signal },
      )
    })
    for (const row of page.rows.filter(({ baseNumber }) => baseNumber === undefined)) {
      const key = `${presentKey(row)} ${row.authorityKeyIdentifier ?? ''}`
      if (row.age > (newest.get(key)?.age ?? '')) newest.set(key, row)
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return newest
}

/** The key of the issuer as names are compared now: an earlier version may have stored the row under another. */
function presentKey({ issuer, issuerKey }: PkdCrlRow): string {
  try {
    return nameFromText(issuer).key
  } catch (error) {
    if (!(error instanceof NameSyntaxError) && !isPkiError(error)) throw error
    return issuerKey
  }
}
