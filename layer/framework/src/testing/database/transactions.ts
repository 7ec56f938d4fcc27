import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Write } from '../../database/database.ts'
import { limits } from '../../database/limits.ts'
import type { Value } from '../../database/table.ts'
import { check, insert, put, remove, update } from '../../database/write.ts'
import { allRows, type DatabaseUnderTest, failure } from './harness.ts'
import { documents, entries } from './tables.ts'

/** Transactions and the limits that hold everywhere. */
export function transactionContract(under: () => DatabaseUnderTest): void {
  atomicityContract(under)
  limitContract(under)
  generationContract(under)
}

function atomicityContract(under: () => DatabaseUnderTest): void {
  it('carries out all writes, or none and names the positions that failed', async () => {
    const { database, unique } = under()
    const [a, b, c, d] = [unique('tx'), unique('tx'), unique('tx'), unique('tx')]
    await database.transaction([put(documents, { id: a, count: 1 }), insert(entries, { owner: b, at: '1' })])
    const error = await failure(
      database.transaction([
        update(documents, { id: a }, { count: 2 }),
        insert(entries, { owner: b, at: '1' }),
        put(documents, { id: c }),
        check(documents, { id: d }, 'present'),
      ]),
      'database_conflict',
    )
    assert.deepEqual(error.members['failed'], [1, 3])
    assert.equal((await database.get(documents, { id: a }))?.count, 1)
    assert.equal(await database.get(documents, { id: c }), undefined)
    await database
      .transaction([
        check(documents, { id: a }, { count: 1 }),
        remove(entries, { owner: b, at: '1' }),
        update(documents, { id: c }, { count: 1 }, { when: 'present' }),
      ])
      .catch(() => undefined)
    assert.ok(await database.get(entries, { owner: b, at: '1' }))
  })

  it('a repeat under the same token changes nothing more; the token of another change is refused', async () => {
    const { database, unique } = under()
    const id = unique('token')
    const token = unique('t')
    await database.write(put(documents, { id, count: 1 }))
    const change = [update(documents, { id }, { count: 2 }, { when: { count: 1 } })]
    await database.transaction(change, { token })
    await database.transaction(change, { token })
    await database.write(update(documents, { id }, { count: 9 }))
    await database.transaction(change, { token })
    assert.equal((await database.get(documents, { id }))?.count, 9)
    const other = [update(documents, { id }, { count: 3 })]
    const error = await failure(database.transaction(other, { token }), 'database_conflict')
    assert.deepEqual(error.members['failed'], [])
    await failure(database.transaction(other, { token: 'x'.repeat(37) }), 'database_limit_exceeded')
  })

  it('a transaction that failed leaves its token free', async () => {
    const { database, unique } = under()
    const id = unique('free')
    const token = unique('f')
    const change = [update(documents, { id }, { count: 1 })]
    await failure(database.transaction(change, { token }), 'database_conflict')
    await database.write(put(documents, { id }))
    await database.transaction(change, { token })
    assert.equal((await database.get(documents, { id }))?.count, 1)
  })

  it('overlapping transactions never lose an update', async () => {
    const { database, unique } = under()
    const [a, b] = [unique('sum'), unique('sum')]
    await database.transaction([put(documents, { id: a, count: 0 }), put(documents, { id: b, count: 0 })])
    const increment = async () => {
      for (;;) {
        const [x, y] = await database.getMany(documents, [{ id: a }, { id: b }])
        const next = (x?.count ?? 0) + 1
        try {
          await database.transaction([
            update(documents, { id: a }, { count: next }, { when: { count: x?.count ?? 0 } }),
            update(documents, { id: b }, { count: next }, { when: { count: y?.count ?? 0 } }),
          ])
          return
        } catch (error) {
          assert.match((error as { code: string }).code, /^database_(conflict|unavailable)$/)
        }
      }
    }
    await Promise.all(Array.from({ length: 8 }, increment))
    const rows = await database.getMany(documents, [{ id: a }, { id: b }])
    assert.deepEqual(
      rows.map(row => row?.count),
      [8, 8],
    )
  })
}

