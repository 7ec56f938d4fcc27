import type { Page, UnreadableRow } from '@mmf/framework'

/**
 * One page of the rows of several partitions, one partition after the other. With one partition, which nearly every name has, page and
 * cursor are those of the database; the cursor of a later partition says which it is.
 */
export async function queryPartitions<Row>(
  partitions: readonly string[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  pageOf: (partition: string, part: { limit: number; cursor?: string }) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  const [, at = '0', given = ''] = cursor === undefined ? [] : (/^@(\d)\.(.*)$/s.exec(cursor) ?? ['', '0', cursor])
  const rows: Row[] = []
  const unreadable: UnreadableRow[] = []
  let inner = given
  for (let index = Number(at); index < partitions.length; index++) {
    const part = { limit: limit - rows.length, ...(inner === '' ? {} : { cursor: inner }) }
    const page = await pageOf(partitions[index] as string, part)
    rows.push(...page.rows)
    unreadable.push(...(page.unreadable ?? []))
    inner = ''
    if (page.cursor !== undefined)
      return { rows, unreadable, cursor: index === 0 ? page.cursor : `@${index}.${page.cursor}` }
    if (rows.length >= limit && index + 1 < partitions.length) return { rows, unreadable, cursor: `@${index + 1}.` }
  }
  return { rows, unreadable }
}
