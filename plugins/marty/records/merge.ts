import type { Page, UnreadableRow } from '@mmf/framework'

/** What a list needs of a record to put it into its place and to filter it. */
export interface Entry {
  readonly id: string
  readonly principal: string
  readonly subject: string
  readonly trait: string
}

/** Part of a list: entries in descending order of their ids, within a range, ends included. */
export type Source = (range: IdRange, unreadable: UnreadableRow[]) => AsyncGenerator<Entry, void>

export interface IdRange {
  readonly gte: string
  readonly lte: string
}

/** Entries of a partition, page by page, as far as they are asked for. */
export async function* pages<Row>(
  pageOf: (cursor: string | undefined) => Promise<Page<Row>>,
  toEntry: (row: Row) => Entry,
  unreadable: UnreadableRow[],
): AsyncGenerator<Entry, void> {
  let cursor: string | undefined
  do {
    const page = await pageOf(cursor)
    unreadable.push(...(page.unreadable ?? []))
    for (const row of page.rows) yield toEntry(row)
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** The entries of all sources in descending order of their ids: a k-way merge that holds one entry and one page of each source. */
export async function* merged(
  sources: readonly Source[],
  range: IdRange,
  unreadable: UnreadableRow[],
): AsyncGenerator<Entry, void> {
  const heads = await Promise.all(
    sources.map(async source => {
      const rest = source(range, unreadable)
      return { rest, head: await rest.next() }
    }),
  )
  for (;;) {
    let first: (typeof heads)[number] | undefined
    for (const one of heads) {
      if (one.head.done === true) continue
      if (first === undefined || one.head.value.id > (first.head.value as Entry).id) first = one
    }
    if (first === undefined || first.head.done === true) return
    yield first.head.value
    first.head = await first.rest.next()
  }
}