function limitContract(under: () => DatabaseUnderTest): void {
  it('keeps DynamoDB’s limits on transactions', async () => {
    const { database, unique } = under()
    const id = unique('limit')
    const rows = Array.from({ length: 101 }, (_, i) => put(documents, { id: `${id}-${i}` }))
    await failure(database.transaction(rows), 'database_limit_exceeded')
    await failure(database.transaction([]), 'database_limit_exceeded')
    await failure(database.transaction([put(documents, { id }), remove(documents, { id })]), 'database_limit_exceeded')
    await database.transaction(rows.slice(0, 100))
    const heavy = Array.from({ length: 11 }, (_, i) =>
      put(documents, { id: `${id}-h${i}`, bytes: new Uint8Array(390 * 1024) }),
    )
    await failure(database.transaction(heavy), 'database_limit_exceeded')
    await failure(
      database.getMany(
        documents,
        rows.map((_, i) => ({ id: `${i}` })),
      ),
      'database_limit_exceeded',
    )
  })

  it('keeps DynamoDB’s limits on rows, keys, numbers and nesting', async () => {
    const { database, unique } = under()
    const id = unique('size')
    const room = limits.rowBytes - Buffer.byteLength(`id${id}bytes`)
    await database.write(put(documents, { id, bytes: new Uint8Array(room) }))
    await failure(database.write(put(documents, { id, bytes: new Uint8Array(room + 1) })), 'database_limit_exceeded')
    await failure(database.write(update(documents, { id }, { text: 'one more' })), 'database_limit_exceeded')
    assert.equal((await database.get(documents, { id }))?.text, undefined)

    await database.write(put(documents, { id: 'é'.repeat(1024) }))
    await failure(database.write(put(documents, { id: `${'é'.repeat(1024)}x` })), 'database_limit_exceeded')
    await database.write(put(entries, { owner: id, at: 'x'.repeat(1024) }))
    await failure(database.get(entries, { owner: id, at: 'x'.repeat(1025) }), 'database_limit_exceeded')

    for (const list of [[2 ** 53], [1e126], [1e-131]]) {
      await failure(database.write(put(documents, { id, list })), 'database_row_invalid')
    }
    let nested: Value[] = []
    for (let depth = 1; depth < 31; depth++) nested = [nested]
    await database.write(put(documents, { id, list: nested as never }))
    await failure(database.write(put(documents, { id, list: [[nested]] as never })), 'database_limit_exceeded')
    const many = Array.from({ length: 101 }, (_, i) => `${i}`)
    await failure(database.write(check(documents, { id }, { text: { in: many } })), 'database_limit_exceeded')
    await database.write(check(documents, { id }, { id: { in: [...many.slice(0, 99), id] } }))
  })
}

/** A set larger than a transaction is written under a new generation and switched to by one conditional write. */
function generationContract(under: () => DatabaseUnderTest): void {
  it('switches 600 rows at once: a reader sees the old set or the new one, also when the writer stops half-way', async () => {
    const { database, unique } = under()
    const set = unique('set')
    const writeGeneration = async (generation: number, rows: number) => {
      for (let i = 0; i < rows; i += 100) {
        const batch: Write[] = Array.from({ length: 100 }, (_, j) =>
          put(entries, { owner: `${set}#${generation}`, at: `${1000 + i + j}`, text: `generation ${generation}` }),
        )
        await database.transaction(batch)
      }
    }
    const activate = (from: number, to: number) =>
      database.write(update(documents, { id: set }, { count: to }, { when: { count: from } }))
    const read = async () => {
      const active = (await database.get(documents, { id: set }))?.count ?? 0
      const rows = await allRows(database, entries, { partition: `${set}#${active}`, limit: 1000 })
      assert.equal(rows.length, 600)
      assert.equal(new Set(rows.map(row => row.text)).size, 1)
      return active
    }

    await writeGeneration(1, 600)
    await database.write(put(documents, { id: set, count: 1 }))
    await writeGeneration(2, 300)
    assert.equal(await read(), 1)
    const writing = writeGeneration(3, 600).then(() => activate(1, 3))
    const seen = []
    for (let done = false; !done; ) {
      done = await Promise.race([writing.then(() => true), new Promise<false>(resolve => setImmediate(resolve, false))])
      seen.push(await read())
    }
    assert.equal(await read(), 3)
    assert.deepEqual(seen, seen.toSorted())
    await failure(activate(1, 2), 'database_conflict')
    assert.equal(await read(), 3)
  })
}
