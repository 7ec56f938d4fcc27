import { defined, MmfError, type Page, type UnreadableRow } from '@mmf/framework'
import { shardDigits, shardOf } from '../entry/rank.ts'
import { collections, type PublicKeyRow } from '../tables/pkd-public-keys.ts'

export interface ShardScan {
  /** Default all collections. */
  readonly collection?: PublicKeyRow['collection'] | undefined
  readonly limit: number
  readonly cursor?: string | undefined
  /** Whether so much was looked at that the page ends, however little it holds; asked after each shard. */
  readonly isOver?: () => boolean
}

/**
 * A table of the directory shard by shard, in the order of collection and fingerprint. The cursor is the shard and the cursor within it.
 * @throws {MmfError} `cursor_invalid`
 */
export async function scanShards<Row>(
  { collection, limit, cursor, isOver = () => false }: ShardScan,
  pageOf: (shard: string, options: { limit: number; cursor?: string | undefined }) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  const wanted = collection === undefined ? collections : [collection]
  const shards = wanted.flatMap(name => shardDigits.map(digit => shardOf(name, digit)))
  const [, at = '', inner = ''] = cursor === undefined ? [] : (/^([^.]*)\.(.*)$/s.exec(cursor) ?? ['', 'none'])
  const first = cursor === undefined ? 0 : shards.indexOf(at)
  if (first === -1) throw new MmfError('cursor_invalid')
  const rows: Row[] = []
  const unreadable: UnreadableRow[] = []
  const pageWith = (next?: string): Page<Row> => ({
    rows,
    ...(unreadable.length === 0 ? {} : { unreadable }),
    ...defined({ cursor: next }),
  })
  let within = inner === '' ? undefined : inner
  for (const [index, shard] of shards.entries()) {
    if (index < first) continue
    const found = await pageOf(shard, { limit: limit - rows.length, cursor: within })
    rows.push(...found.rows)
    unreadable.push(...(found.unreadable ?? []))
    within = undefined
    if (found.cursor !== undefined) return pageWith(`${shard}.${found.cursor}`)
    const next = shards[index + 1]
    if ((rows.length >= limit || isOver()) && next !== undefined) return pageWith(`${next}.`)
  }
  return pageWith()
}
