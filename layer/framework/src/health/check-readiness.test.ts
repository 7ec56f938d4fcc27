import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../testing/manual-clock.ts'
import { sharedReadiness } from './check-readiness.ts'
import type { Readiness } from './health.ts'

function setUp() {
  const clock = createManualClock()
  let asked = 0
  let answer: () => Promise<Readiness> = async () => ({ status: 'healthy' })
  const ask = async () => {
    asked += 1
    return { marty: { document_signer: await answer() } }
  }
  const answering = (next: typeof answer) => {
    answer = next
  }
  const shared = sharedReadiness(ask, { clock, maxAgeMs: () => 60_000 })
  return { clock, shared, answering, asked: () => asked }
}

test('readiness is looked at once for all who ask at once, and for those of the same minute', async () => {
  const { clock, shared, asked } = setUp()
  await Promise.all(Array.from({ length: 50 }, shared))
  clock.advance(59_999)
  await shared()
  assert.equal(asked(), 1)
  clock.advance(1)
  await shared()
  assert.equal(asked(), 2)
  clock.advance(-5_000)
  await shared()
  assert.equal(asked(), 3, 'a clock that was set back keeps no answer alive')
})

test('what is broken is looked at again after five seconds, too old or not', async () => {
  const { clock, shared, asked, answering } = setUp()
  for (const [bad, kept] of [
    [async () => ({ status: 'unhealthy' }) as const, 5_000],
    [async () => Promise.reject(new Error('gone')), 5_000],
    [async () => ({ status: 'degraded' }) as const, 60_000],
  ] as const) {
    answering(bad)
    const before = asked()
    const look = () => shared().catch(() => 'failed')
    await look()
    clock.advance(kept - 1)
    await look()
    assert.equal(asked(), before + 1)
    clock.advance(1)
    await look()
    assert.equal(asked(), before + 2)
    clock.advance(60_000)
  }
})
