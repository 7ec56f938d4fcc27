import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { recordingObservability } from '../testing/recording-observability.ts'
import { memoryCounters, tableCounters } from './counters.ts'
import { rateLimitTable } from './rate-limit-table.ts'
import { createRateLimiter } from './rate-limiter.ts'

const signal = new AbortController().signal
const { metrics } = recordingObservability()

/** Calls of one caller: after so many milliseconds so many at once, at one of three instances. */
const rounds = fc.array(
  fc.record({ waitMs: fc.integer({ min: 0, max: 3000 }), calls: fc.integer({ min: 1, max: 12 }), at: fc.nat(2) }),
  { minLength: 1, maxLength: 25 },
)
const limits = fc.record({
  requestsPerSecond: fc.constantFrom(0.5, 1, 3, 7, 40),
  burst: fc.integer({ min: 1, max: 60 }),
})

type Take = ReturnType<typeof createRateLimiter>

/** How many were let in, with the milliseconds at which they were. */
async function admitted(
  instances: readonly Take[],
  limit: Parameters<Take>[1],
  asked: readonly { waitMs: number; calls: number; at: number }[],
  clock: ReturnType<typeof createManualClock>,
): Promise<{ at: number; count: number }[]> {
  const start = clock.now().getTime()
  const seen = []
  for (const { waitMs, calls, at } of asked) {
    clock.advance(waitMs)
    const take = instances[at % instances.length] as Take
    const answers = await Promise.allSettled(
      Array.from({ length: calls }, () => take('toy.op', limit, { key: 'ann', signal })),
    )
    for (const answer of answers)
      assert.ok(answer.status === 'fulfilled' || isMmfError(answer.reason, 'quota_exceeded'))
    seen.push({
      at: clock.now().getTime() - start,
      count: answers.filter(({ status }) => status === 'fulfilled').length,
    })
  }
  return seen
}

it('in no stretch of time does one process let in more than burst + rate × time, nor refuse a caller who kept within it', async () => {
  await fc.assert(
    fc.asyncProperty(limits, rounds, async (limit, asked) => {
      const clock = createManualClock()
      const memory = memoryCounters(clock)
      const take = createRateLimiter({ counters: { rates: memory, quotas: memory }, ahead: false, clock, metrics })
      const seen = await admitted([take], limit, asked, clock)
      for (const [first, { at: from }] of seen.entries()) {
        let sum = 0
        for (const { at, count } of seen.slice(first)) {
          sum += count
          assert.ok(sum <= limit.burst + (limit.requestsPerSecond * (at - from)) / 1000)
        }
      }
      // The first ones find a full bucket.
      assert.equal(seen[0]?.count, Math.min(asked[0]?.calls ?? 0, limit.burst))
    }),
    { numRuns: 200 },
  )
})

it('instances that share a table never let in more than burst + rate × time together', async () => {
  await fc.assert(
    fc.asyncProperty(limits, rounds, async (limit, asked) => {
      const clock = createManualClock()
      const database = createMemoryDatabase({ clock })
      await database.open([rateLimitTable])
      const instances = Array.from({ length: 3 }, () => {
        const shared = tableCounters(database)
        return createRateLimiter({ counters: { rates: shared, quotas: shared }, clock, metrics })
      })
      let sum = 0
      for (const { at, count } of await admitted(instances, limit, asked, clock)) {
        sum += count
        assert.ok(sum <= limit.burst + (limit.requestsPerSecond * at) / 1000)
      }
      await database.close()
    }),
    { numRuns: 60 },
  )
})

it('instances that share a table let in exactly the quota of a day, and the next day as many again', async () => {
  const perDay = fc.integer({ min: 1, max: 30 })
  await fc.assert(
    fc.asyncProperty(perDay, rounds, async (requestsPerDay, asked) => {
      const clock = createManualClock('2026-03-01T10:00:00.000Z')
      const database = createMemoryDatabase({ clock })
      await database.open([rateLimitTable])
      const instances = Array.from({ length: 3 }, () => {
        const shared = tableCounters(database)
        return createRateLimiter({ counters: { rates: shared, quotas: shared }, clock, metrics })
      })
      const wanted = asked.reduce((sum, { calls }) => sum + calls, 0)
      for (const day of ['2026-03-01T10:00:00.000Z', '2026-03-02T00:00:00.000Z']) {
        clock.set(day)
        const seen = await admitted(instances, { requestsPerDay }, asked, clock)
        const total = seen.reduce((sum, { count }) => sum + count, 0)
        assert.equal(total, Math.min(wanted, requestsPerDay))
      }
      await database.close()
    }),
    { numRuns: 40 },
  )
})
