import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import * as z from 'zod'
import type { DatabaseAdapter } from '../database/database.ts'
import { type AnyTable, table } from '../database/table.ts'
import { put, update } from '../database/write.ts'
import { type Begun, createIdempotency, type Idempotency, idempotencyTable } from '../idempotency/idempotency.ts'
import { createIds } from '../ids/uuid-v7.ts'
import { failure } from './database/harness.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'

const effects = table({
  name: 'contract_effects',
  row: z.object({ id: z.string(), count: z.int() }),
  partition: 'id',
})

/** What idempotency keys promise, on any database. */
export function idempotencyContract(
  name: string,
  makeAdapter: (given: {
    clock: ManualClock
    tables: readonly AnyTable[]
  }) => DatabaseAdapter | Promise<DatabaseAdapter>,
  options: { skip?: string | false } = {},
): void {
  describe(`idempotency contract: ${name}`, { skip: options.skip ?? false }, () => {
    let database: DatabaseAdapter
    let clock: ManualClock
    let idempotency: Idempotency

    before(async () => {
      clock = createManualClock(Date.now())
      const tables = [idempotencyTable, effects]
      database = await makeAdapter({ clock, tables })
      await database.open(tables)
      idempotency = createIdempotency({ database, clock, ids: createIds({ clock }) })
    })
    after(() => database?.close())

    const request = (key: string, more: object = {}) => ({
      subject: 'alice',
      operation: 'toys.make',
      key,
      requestHash: 'same',
      leaseMs: 5000,
      ttlSeconds: 86_400,
      ...more,
    })
    const claimOf = (begun: Begun) => {
      assert.ok(begun.kind === 'claimed')
      return begun
    }
    /** A request as the HTTP layer runs it: an effect and the answer in one transaction. */
    const run = async (key: string, id: string) => {
      const begun = await idempotency.begin(request(key))
      if (begun.kind === 'replay') return begun.output
      const count = ((await database.get(effects, { id }))?.count ?? 0) + 1
      await database.transaction([put(effects, { id, count }), ...begun.claim.complete({ count })])
      return { count }
    }

    it('replays the answer of the same request, and has one effect', async () => {
      const [key, id] = [randomUUID(), randomUUID()]
      assert.deepEqual(await run(key, id), { count: 1 })
      assert.deepEqual(await run(key, id), { count: 1 })
      assert.equal((await database.get(effects, { id }))?.count, 1)
      clock.advance(23 * 3_600_000)
      assert.deepEqual(await run(key, id), { count: 1 })
      clock.advance(2 * 3_600_000)
      assert.deepEqual(await run(key, id), { count: 2 })
    })

    it('of many at once with one key, one has its effect; the others are in flight or replayed', async () => {
      const [key, id] = [randomUUID(), randomUUID()]
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => run(key, id)))
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') assert.deepEqual(outcome.value, { count: 1 })
        else assert.equal(outcome.reason.code, 'idempotency_in_flight')
      }
      assert.ok(outcomes.some(outcome => outcome.status === 'fulfilled'))
      assert.equal((await database.get(effects, { id }))?.count, 1)
    })

    it('refuses the key for another request, and while the first is in flight with the time to wait', async () => {
      const key = randomUUID()
      const begun = claimOf(await idempotency.begin(request(key)))
      const busy = await failure(idempotency.begin(request(key)), 'idempotency_in_flight')
      assert.equal(busy.headers['retry-after'], '5')
      await failure(idempotency.begin(request(key, { requestHash: 'other' })), 'idempotency_key_reused')
      await database.transaction(begun.claim.complete({ done: true }))
      await failure(idempotency.begin(request(key, { requestHash: 'other' })), 'idempotency_key_reused')
    })

    it('keeps principals and operations apart', async () => {
      const key = randomUUID()
      claimOf(await idempotency.begin(request(key)))
      claimOf(await idempotency.begin(request(key, { subject: 'bob' })))
      claimOf(await idempotency.begin(request(key, { operation: 'toys.break' })))
      await failure(idempotency.begin(request(key)), 'idempotency_in_flight')
    })

    it('gives a key back after a failure, but never a completed one', async () => {
      const key = randomUUID()
      const failed = claimOf(await idempotency.begin(request(key)))
      await failed.release()
      const second = claimOf(await idempotency.begin(request(key, { requestHash: 'changed' })))
      await failed.release()
      await database.transaction(second.claim.complete(undefined))
      await second.release()
      const replay = await idempotency.begin(request(key, { requestHash: 'changed' }))
      assert.deepEqual(replay, { kind: 'replay', output: null })
    })

    it('a request that died does not block its key; one that comes back late has no effect', async () => {
      const [key, id] = [randomUUID(), randomUUID()]
      const late = claimOf(await idempotency.begin(request(key)))
      clock.advance(4_999)
      await failure(idempotency.begin(request(key)), 'idempotency_in_flight')
      clock.advance(1)
      const begun = await Promise.allSettled([1, 2, 3].map(() => idempotency.begin(request(key))))
      const successes = begun.filter(outcome => outcome.status === 'fulfilled')
      assert.equal(successes.length, 1)
      await failure(
        database.transaction([put(effects, { id, count: 1 }), ...late.claim.complete('late')]),
        'database_conflict',
      )
      assert.equal(await database.get(effects, { id }), undefined)
      const [success] = successes
      assert.ok(success)
      await database.transaction([put(effects, { id, count: 7 }), ...claimOf(success.value).claim.complete('mine')])
      await failure(
        database.transaction([update(effects, { id }, { count: 8 }), ...late.claim.complete('late')]),
        'database_conflict',
      )
      assert.deepEqual(await idempotency.begin(request(key)), { kind: 'replay', output: 'mine' })
      assert.equal((await database.get(effects, { id }))?.count, 7)
    })

    it('a key that another process left is free at once, where one process alone can hold keys; its own is not', async () => {
      const key = randomUUID()
      const left = claimOf(await idempotency.begin(request(key)))
      const restarted = createIdempotency({ database, clock, ids: createIds({ clock }), holder: 'second process' })
      const taken = claimOf(await restarted.begin(request(key)))
      await failure(database.transaction(left.claim.complete('late')), 'database_conflict')
      await failure(restarted.begin(request(key)), 'idempotency_in_flight')
      const third = createIdempotency({ database, clock, ids: createIds({ clock }), holder: 'third process' })
      const last = claimOf(await third.begin(request(key, { requestHash: 'same' })))
      await failure(database.transaction(taken.claim.complete('late')), 'database_conflict')
      await database.transaction(last.claim.complete('mine'))
      assert.deepEqual(await restarted.begin(request(key)), { kind: 'replay', output: 'mine' })
    })

    it('keeps an answer that is larger than a row, whatever characters it has', async () => {
      const key = randomUUID()
      const answer = { text: `${'x'.repeat(119_989)}${'\u{1f600}€'.repeat(150_000)}`, more: [1, 2] }
      await database.transaction(claimOf(await idempotency.begin(request(key))).claim.complete(answer))
      assert.deepEqual(await idempotency.begin(request(key)), { kind: 'replay', output: answer })
    })

    it('accepts 1 to 255 visible ASCII characters and nothing else', async () => {
      for (const key of ['', ' ', 'a b', 'é', 'a\n', '\u007f', 'x'.repeat(256)]) {
        await failure(idempotency.begin(request(key)), 'idempotency_key_invalid')
      }
      claimOf(await idempotency.begin(request('!'.repeat(191) + randomUUID() + '~'.repeat(28))))
    })
  })
}
