import { type Database, put } from '@mmf/framework'
import type { TrustKind } from '../../certificates/kinds.ts'
import { trustListParts } from '../tables/trust-list-parts.ts'
import type { TrustWrite } from './trust-grants.ts'

/** About 100 KB a row. */
const fingerprintsPerPart = 1500

/** What a list holds: fingerprint → what became of it. */
export type ListContent = ReadonlyMap<string, TrustKind>

/** The rows that keep a list's content for the comparison with the next one. */
export function partsOf(listId: string, content: ListContent): readonly TrustWrite[] {
  const writes: TrustWrite[] = []
  for (const kind of ['anchor', 'link', 'quarantined'] as const) {
    const all = [...content].filter(([, is]) => is === kind).map(([fingerprint]) => fingerprint)
    for (let first = 0; first < all.length; first += fingerprintsPerPart) {
      const fingerprints = all.slice(first, first + fingerprintsPerPart)
      writes.push(put(trustListParts, { listId, part: writes.length, kind, fingerprints }))
    }
  }
  return writes
}

/** The content of an accepted list. */
export async function contentOf(
  database: Database<typeof trustListParts, never>,
  listId: string,
  options: { readonly signal: AbortSignal },
): Promise<ListContent> {
  const content = new Map<string, TrustKind>()
  let cursor: string | undefined
  do {
    const query = { partition: listId, cursor }
    const page = await database.query(trustListParts, query, options)
    for (const { kind, fingerprints } of page.rows) for (const one of fingerprints) content.set(one, kind)
    cursor = page.cursor
  } while (cursor !== undefined)
  return content
}
