import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Condition } from '../../database/database.ts'
import { check, insert, put, remove, update } from '../../database/write.ts'
import { type DatabaseUnderTest, failure } from './harness.ts'
import { documents, entries } from './tables.ts'

const row = {
  count: 5,
  text: 'm',
  flag: true,
  bytes: Uint8Array.of(5),
  nothing: null,
  list: [1, 'a'],
  map: { a: { b: 1 } },
}

/** Each condition with whether it holds for `row`. */
const conditions: readonly (readonly [Condition, boolean])[] = [
  ['present', true],
  ['absent', false],
  [{}, true],
  [{ count: 5 }, true],
  [{ count: 6 }, false],
  [{ count: '5' }, false],
  [{ text: 'm', flag: true }, true],
  [{ text: 'm', flag: false }, false],
  [{ nothing: null }, true],
  [{ text: null }, false],
  [{ order: null }, false],
  [{ bytes: Uint8Array.of(5) }, true],
  [{ bytes: Uint8Array.of(5, 0) }, false],
  [{ list: [1, 'a'] }, true],
  [{ list: ['a', 1] }, false],
  [{ map: { eq: { a: { b: 1 } } } }, true],
  [{ map: { eq: { a: { b: 2 } } } }, false],
  [{ map: { ne: {} } }, true],
  [{ count: { ne: 4 } }, true],
  [{ count: { ne: 5 } }, false],
  [{ order: { ne: 'x' } }, true],
  [{ count: { gt: 4, lt: 6 } }, true],
  [{ count: { gt: 5 } }, false],
  [{ count: { lt: 5 } }, false],
  [{ count: { gte: 5, lte: 5 } }, true],
  [{ count: { gt: 'a' } }, false],
  [{ count: { lt: 'a' } }, false],
  [{ count: { lte: 'a' } }, false],
  [{ count: { gte: 'a' } }, false],
  [{ order: { lt: 'a' } }, false],
  [{ order: { gte: 'a' } }, false],
  [{ text: { gt: 'l', lt: 'n' } }, true],
  [{ text: { lt: 'é' } }, true],
  [{ bytes: { gt: Uint8Array.of(4, 255), lt: Uint8Array.of(128) } }, true],
  [{ count: { in: [1, 5] } }, true],
  [{ count: { in: [1, '5'] } }, false],
  [{ order: { in: ['x'] } }, false],
  [{ list: { in: [[1, 'a'], []] } }, true],
  [{ text: { beginsWith: 'm' } }, true],
  [{ text: { beginsWith: 'mm' } }, false],
  [{ order: { beginsWith: 'm' } }, false],
  [{ text: { exists: true } }, true],
  [{ order: { exists: true } }, false],
  [{ order: { exists: false } }, true],
  [{ nothing: { exists: true } }, true],
]

/** Conditions: what holds, what does not, and that expired means absent. */
export function conditionContract(under: () => DatabaseUnderTest): void {
  it('decides every kind of comparison', async () => {
    const { database, unique } = under()
    const id = unique('condition')
    await database.write(put(documents, { id, ...row }))
    for (const [when, expected] of conditions) {
      const outcome = await database.write(check(documents, { id }, when)).then(
        () => true,
        error => (error.code === 'database_conflict' ? false : error),
      )
      assert.equal(outcome, expected, JSON.stringify(when))
    }
  })

  it('a condition on fields fails for an absent row, whatever the fields', async () => {
    const { database, unique } = under()
    const id = unique('absent')
    for (const when of [{}, { text: { ne: 'x' } }, { text: { exists: false } }]) {
      await failure(database.write(put(documents, { id }, { when })), 'database_conflict')
      await failure(database.write(remove(documents, { id }, { when })), 'database_conflict')
    }
    assert.equal(await database.get(documents, { id }), undefined)
  })

  it('refuses conditions that cannot be meant', async () => {
    const { database, unique } = under()
    const id = unique('meaningless')
    const refused = [
      { colour: 'red' },
      { text: {} },
      { text: { like: 'm' } },
      { count: { in: [] } },
      { text: { exists: 1 } },
      { flag: { gt: true } },
    ]
    for (const when of refused as unknown as Condition[]) {
      await failure(database.write(check(documents, { id }, when)), 'database_row_invalid')
    }
    await failure(database.write(update(documents, { id }, { text: 'x' }, { when: 'absent' })), 'database_row_invalid')
  })

  it('an expired row is absent for get, getMany, query, and every condition', async () => {
    const { database, clock, unique } = under()
    const [owner, status] = [unique('ttl'), 'done'] as const
    const expires = Math.floor(clock.now().getTime() / 1000) + 10
    const key = { owner, at: '1' }
    await database.write(insert(entries, { ...key, status, text: owner, rank: 1, expires }))
    clock.advance(9_000)
    assert.ok(await database.get(entries, key))
    await failure(database.write(insert(entries, { ...key })), 'database_conflict')
    await database.write(check(entries, key, 'present'))
    clock.advance(1_000)
    assert.equal(await database.get(entries, key), undefined)
    assert.deepEqual(await database.getMany(entries, [key]), [undefined])
    assert.deepEqual((await database.query(entries, { partition: owner })).rows, [])
    assert.deepEqual((await database.query(entries, { index: 'by_text', partition: owner })).rows, [])
    await database.write(check(entries, key, 'absent'))
    await failure(database.write(check(entries, key, 'present')), 'database_conflict')
    await failure(database.write(check(entries, key, { status: 'done' })), 'database_conflict')
    await failure(database.write(update(entries, key, { text: 'risen' })), 'database_conflict')
    await database.write(insert(entries, { ...key, text: `${owner} again` }))
    assert.deepEqual(await database.get(entries, key), { ...key, text: `${owner} again` })
  })

  it('of 50 conditional writes at once exactly one wins', async () => {
    const { database, unique } = under()
    const id = unique('race')
    const inserts = Array.from({ length: 50 }, (_, i) => database.write(insert(documents, { id, count: i })))
    assert.equal(await winners(inserts), 1)
    await database.write(put(documents, { id, count: 0 }))
    const updates = Array.from({ length: 50 }, (_, i) =>
      database.transaction([update(documents, { id }, { count: i + 1 }, { when: { count: 0 } })]),
    )
    assert.equal(await winners(updates), 1)
    assert.notEqual((await database.get(documents, { id }))?.count, 0)
  })
}

/** How many succeeded; the others must have lost, not failed in another way. */
async function winners(attempts: readonly Promise<void>[]): Promise<number> {
  const outcomes = await Promise.allSettled(attempts)
  for (const outcome of outcomes) {
    // DynamoDB gives up on a row that stays busy; nothing was written then either.
    if (outcome.status === 'rejected') {
      assert.match(outcome.reason.code, /^database_(conflict|unavailable)$/)
    }
  }
  return outcomes.filter(outcome => outcome.status === 'fulfilled').length
}
