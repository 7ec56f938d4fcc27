import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DatabaseAdapter } from '../database/database.ts'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { createIds } from '../ids/uuid-v7.ts'
import { cacheContract } from '../testing/cache-contract.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { createRecordingLogger } from '../testing/recording-logger.ts'
import { cacheKey } from './cache-key.ts'
import { cacheTable } from './cache-table.ts'
import { createTwoLevelCache } from './two-level-cache.ts'

/** A database that can be cut off, and counts how often it is asked. */
async function countedDatabase(clock = createManualClock()) {
  const database = createMemoryDatabase({ clock })
  await database.open([cacheTable])
  const state = { broken: false, reads: 0, writes: 0 }
  const cut = () => {
    if (state.broken) throw new MmfError('database_unavailable')
  }
  const counted: DatabaseAdapter = {
    ...database,
    async getMany(table, keys, options) {
      state.reads += 1
      cut()
      return database.getMany(table, keys, options)
    },
    async write(write, options) {
      state.writes += 1
      cut()
      await database.write(write, options)
    },
  }
  return { database: counted, clock, state }
}

cacheContract('memory and table', async ({ clock, freshnessMs }) => {
  const { database, state } = await countedDatabase(clock)
  const ids = createIds({ clock })
  const make = () => createTwoLevelCache({ database, clock, ids, logger: createRecordingLogger(), freshnessMs })
  return {
    here: make(),
    there: make(),
    breakShared(broken) {
      state.broken = broken
    },
    close: () => database.close(),
  }
})

describe('two-level cache', () => {
  it('a call whose time ends while it loads for others takes none of them along: one of them loads again', async () => {
    const { database, clock } = await countedDatabase()
    const cache = createTwoLevelCache({ database, clock, ids: createIds({ clock }), logger: createRecordingLogger() })
    const { promise: over, reject } = Promise.withResolvers<string>()
    const options = { ttlSeconds: 60 }
    let loads = 0
    const impatient = cache.getOrLoad<string>('key', options, () => over)
    const patient = Array.from({ length: 10 }, () =>
      cache.getOrLoad<string>('key', options, async () => {
        loads += 1
        return 'value'
      }),
    )
    const refused = assert.rejects(impatient, { code: 'deadline_exceeded' })
    reject(new MmfError('deadline_exceeded'))
    await refused
    assert.deepEqual(new Set((await Promise.all(patient)).map(({ value }) => value)), new Set(['value']))
    assert.equal(loads, 1)
    const broken = () => Promise.reject(new MmfError('database_unavailable'))
    const failing = [cache.getOrLoad('other', options, broken), cache.getOrLoad('other', options, broken)]
    for (const failed of failing) await assert.rejects(failed, { code: 'database_unavailable' })
  })

  it('asks the table once per freshness, and writes once per invalidation however many keys there are', async () => {
    const { database, clock, state } = await countedDatabase()
    const cache = createTwoLevelCache({ database, clock, ids: createIds({ clock }), logger: createRecordingLogger() })
    const keys = Array.from({ length: 100 }, (_, i) => cacheKey('many', i))
    for (const key of keys) await cache.set(key, 'x', { ttlSeconds: 3600 })
    const reads = state.reads
    for (let i = 0; i < 50; i++) await cache.get(keys[0] ?? '')
    assert.equal(state.reads, reads)
    clock.advance(1001)
    for (let i = 0; i < 50; i++) await cache.get(keys[0] ?? '')
    assert.equal(state.reads, reads + 1)
    const writes = state.writes
    await cache.deletePattern('many:*')
    assert.equal(state.writes, writes + 1)
    await database.close()
  })

  it('holds no more memory than it may, dropping what was used longest ago', async () => {
    const { database, clock, state } = await countedDatabase()
    const options = { database, clock, ids: createIds({ clock }), logger: createRecordingLogger(), memoryBytes: 5000 }
    const cache = createTwoLevelCache(options)
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => cacheKey('lru', name))
    const [a = '', b = ''] = keys
    for (const key of keys.slice(0, 4)) await cache.set(key, new Uint8Array(900), { ttlSeconds: 60 })
    await cache.get(a)
    for (const key of keys.slice(4)) await cache.set(key, new Uint8Array(900), { ttlSeconds: 60 })
    const { reads } = state
    assert.ok(await cache.get(a))
    assert.equal(state.reads, reads)
    assert.ok(await cache.get(b))
    assert.equal(state.reads, reads + 1)
    await database.close()
  })

  it('keeps values in memory that are too large for a row', async () => {
    const { database, clock, state } = await countedDatabase()
    const cache = createTwoLevelCache({ database, clock, ids: createIds({ clock }), logger: createRecordingLogger() })
    await cache.set(cacheKey('large'), new Uint8Array(500_000), { ttlSeconds: 60 })
    assert.equal(state.writes, 0)
    assert.equal((await cache.get<Uint8Array>(cacheKey('large')))?.byteLength, 500_000)
    await database.close()
  })
})

describe('cacheKey', () => {
  it('is one key for equal parts, and different keys for different ones', () => {
    assert.equal(
      cacheKey('trust_anchor', 'DE', { purpose: 'csca', b: undefined }),
      cacheKey('trust_anchor', 'DE', { purpose: 'csca' }),
    )
    assert.equal(cacheKey('n', { a: 1, b: 2 }), cacheKey('n', { b: 2, a: 1 }))
    assert.equal(cacheKey('trust_anchor', 'DE'), 'trust_anchor:DE')
    const different = [
      cacheKey('n'),
      cacheKey('n', ''),
      cacheKey('n', 'a', 'b'),
      cacheKey('n', 'a:b'),
      cacheKey('n', 'a', 'b', ''),
      cacheKey('n', '*'),
      cacheKey('n', 1),
      cacheKey('n', '1'),
      cacheKey('n', '~1'),
      cacheKey('n', null),
      cacheKey('n', 'null'),
      cacheKey('n', Uint8Array.of(1)),
      cacheKey('n', 'bAQ'),
      cacheKey('n', 'é'),
      cacheKey('n', 'x'.repeat(500)),
      cacheKey('n', 'x'.repeat(501)),
      cacheKey('n', { a: { b: 1 } }),
    ]
    assert.equal(new Set(different).size, different.length)
    for (const key of different) assert.ok(key.length < 200 && !key.includes('*'), key)
    assert.throws(() => cacheKey('Trust:Anchor'), TypeError)
  })
})
