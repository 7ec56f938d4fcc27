import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { recordingObservability } from '../testing/recording-observability.ts'
import { tableCounters } from './counters.ts'
import { rateLimitTable } from './rate-limit-table.ts'
import { createRateLimiter } from './rate-limiter.ts'

const signal = new AbortController().signal

async function setUp() {
  const clock = createManualClock()
  const { metrics, counts } = recordingObservability()
  const database = createMemoryDatabase({ clock })
  await database.open([rateLimitTable])
  let reads = 0
  const counted = {
    ...database,
    get: (...given: Parameters<typeof database.get>) => {
      reads += 1
      return database.get(...given)
    },
    write: (...given: Parameters<typeof database.write>) => database.write(...given),
  } as typeof database
  const shared = tableCounters(counted)
  const instance = () => createRateLimiter({ counters: { rates: shared, quotas: shared }, clock, metrics })
  return { clock, counts, database, instance, reads: () => reads }
}

describe('a rate limit', () => {
  it('lets a burst in, then the rate, and says when to come again', async () => {
    const { clock, counts, instance } = await setUp()
    const take = instance()
    const limit = { requestsPerSecond: 2, burst: 3 }
    const ask = (key = 'ann') => take('toy.op', limit, { key, signal })
    for (let n = 0; n < 3; n += 1) await ask()
    await assert.rejects(ask(), error => {
      assert.ok(isMmfError(error, 'quota_exceeded'))
      assert.deepEqual(error.headers, {
        'retry-after': '1',
        'ratelimit-policy': '"rate";q=3;w=2',
        ratelimit: '"rate";r=0;t=1',
      })
      return true
    })
    await ask('bob')
    clock.advance(499)
    await assert.rejects(ask(), error => isMmfError(error, 'quota_exceeded'))
    clock.advance(1)
    await ask()
    await assert.rejects(ask(), error => isMmfError(error, 'quota_exceeded'))
    clock.advance(60_000)
    for (let n = 0; n < 3; n += 1) await ask()
    await assert.rejects(ask(), error => isMmfError(error, 'quota_exceeded'))
    assert.equal(counts.get('mmf_resilience_refusals_total{name="toy.op",policy="rate_limit"}'), 4)
  })

  it('counts the calls of all instances together, also when they come at the same time', async () => {
    const { instance } = await setUp()
    const limit = { requestsPerSecond: 0.1, burst: 4 }
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => instance()('toy.op', limit, { key: 'ann', signal })),
    )
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 4)
  })

  it('a caller over the limit costs the table nothing', async () => {
    const { instance, reads } = await setUp()
    const take = instance()
    const ask = () => take('toy.op', { requestsPerSecond: 1, burst: 1 }, { key: 'ann', signal })
    await ask()
    await assert.rejects(ask())
    const before = reads()
    for (let n = 0; n < 100; n += 1) await assert.rejects(ask(), error => isMmfError(error, 'quota_exceeded'))
    assert.equal(reads(), before)
  })

  it('without the table no caller gets in', async () => {
    const { clock, counts: _counts } = await setUp()
    const down = { get: () => Promise.reject(new MmfError('database_unavailable')) } as never
    const take = createRateLimiter({
      counters: { rates: tableCounters(down), quotas: tableCounters(down) },
      clock,
      metrics: recordingObservability().metrics,
    })
    const asked = take('toy.op', { requestsPerSecond: 1, burst: 1 }, { key: 'ann', signal })
    await assert.rejects(asked, error => isMmfError(error, 'database_unavailable'))
  })

  it('no key can be read from the table', async () => {
    const { database, instance } = await setUp()
    await instance()('toy.op', { requestsPerSecond: 1, burst: 1 }, { key: 'ann@example.com', signal })
    const { createHash } = await import('node:crypto')
    const id = `toy.op ${createHash('sha256').update('ann@example.com').digest('base64url')}`
    assert.ok(await database.get(rateLimitTable, { id }))
  })
})
