import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Comparison } from '../../database/database.ts'
import { put, remove, update } from '../../database/write.ts'
import { allRows, type DatabaseUnderTest, failure } from './harness.ts'
import { binaries, documents, entries, numbers } from './tables.ts'

/** Queries: order, ranges, pages, cursors, indexes. */
export function queryContract(under: () => DatabaseUnderTest): void {
  orderContract(under)
  pageContract(under)
  indexContract(under)
}

function orderContract(under: () => DatabaseUnderTest): void {
  it('sorts texts by UTF-8 bytes, numbers by value, bytes unsigned', async () => {
    const { database, unique } = under()
    const owner = unique('order')
    // U+FF5E sorts before U+1F40E by UTF-8 bytes, after it by UTF-16 units.
    const texts = ['A', 'B', 'a', 'ab', 'b', 'é', '～', '🐎']
    for (const at of texts.toReversed()) await database.write(put(entries, { owner, at }))
    const found = await database.query(entries, { partition: owner })
    assert.deepEqual(
      found.rows.map(row => row.at),
      texts,
    )
    const values = [-100, -9.5, -1e-9, 0, 1e-9, 2, 10, 9007199254740991]
    for (const value of values.toReversed()) await database.write(put(numbers, { group: 77, value }))
    const ordered = await database.query(numbers, { partition: 77, descending: true })
    assert.deepEqual(
      ordered.rows.map(row => row.value),
      values.toReversed(),
    )
    const group = Buffer.from(unique('bytes'))
    const parts = [[0], [0, 0], [1], [127], [128], [255]].map(part => Uint8Array.from(part))
    for (const part of parts.toReversed()) await database.write(put(binaries, { group, part }))
    const sorted = await database.query(binaries, { partition: group, sort: { gt: Uint8Array.of(0) } })
    assert.deepEqual(
      sorted.rows.map(row => row.part),
      parts.slice(1),
    )
  })

  it('cuts out ranges of the sort key', async () => {
    const { database, unique } = under()
    const owner = unique('range')
    for (const at of ['a', 'b', 'ba', 'bé', 'c', 'd']) await database.write(put(entries, { owner, at }))
    const expected: readonly (readonly [Comparison, string])[] = [
      [{}, 'a b ba bé c d'],
      [{ eq: 'ba' }, 'ba'],
      [{ lt: 'b' }, 'a'],
      [{ lte: 'b' }, 'a b'],
      [{ gt: 'c' }, 'd'],
      [{ gte: 'c' }, 'c d'],
      [{ gte: 'b', lte: 'c' }, 'b ba bé c'],
      [{ gte: 'c', lte: 'b' }, ''],
      [{ beginsWith: 'b' }, 'b ba bé'],
      [{ beginsWith: '' }, 'a b ba bé c d'],
      [{ eq: 'zz' }, ''],
    ]
    for (const [sort, names] of expected) {
      for (const descending of [false, true]) {
        const { rows } = await database.query(entries, { partition: owner, sort, descending })
        const wanted = names === '' ? [] : names.split(' ')
        assert.deepEqual(
          rows.map(row => row.at),
          descending ? wanted.toReversed() : wanted,
        )
      }
    }
  })

  it('refuses what no adapter could answer the same way', async () => {
    const { database, unique } = under()
    const partition = unique('refused')
    const refused: readonly Comparison[] = [{ ne: 'a' }, { gt: 'a', lt: 'b' }, { in: ['a'] }, { eq: 1 }, { eq: '' }]
    for (const sort of refused) await failure(database.query(entries, { partition, sort }), 'database_row_invalid')
    await failure(database.query(documents, { partition, sort: { eq: 'a' } }), 'database_row_invalid')
    await failure(database.query(entries, { partition: 5 }), 'database_row_invalid')
    await failure(database.query(numbers, { partition: 5, sort: { beginsWith: '1' } }), 'database_row_invalid')
    await failure(database.query(entries, { partition, index: 'nowhere' as 'by_text' }), 'database_row_invalid')
  })
}

