import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MmfError, type Page } from '@mmf/framework'
import fc from 'fast-check'
import { queryPartitions } from '../../certificates/stored-partitions.ts'
import { scanShards } from './shard-scan.ts'

type Stored = Readonly<Record<string, readonly string[]>>
interface Part {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** A database of rows by partition; the cursor is the number of the next row. */
const pageOf =
  (stored: Stored) =>
  async (partition: string, { limit, cursor }: Part): Promise<Page<string>> => {
    assert.ok(limit > 0)
    const rows = stored[partition] ?? []
    const end = Number(cursor ?? 0) + limit
    const page = rows.slice(Number(cursor ?? 0), end)
    return end < rows.length ? { rows: page, cursor: `${end}` } : { rows: page }
  }

/** All rows by cursors; no page is longer than it may be. */
async function paged(limit: number, next: (cursor: string | undefined) => Promise<Page<string>>): Promise<string[]> {
  const rows: string[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await next(cursor)
    assert.ok(page.rows.length <= limit)
    rows.push(...page.rows)
    cursor = page.cursor
    if (cursor === undefined) return rows
  }
  return assert.fail('the pages do not end')
}

const shards = ['0', '3', 'a', 'f'].map(digit => `001-${digit}`)
const sizes = fc.array(fc.nat(7), { minLength: 4, maxLength: 4 })
const rowsOf = (counts: readonly number[], names: readonly string[]): Stored =>
  Object.fromEntries(names.map((name, i) => [name, Array.from({ length: counts[i] ?? 0 }, (_, n) => `${name}/${n}`)]))

test('the pages of a scan give every row of every shard once, in order, also where each page ends early', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (counts, limit, early) => {
      const stored = rowsOf(counts, shards)
      const rows = await paged(limit, cursor =>
        scanShards({ collection: '001', limit, cursor, isOver: () => early }, pageOf(stored)),
      )
      assert.deepEqual(rows, Object.values(stored).flat())
    }),
  )
})

test('the pages of several partitions give every row once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 9 }), async (counts, limit) => {
      const stored = rowsOf(counts, shards)
      const rows = await paged(limit, cursor => queryPartitions(shards, { limit, cursor }, pageOf(stored)))
      assert.deepEqual(rows, Object.values(stored).flat())
    }),
  )
})

test('a cursor that names no shard is refused', async () => {
  for (const cursor of ['', 'x', '001-g.', '002-0.1']) {
    await assert.rejects(
      scanShards({ collection: '001', limit: 1, cursor }, pageOf({})),
      (error: unknown) => error instanceof MmfError && error.code === 'cursor_invalid',
      cursor,
    )
  }
})
