import type { Page, UnreadableRow } from '@mmf/framework'
import { type Entry, type IdRange, pages } from './merge.ts'

/** No record is older than this format. */
const firstMonth = '2026-01'
const atOnce = 12

/** Where the time of an id is not known, it is one that lies after (or before) every record. */
function monthOf(id: string, otherwise: string): string {
  const digits = id.replace('-', '').slice(0, 12)
  if (!/^[0-9a-f]{12}$/.test(digits)) return otherwise
  const time = new Date(Number.parseInt(digits, 16))
  return time.getUTCFullYear() > 9999 ? otherwise : time.toISOString().slice(0, 7)
}

/**
 * Entries that earlier versions filed by month, newest first. The first pages of several months are read at once: most of them are empty,
 * since nothing is filed so any more.
 */
export async function* byMonth<Row>(
  { gte, lte }: IdRange,
  now: Date,
  pageOf: (month: string, cursor?: string) => Promise<Page<Row>>,
  toEntry: (row: Row) => Entry,
  unreadable: UnreadableRow[],
): AsyncGenerator<Entry, void> {
  // Ids may run ahead of the clock by a moment.
  const newest = new Date(now.getTime() + 60_000).toISOString().slice(0, 7)
  const oldest = monthOf(gte, firstMonth)
  const until = oldest > firstMonth ? oldest : firstMonth
  let month = monthOf(lte, newest)
  if (month > newest) month = newest
  while (month >= until) {
    const some: string[] = []
    for (; month >= until && some.length < atOnce; month = monthBefore(month)) some.push(month)
    const first = await Promise.all(some.map(one => pageOf(one)))
    for (const [index, one] of some.entries()) {
      yield* pages(
        async cursor => (cursor === undefined ? first[index] : undefined) ?? pageOf(one, cursor),
        toEntry,
        unreadable,
      )
    }
  }
}

function monthBefore(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, '0')}`
}
