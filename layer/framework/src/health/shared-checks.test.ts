import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createManualClock } from '../testing/index.ts'
import { checkPorts } from './check-health.ts'
import type { HealthResult } from './health.ts'
import { sharedChecks } from './shared-checks.ts'

function setUp() {
  const clock = createManualClock()
  const lines: unknown[] = []
  const calls = { database: 0, keys: 0 }
  let answer: () => Promise<HealthResult> = async () => ({ status: 'healthy' })
  const checks = sharedChecks(
    {
      database: async () => ({ status: calls.database++ < 0 ? 'unhealthy' : 'healthy' }),
      keys: () => {
        calls.keys += 1
        return answer()
      },
    },
    { clock, logger: { warn: (message, fields) => void lines.push({ message, ...fields }) } },
  )
  const answering = (next: typeof answer) => {
    answer = next
  }
  return { clock, lines, calls, checks, answering }
}

const never = () => new Promise<never>(() => {})

describe('shared checks', () => {
  it('ask once for many askers at once, and once for those of the same second', async () => {
    const { clock, calls, checks } = setUp()
    await Promise.all(Array.from({ length: 50 }, () => checkPorts(checks)))
    assert.deepEqual(calls, { database: 1, keys: 1 })
    clock.advance(999)
    await checkPorts(checks)
    assert.deepEqual(calls, { database: 1, keys: 1 })
    clock.advance(1)
    await checkPorts(checks)
    assert.deepEqual(calls, { database: 2, keys: 2 })
    clock.advance(-5000)
    await checkPorts(checks)
    assert.deepEqual(calls, { database: 3, keys: 3 }, 'a clock that was set back keeps no answer alive')
  })

  it('show fixed texts and codes, and log the whole reason once', async () => {
    const { clock, lines, checks, answering } = setUp()
    const reason = 'no key 12ff20fd in /var/keys'
    answering(async () => ({ status: 'unhealthy', reason }))
    const shown = await Promise.all([checkPorts(checks), checkPorts(checks)])
    const expected = { status: 'unhealthy', reason: 'not every signing key can be used' }
    for (const { keys } of shown) assert.deepEqual(keys, expected)
    assert.deepEqual(lines, [{ message: 'a port is not healthy', port: 'keys', status: 'unhealthy', reason }])

    clock.advance(1000)
    const error = Object.assign(new Error(reason), { code: 'ECONNREFUSED' })
    answering(() => Promise.reject(error))
    const broken = await Promise.all([checkPorts(checks), checkPorts(checks)])
    for (const { keys } of broken) assert.deepEqual(keys, { status: 'unhealthy', reason: 'keys: ECONNREFUSED' })
    assert.deepEqual(lines.slice(1), [{ message: 'a port is not healthy', port: 'keys', error }])
  })

  it('give up a check that hangs past its time limit', async () => {
    const { calls, checks, answering } = setUp()
    answering(never)
    const limit = new AbortController()
    void checks.keys(limit.signal)
    void checks.keys(new AbortController().signal)
    assert.equal(calls.keys, 1, 'the second one waits with the first')
    limit.abort()
    answering(async () => ({ status: 'healthy' }))
    assert.deepEqual(await checks.keys(new AbortController().signal), { status: 'healthy' })
    assert.equal(calls.keys, 2)
  })
})