function pageContract(under: () => DatabaseUnderTest): void {
  it('pages forth and back without losing or repeating a row, and the last page has no cursor', async () => {
    const { database, unique } = under()
    const owner = unique('pages')
    const names = Array.from({ length: 7 }, (_, i) => `n${i}`)
    for (const at of names) await database.write(put(entries, { owner, at }))
    for (const limit of [1, 2, 3, 6, 7, 8]) {
      for (const descending of [false, true]) {
        const rows = await allRows(database, entries, { partition: owner, limit, descending })
        assert.deepEqual(
          rows.map(row => row.at),
          descending ? names.toReversed() : names,
        )
      }
    }
    assert.equal((await database.query(entries, { partition: owner, limit: 7 })).cursor, undefined)
    for (const limit of [0, 1001, 1.5]) {
      await failure(database.query(entries, { partition: owner, limit }), 'database_limit_exceeded')
    }
  })

  it('a cursor stays good when rows around it come and go', async () => {
    const { database, unique } = under()
    const owner = unique('moving')
    for (const at of ['a', 'c', 'e']) await database.write(put(entries, { owner, at }))
    const first = await database.query(entries, { partition: owner, limit: 2 })
    await database.write(remove(entries, { owner, at: 'c' }))
    await database.write(put(entries, { owner, at: 'b' }))
    await database.write(put(entries, { owner, at: 'd' }))
    const second = await database.query(entries, { partition: owner, limit: 2, cursor: first.cursor ?? '' })
    assert.deepEqual(
      second.rows.map(row => row.at),
      ['d', 'e'],
    )
  })

  it('refuses the cursor of another query and a damaged one', async () => {
    const { database, unique } = under()
    const owner = unique('cursor')
    for (const at of ['a', 'b', 'c']) await database.write(put(entries, { owner, at, text: owner }))
    const { cursor = '' } = await database.query(entries, { partition: owner, limit: 1 })
    assert.notEqual(cursor, '')
    const others = [
      { partition: unique('other') },
      { partition: owner, descending: true },
      { partition: owner, sort: { gte: 'a' } },
      { partition: owner, index: 'by_text' as const },
    ]
    for (const other of others) await failure(database.query(entries, { ...other, cursor }), 'cursor_invalid')
    const flipped = `${cursor.slice(0, -2)}${cursor.at(-2) === 'A' ? 'B' : 'A'}${cursor.at(-1)}`
    const damaged = ['', 'x', '!', `${cursor}A`, cursor.slice(1), `${cursor}=`, flipped, 'A'.repeat(20_000)]
    for (const bad of damaged) {
      await failure(database.query(entries, { partition: owner, cursor: bad }), 'cursor_invalid')
    }
    const larger = await database.query(entries, { partition: owner, cursor, limit: 50 })
    assert.deepEqual(
      larger.rows.map(row => row.at),
      ['b', 'c'],
    )
  })

  it('ends a page at 1 MB', async () => {
    const { database, unique } = under()
    const owner = unique('heavy')
    const note = 'x'.repeat(15_000)
    const writes = Array.from({ length: 100 }, (_, i) => put(entries, { owner, at: `${1000 + i}`, note }))
    await database.transaction(writes)
    const first = await database.query(entries, { partition: owner, limit: 1000 })
    // 15,000 bytes of note, the key, the field names: 69 rows stay under 1,048,576 bytes.
    assert.equal(first.rows.length, 69)
    assert.ok(first.cursor !== undefined)
    assert.equal((await allRows(database, entries, { partition: owner, limit: 1000 })).length, 100)
  })
}

function indexContract(under: () => DatabaseUnderTest): void {
  it('finds rows through an index, in its order, and only those that have its fields', async () => {
    const { database, unique } = under()
    const owner = unique('index')
    const text = unique('text')
    await database.write(put(entries, { owner, at: 'a', text, rank: 3 }))
    await database.write(put(entries, { owner, at: 'b', text }))
    await database.write(put(entries, { owner, at: 'c', rank: 3 }))
    const byText = await allRows(database, entries, { index: 'by_text', partition: text, limit: 1 })
    assert.deepEqual(byText.map(row => row.at).toSorted(), ['a', 'b'])
    await database.write(update(entries, { owner, at: 'a' }, { text: undefined }))
    await database.write(update(entries, { owner, at: 'c' }, { text }))
    const changed = await allRows(database, entries, { index: 'by_text', partition: text })
    assert.deepEqual(changed.map(row => row.at).toSorted(), ['b', 'c'])
    await database.write(remove(entries, { owner, at: 'b' }))
    const removed = await database.query(entries, { index: 'by_text', partition: text })
    assert.deepEqual(removed.rows, [{ owner, at: 'c', text, rank: 3 }])
  })

  it('pages through rows with the same index key', async () => {
    const { database, unique } = under()
    const owner = unique('ties')
    const at = Array.from({ length: 9 }, (_, i) => `${i}`)
    for (const [i, name] of at.entries()) {
      await database.write(put(entries, { owner, at: name, status: 'open', rank: 1000 + (i % 2) }))
    }
    const range = { index: 'by_status' as const, partition: 'open', sort: { gte: 1000, lte: 1001 } }
    for (const descending of [false, true]) {
      const rows = await allRows(database, entries, { ...range, limit: 2, descending })
      const mine = rows.filter(row => row.owner === owner)
      assert.deepEqual(mine.map(row => row.at).toSorted(), at)
      const ranks = mine.map(row => row.rank ?? 0)
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => (descending ? b - a : a - b)),
      )
    }
  })
}
