import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from '@mmf/framework'
import { walkShards } from './walk-shards.ts'

/** Rows by partition, two to a page; the cursor of a partition is the number of the next row. */
const pageOf =
  (stored: Readonly<Record<string, readonly number[]>>) =>
  async (partition: string, cursor: string | undefined): Promise<Page<number>> => {
    const rows = stored[partition] ?? []
    const from = Number(cursor ?? 0)
    const page = rows.slice(from, from + 2)
    return from + 2 < rows.length ? { rows: page, cursor: `${from + 2}` } : { rows: page }
  }

async function walked(stored: Readonly<Record<string, readonly number[]>>, first?: string): Promise<number[]> {
  const rows: number[] = []
  let cursor = first
  for (let page = 0; page < 30; page += 1) {
    const found = await walkShards('key', cursor, pageOf(stored))
    rows.push(...found.rows)
    cursor = found.cursor
    if (cursor === undefined) return rows
  }
  return assert.fail('the walk does not end')
}

test('a walk gives the rows of every shard once, those of earlier versions first', async () => {
  const stored = { key: [1, 2, 3], 'key#0': [4], 'key#5': [5, 6, 7, 8], 'key#7': [9], 'other#1': [0] }
  assert.deepEqual(await walked(stored), [1, 2, 3, 4, 5, 6, 7, 8, 9])
  assert.deepEqual(await walked({}), [])
  assert.deepEqual(await walked({ 'key#7': [1] }), [1])
})

test('a walk that an earlier version began goes on where that stopped, and into the shards', async () => {
  assert.deepEqual(await walked({ key: [1, 2, 3], 'key#2': [4] }, '2'), [3, 4])
})
