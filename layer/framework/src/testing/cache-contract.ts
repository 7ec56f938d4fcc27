import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { Cache } from '../cache/cache.ts'
import { cacheKey } from '../cache/cache-key.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'

/** Two instances of a cache that share their second level, as two Lambda functions do. */
export interface CachesUnderTest {
  readonly here: Cache
  readonly there: Cache
  /** Makes the shared level fail, or work again. */
  breakShared(broken: boolean): void
  close(): Promise<void>
}

/** How old a deleted value may be that another instance still shows, in milliseconds. Adapters are made with it. */
export const contractFreshnessMs = 1000

/** What every cache does. */
export function cacheContract(
  name: string,
  make: (given: { clock: ManualClock; freshnessMs: number }) => Promise<CachesUnderTest>,
): void {
  describe(`cache contract: ${name}`, () => {
    let clock: ManualClock
    let under: CachesUnderTest
    let count = 0
    let space = ''
    const ttl = { ttlSeconds: 60 }

    before(async () => {
      clock = createManualClock()
      under = await make({ clock, freshnessMs: contractFreshnessMs })
    })
    beforeEach(() => {
      space = `space_${count++}`
    })
    after(() => under?.close())

    it('gives back what was set, until its time is over, on both instances', async () => {
      const key = cacheKey(space, 'DE')
      const value = { text: 'ü', bytes: Uint8Array.of(1, 2), list: [1, null, true] }
      assert.equal(await under.here.get(key), undefined)
      await under.here.set(key, value, ttl)
      assert.deepEqual(await under.here.get(key), value)
      assert.deepEqual(await under.there.get(key), value)
      clock.advance(59_999)
      assert.deepEqual(await under.there.get(key), value)
      clock.advance(1)
      assert.equal(await under.here.get(key), undefined)
      assert.equal(await under.there.get(key), undefined)
    })

    it('no reader can change what others get', async () => {
      const key = cacheKey(space, 'a')
      const value = { list: [1] }
      await under.here.set(key, value, ttl)
      value.list.push(2)
      const got = await under.here.get<{ list: number[] }>(key)
      got?.list.push(3)
      assert.deepEqual(await under.here.get(key), { list: [1] })
    })

    it('loads once for many who ask at the same time, then from the cache', async () => {
      const key = cacheKey(space, 'a')
      let loads = 0
      const load = async () => {
        loads += 1
        await new Promise(resolve => setImmediate(resolve))
        return 'value'
      }
      const loaded = await Promise.all(Array.from({ length: 10 }, () => under.here.getOrLoad(key, ttl, load)))
      assert.ok(loaded.every(({ value, hit }) => value === 'value' && !hit))
      assert.deepEqual(await under.here.getOrLoad(key, ttl, load), { value: 'value', hit: true })
      assert.deepEqual(await under.there.getOrLoad(key, ttl, load), { value: 'value', hit: true })
      assert.equal(loads, 1)
    })

    it('remembers that there is none for a shorter time, and failures not at all', async () => {
      const key = cacheKey(space, 'a')
      let loads = 0
      const none = async () => {
        loads += 1
        return undefined
      }
      const options = { ...ttl, negativeTtlSeconds: 10 }
      assert.deepEqual(await under.here.getOrLoad(key, options, none), { value: undefined, hit: false })
      assert.deepEqual(await under.there.getOrLoad(key, options, none), { value: undefined, hit: true })
      assert.equal(await under.here.get(key), undefined)
      clock.advance(10_000)
      const broken = () => Promise.reject(new Error('source is down'))
      await assert.rejects(under.here.getOrLoad(key, options, broken), /source is down/)
      assert.deepEqual(await under.here.getOrLoad(key, options, none), { value: undefined, hit: false })
      const forgets = { ...ttl, negativeTtlSeconds: 0 }
      const other = cacheKey(space, 'b')
      await under.here.getOrLoad(other, forgets, none)
      assert.deepEqual(await under.here.getOrLoad(other, forgets, none), { value: undefined, hit: false })
      assert.equal(loads, 4)
    })

    it('forgets a prefix here at once, elsewhere within the freshness, and nothing beside it', async () => {
      const kept = [cacheKey(space, 'DEX', '1'), cacheKey(space, 'FR', '1'), cacheKey(`${space}_b`, 'DE', '1')]
      const gone = [cacheKey(space, 'DE', '1'), cacheKey(space, 'DE', '2'), cacheKey(space, 'DE', 'x', 'y')]
      for (const key of [...kept, ...gone]) {
        await under.here.set(key, key, ttl)
        assert.equal(await under.there.get(key), key)
      }
      await under.here.deletePattern(`${space}:DE:*`)
      for (const key of gone) assert.equal(await under.here.get(key), undefined)
      clock.advance(contractFreshnessMs + 1)
      for (const key of gone) assert.equal(await under.there.get(key), undefined)
      for (const key of kept) assert.equal(await under.there.get(key), key)
      await under.here.set(gone[0] ?? '', 'new', ttl)
      assert.equal(await under.there.get(gone[0] ?? ''), 'new')
      await under.there.deletePattern(`${space}:*`)
      clock.advance(contractFreshnessMs + 1)
      assert.deepEqual(await Promise.all([...kept, ...gone].map(key => under.here.get(key))), [
        undefined,
        undefined,
        kept[2],
        undefined,
        undefined,
        undefined,
      ])
    })

    it('forgets one key', async () => {
      const [a, ab] = [cacheKey(space, 'a'), cacheKey(space, 'a', 'b')]
      for (const key of [a, ab]) await under.here.set(key, key, ttl)
      await under.there.delete(a)
      clock.advance(contractFreshnessMs + 1)
      assert.deepEqual([await under.here.get(a), await under.here.get(ab)], [undefined, ab])
    })

    it('never serves what was loaded before an invalidation, on whichever instance that was', async () => {
      for (const invalidator of ['here', 'there'] as const) {
        const key = cacheKey(space, invalidator)
        const reading = Promise.withResolvers<void>()
        const gate = Promise.withResolvers<string>()
        const slow = under.here.getOrLoad(key, ttl, () => {
          reading.resolve()
          return gate.promise
        })
        await reading.promise
        await under[invalidator].deletePattern(`${space}:*`)
        clock.advance(contractFreshnessMs + 1)
        const fresh = await under.there.getOrLoad(key, ttl, async () => 'new')
        assert.equal(fresh.value, 'new')
        gate.resolve('old')
        await slow
        assert.notEqual(await under.here.get(key), 'old')
        assert.notEqual(await under.there.get(key), 'old')
        clock.advance(contractFreshnessMs + 1)
        assert.notEqual(await under.there.get(key), 'old')
      }
    })

    it('counts as empty when its shared level fails, and says so when it cannot forget', async () => {
      const key = cacheKey(space, 'a')
      await under.here.set(key, 'value', ttl)
      clock.advance(contractFreshnessMs + 1)
      under.breakShared(true)
      try {
        assert.equal(await under.here.get(key), undefined)
        const loaded = await under.here.getOrLoad(key, ttl, async () => 'loaded')
        assert.deepEqual(loaded, { value: 'loaded', hit: false })
        await under.here.set(key, 'other', ttl)
        await assert.rejects(under.here.delete(key), { code: 'database_unavailable' })
        await assert.rejects(under.here.deletePattern(`${space}:*`), { code: 'database_unavailable' })
      } finally {
        under.breakShared(false)
      }
      assert.equal(await under.here.get(key), 'value')
    })

    it('refuses patterns that are not a prefix of whole segments, and ttls out of range', async () => {
      for (const pattern of ['*', '', space, `${space}*`, `${space}:a*`, `*:${space}:*`, `${space}::*`]) {
        await assert.rejects(under.here.deletePattern(pattern), TypeError, pattern)
      }
      for (const ttlSeconds of [0, -1, Number.NaN, 8 * 86_400]) {
        await assert.rejects(under.here.set(cacheKey(space), 'x', { ttlSeconds }), RangeError)
      }
    })
  })
}
