import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { createReadCache } from './read-cache.ts'

function cacheOf(load: (key: string) => Promise<string | undefined>, { maxEntries = 3, loadTimeout = 30_000 } = {}) {
  const clock = createManualClock()
  const loads: string[] = []
  const cache = createReadCache({
    load: key => {
      loads.push(key)
      return load(key)
    },
    clock,
    maxAge: 1000,
    negativeMaxAge: 100,
    maxEntries,
    loadTimeout,
  })
  return { cache, clock, loads }
}

test('it is bounded, and the least recently used entry leaves first', async () => {
  const { cache, loads } = cacheOf(async key => key)
  for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) assert.equal(await cache.get(key), key)
  assert.deepEqual(loads, ['a', 'b', 'c', 'd', 'b'])
})

test('names that are not there push out nothing that is', async () => {
  const { cache, loads } = cacheOf(async key => (key === 'a' ? key : undefined))
  await cache.get('a')
  for (let index = 0; index < 100; index++) assert.equal(await cache.get(`made up ${index}`), undefined)
  await cache.get('a')
  assert.equal(loads.filter(key => key === 'a').length, 1)
})

test('entries age by the clock, and a clock set back reads again', async () => {
  const { cache, clock, loads } = cacheOf(async key => key)
  await cache.get('a')
  clock.advance(999)
  await cache.get('a')
  assert.equal(loads.length, 1)
  clock.advance(1)
  await cache.get('a')
  assert.equal(loads.length, 2)
  clock.advance(-5000)
  await cache.get('a')
  assert.equal(loads.length, 3)
})

test('what was read before forget is not kept', async () => {
  let answer = (_: string): void => {}
  const { cache, loads } = cacheOf(() => new Promise(resolve => (answer = resolve)))
  const first = cache.get('a')
  await new Promise(setImmediate)
  cache.forget('a')
  answer('old')
  assert.equal(await first, 'old')
  const second = cache.get('a')
  await new Promise(setImmediate)
  answer('new')
  assert.equal(await second, 'new')
  assert.equal(await cache.get('a'), 'new')
  assert.equal(loads.length, 2)
})

test('a source that never answers does not block the next attempt', async () => {
  let hanging = true
  const { cache } = cacheOf(key => (hanging ? new Promise(() => {}) : Promise.resolve(key)), {
    loadTimeout: 20,
  })
  await assert.rejects(cache.get('a'), error => isMmfError(error, 'database_unavailable'))
  hanging = false
  assert.equal(await cache.get('a'), 'a')
})

test('failures are shared by those who wait, and not kept', async () => {
  let fail = true
  const { cache, loads } = cacheOf(async key => {
    if (fail) throw new Error('down')
    return key
  })
  const results = await Promise.allSettled([cache.get('a'), cache.get('a')])
  assert.deepEqual(
    results.map(result => result.status),
    ['rejected', 'rejected'],
  )
  assert.equal(loads.length, 1)
  fail = false
  assert.equal(await cache.get('a'), 'a')
})
