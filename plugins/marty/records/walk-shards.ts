import type { Page } from '@mmf/framework'
import { shardsOf } from './shards.ts'

/**
 * A page of what is filed under a key, shard after shard, in no order; first what earlier versions filed under the key itself. The cursor is the number of the
 * partition and the cursor within it; one of an earlier version has no number. Partitions without rows are passed over.
 */
export async function walkShards<Row>(
  key: string,
  cursor: string | undefined,
  pageOf: (partition: string, cursor: string | undefined) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  const partitions = [key, ...shardsOf(key)]
  const [, number = '0', within = ''] = /^(?:(\d)\.)?(.*)$/s.exec(cursor ?? '') ?? []
  let inner = within === '' ? undefined : within
  for (let index = Number(number); ; index += 1) {
    const { cursor: rest, ...page } = await pageOf(partitions[index] ?? key, inner)
    inner = undefined
    if (rest !== undefined) return { ...page, cursor: `${index}.${rest}` }
    const last = index >= partitions.length - 1
    if (page.rows.length > 0 || last) return last ? page : { ...page, cursor: `${index + 1}.` }
  }
}
