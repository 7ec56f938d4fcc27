import type { Page } from '@mmf/framework'
import { shardsOf } from '../../records/shards.ts'
import type { ValidationContext } from '../operation.ts'
import { type DependencyRow, validationDependencies } from '../tables/validation-dependencies.ts'

interface Wanted {
  readonly fingerprint: string
  readonly limit: number
  /** Only verdicts whose id is smaller: the cursor of the page before. */
  readonly before?: string | undefined
}

/** The newest of the stored verdicts that rest on a certificate, with what earlier versions filed under the fingerprint itself. */
export async function newestDependencies(
  database: ValidationContext['database'],
  { fingerprint, limit, before }: Wanted,
  signal: AbortSignal,
): Promise<Page<DependencyRow>> {
  const sort = before === undefined ? undefined : { lt: before }
  const pages = await Promise.all(
    [fingerprint, ...shardsOf(fingerprint)].map(partition =>
      database.query(
        validationDependencies,
        { partition, descending: true, limit, unreadable: 'report', sort },
        { signal },
      ),
    ),
  )
  return newestOf(pages, limit)
}

/** The newest rows of all shards. The cursor is the id of the last one, so it holds for every shard. */
function newestOf(pages: readonly Page<DependencyRow>[], limit: number): Page<DependencyRow> {
  const found = pages.flatMap(({ rows, unreadable = [] }) => [
    ...rows.map(row => ({ id: row.validationId, row })),
    ...unreadable.map(odd => ({ id: String(odd.key['validationId']), odd })),
  ])
  const shown = found.toSorted((a, b) => (a.id > b.id ? -1 : 1)).slice(0, limit)
  const last = shown.at(-1)
  const more = found.length > limit || pages.some(page => page.cursor !== undefined)
  return {
    rows: shown.flatMap(one => ('row' in one ? [one.row] : [])),
    unreadable: shown.flatMap(one => ('odd' in one ? [one.odd] : [])),
    ...(more && last !== undefined ? { cursor: last.id } : {}),
  }
}
