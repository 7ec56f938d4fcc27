import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UnreadableRow } from '@mmf/framework'
import fc from 'fast-check'
import { type Entry, merged, pages, type Source } from './merge.ts'

const entryOf = (id: string): Entry => ({ id, principal: 'p', subject: 's', trait: 't' })
const all = { gte: '0', lte: 'z' }

async function idsOf(entries: AsyncGenerator<Entry, void>, count = Number.POSITIVE_INFINITY): Promise<string[]> {
  const ids: string[] = []
  if (count === 0) return ids
  for await (const { id } of entries) if (ids.push(id) >= count) break
  return ids
}

/** A source of two rows a page, and how many pages of it were read. */
function sourceOf(ids: readonly string[]) {
  const descending = ids.toSorted().toReversed()
  const read = { pages: 0 }
  const source: Source = (_range, unreadable) =>
    pages(
      async cursor => {
        read.pages += 1
        const from = Number(cursor ?? 0)
        const rows = descending.slice(from, from + 2)
        return from + 2 < descending.length ? { rows, cursor: `${from + 2}` } : { rows }
      },
      entryOf,
      unreadable,
    )
  return { source, read }
}

const id = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 6 })
const sources = fc.array(fc.array(id, { maxLength: 9 }), { maxLength: 6 })

test('a merge gives what all sources hold, newest first', async () => {
  await fc.assert(
    fc.asyncProperty(sources, async lists => {
      const made = lists.map(ids => sourceOf(ids).source)
      assert.deepEqual(await idsOf(merged(made, all, [])), lists.flat().toSorted().toReversed())
    }),
  )
})

test('a merge that is left early has read one page of each source and no more than was needed', async () => {
  const newest = sourceOf(['z9', 'z8', 'z7', 'z6', 'z5'])
  const others = [sourceOf(['a1', 'a2', 'a3']), sourceOf(['b1', 'b2', 'b3'])]
  const ids = await idsOf(
    merged(
      [newest, ...others].map(({ source }) => source),
      all,
      [],
    ),
    3,
  )
  assert.deepEqual(ids, ['z9', 'z8', 'z7'])
  assert.deepEqual(
    [newest, ...others].map(({ read }) => read.pages),
    [2, 1, 1],
  )
})

test('rows that cannot be read are handed on, from every page', async () => {
  const odd = (id: string): UnreadableRow => ({ table: 't', id, key: { id }, reason: 'broken' })
  const source: Source = (_range, unreadable) =>
    pages(
      async cursor =>
        cursor === undefined
          ? { rows: ['b'], unreadable: [odd('x')], cursor: '1' }
          : { rows: ['a'], unreadable: [odd('y')] },
      entryOf,
      unreadable,
    )
  const unreadable: UnreadableRow[] = []
  assert.deepEqual(await idsOf(merged([source], all, unreadable)), ['b', 'a'])
  assert.deepEqual(unreadable, [odd('x'), odd('y')])
})
