import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { recordingObservability } from '../testing/recording-observability.ts'
import { createResilience } from './create-resilience.ts'
import type { CircuitBreakerOptions } from './options.ts'

const unavailable = () => Promise.reject(new MmfError('service_unavailable'))
const well = async () => 'well'
const forEver = () => new Promise<never>(() => {})
const never = new AbortController().signal
const withCode = (code: Parameters<typeof isMmfError>[1]) => (error: unknown) => isMmfError(error, code)

function setUp() {
  const clock = createManualClock()
  const observability = recordingObservability()
  const waits: number[] = []
  const sleep = async (ms: number) => {
    waits.push(ms)
    clock.advance(ms)
  }
  const database = createMemoryDatabase({ clock })
  const resilience = createResilience({ clock, database, observability, sleep, random: () => 0.5 })
  return { clock, observability, waits, resilience }
}

describe('a circuit breaker', () => {
  function circuit(options: CircuitBreakerOptions = {}) {
    const parts = setUp()
    const call = <T>(work: () => Promise<T>, key?: string) =>
      parts.resilience.execute('bank', { circuitBreaker: options }, work, { signal: never, key })
    const fails = async (times: number, key?: string) => {
      for (let n = 0; n < times; n += 1) await assert.rejects(call(unavailable, key), withCode('service_unavailable'))
    }
    return { ...parts, call, fails }
  }

  it('opens after five failures, calls nothing for 60 s, says when to come back, and closes after three successes', async () => {
    const { clock, observability, resilience, call, fails } = circuit()
    await fails(5)
    let ran = 0
    const counted = async () => {
      ran += 1
    }
    clock.advance(59_001)
    await assert.rejects(call(counted), error => {
      assert.ok(isMmfError(error, 'circuit_open'))
      assert.deepEqual(error.headers, { 'retry-after': '1' })
      return true
    })
    assert.equal(ran, 0)
    assert.deepEqual(resilience.openCircuits(), [{ name: 'bank', key: '', status: 'open' }])
    assert.equal(observability.counts.get('mmf_circuits_open{circuit="bank"}'), 1)
    clock.advance(999)
    await call(counted)
    await call(counted)
    assert.equal(resilience.openCircuits()[0]?.status, 'half_open')
    await call(counted)
    assert.deepEqual(resilience.openCircuits(), [])
    assert.equal(ran, 3)
    assert.deepEqual(
      [...observability.counts].filter(([name]) => !name.includes('retries')),
      [
        ['mmf_circuit_transitions_total{circuit="bank",to="open"}', 1],
        ['mmf_circuits_open{circuit="bank"}', 0],
        ['mmf_resilience_refusals_total{name="bank",policy="circuit_breaker"}', 1],
        ['mmf_circuit_transitions_total{circuit="bank",to="half_open"}', 1],
        ['mmf_circuit_transitions_total{circuit="bank",to="closed"}', 1],
      ],
    )
  })

  it('opens again, for the whole time, when a try fails', async () => {
    const { clock, call, fails } = circuit()
    await fails(5)
    clock.advance(60_000)
    await fails(1)
    clock.advance(59_999)
    await assert.rejects(call(well), withCode('circuit_open'))
    clock.advance(1)
    assert.equal(await call(well), 'well')
  })

  it('lets three tries through at once when half open, and refuses the fourth without making it wait', async () => {
    const { clock, call, fails } = circuit()
    await fails(5)
    clock.advance(60_000)
    const gate = Promise.withResolvers<string>()
    const tries = [1, 2, 3].map(() => call(() => gate.promise))
    await assert.rejects(call(well), withCode('circuit_open'))
    gate.resolve('there again')
    assert.deepEqual(await Promise.all(tries), ['there again', 'there again', 'there again'])
    assert.equal(await call(well), 'well')
  })

  it('a try that hangs past the time of its caller fails, and does not hold the circuit for ever', async () => {
    const { clock, call, fails, resilience } = circuit({ successThreshold: 1 })
    await fails(5)
    clock.advance(60_000)
    const caller = new AbortController()
    const hanging = resilience.execute('bank', { circuitBreaker: { successThreshold: 1 } }, forEver, {
      signal: caller.signal,
    })
    caller.abort()
    await assert.rejects(hanging, withCode('deadline_exceeded'))
    clock.advance(60_000)
    assert.equal(await call(well), 'well')
    assert.deepEqual(resilience.openCircuits(), [])
  })

  it('forgets failures of more than a minute ago, whatever the number of successes between', async () => {
    const { clock, call, fails } = circuit()
    for (let n = 0; n < 20; n += 1) {
      await fails(1)
      clock.advance(16_000)
    }
    assert.equal(await call(well), 'well')
  })

  it('refusals by what is called open nothing; a mistake in the code does', async () => {
    const { call } = circuit()
    for (let n = 0; n < 20; n += 1) {
      await assert.rejects(
        call(() => Promise.reject(new MmfError('not_found'))),
        withCode('not_found'),
      )
      await assert.rejects(
        call(() => Promise.reject(new MmfError('overloaded'))),
        withCode('overloaded'),
      )
    }
    for (let n = 0; n < 5; n += 1)
      await assert.rejects(
        call(() => Promise.reject(new TypeError('oh'))),
        TypeError,
      )
    await assert.rejects(call(well), withCode('circuit_open'))
  })

  it('by rate: half of ten calls open it, four of ten or all of nine do not', async () => {
    const options = { failureRate: 0.5, minimumCalls: 10 }
    const nine = circuit(options)
    await nine.fails(9)
    assert.equal(await nine.call(well), 'well')
    const four = circuit(options)
    for (let n = 0; n < 6; n += 1) await four.call(well)
    await four.fails(4)
    assert.equal(await four.call(well), 'well')
    const half = circuit(options)
    for (let n = 0; n < 5; n += 1) await half.call(well)
    await half.fails(5)
    await assert.rejects(half.call(well), withCode('circuit_open'))
  })

  it('keys have circuits of their own, and strangers’ keys are forgotten in the order of their use', async () => {
    const { call, fails, resilience } = circuit({ failureThreshold: 1 })
    await fails(1, 'a')
    assert.equal(await call(well, 'b'), 'well')
    await assert.rejects(call(well, 'a'), withCode('circuit_open'))
    for (let n = 0; n < 1000; n += 1) await call(well, `stranger-${n}`)
    assert.deepEqual(resilience.openCircuits(), [])
  })

  it('one name has one set of options', async () => {
    const { call, resilience } = circuit()
    await call(well)
    const other = { circuitBreaker: { failureThreshold: 2 } }
    await assert.rejects(resilience.execute('bank', other, well, { signal: never }), withCode('concern_invalid'))
  })

  it('never calls while it is open, and always comes back (any sequence of failures, successes and pauses)', async () => {
    const step = fc.oneof(fc.constant('fail'), fc.constant('succeed'), fc.integer({ min: 0, max: 90_000 }))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
        const { clock, call, resilience } = circuit()
        for (const next of steps) {
          if (typeof next === 'number') clock.advance(next)
          else {
            const status = resilience.openCircuits()[0]?.status
            let ran = false
            const answer = await call(async () => {
              ran = true
              if (next === 'fail') throw new MmfError('service_unavailable')
            }).catch((error: unknown) => error)
            assert.equal(ran, !isMmfError(answer, 'circuit_open'))
            if (status !== 'open') assert.ok(ran, 'only an open circuit refuses, where calls come one by one')
          }
        }
        clock.advance(60_000)
        for (let n = 0; n < 3; n += 1) assert.equal(await call(well), 'well')
        assert.deepEqual(resilience.openCircuits(), [])
      }),
      { numRuns: 60 },
    )
  })
})

describe('a retry', () => {
  const failing = (
    times: number,
    code: 'service_unavailable' | 'not_found' | 'circuit_open' = 'service_unavailable',
  ) => {
    const state = { tries: 0 }
    const work = async () => {
      state.tries += 1
      if (state.tries <= times) throw new MmfError(code)
      return state.tries
    }
    return { state, work }
  }

  it('tries three times in all, waits longer each time, and is counted', async () => {
    const { resilience, waits, observability } = setUp()
    const { work } = failing(2)
    assert.equal(await resilience.execute('bank', { retry: {} }, work, { signal: never }), 3)
    // Half of what full jitter may be at most, as random() is 0.5 here.
    assert.deepEqual(waits, [1000, 2000])
    assert.equal(observability.counts.get('mmf_retries_total{name="bank",result="tried_again"}'), 2)
    const { state, work: always } = failing(9)
    await assert.rejects(
      resilience.execute('bank', { retry: {} }, always, { signal: never }),
      withCode('service_unavailable'),
    )
    assert.equal(state.tries, 3)
    assert.equal(observability.counts.get('mmf_retries_total{name="bank",result="gave_up"}'), 1)
  })

  it('leaves alone what does not pass: refusals, an open circuit, mistakes in the code', async () => {
    const { resilience, waits } = setUp()
    for (const code of ['not_found', 'circuit_open'] as const) {
      const { work, state } = failing(1, code)
      await assert.rejects(resilience.execute('bank', { retry: {} }, work, { signal: never }), withCode(code))
      assert.equal(state.tries, 1)
    }
    const mistake = () => Promise.reject(new TypeError('oh'))
    await assert.rejects(resilience.execute('bank', { retry: {} }, mistake, { signal: never }), TypeError)
    assert.deepEqual(waits, [])
  })

  it('does not begin what cannot end in time', async () => {
    const { resilience, waits, clock, observability } = setUp()
    const { work, state } = failing(9)
    const deadline = clock.now().getTime() + 1000
    await assert.rejects(
      resilience.execute('bank', { retry: {} }, work, { signal: never, deadline }),
      withCode('service_unavailable'),
    )
    assert.deepEqual([state.tries, waits], [1, []])
    assert.equal(observability.counts.get('mmf_retries_total{name="bank",result="no_time"}'), 1)
  })

  it('a storm of failures ends the retries: 1,000 failing calls make at most 110 more', async () => {
    const { resilience, observability } = setUp()
    const { work, state } = failing(Number.POSITIVE_INFINITY)
    for (let n = 0; n < 1000; n += 1) {
      await assert.rejects(
        resilience.execute('bank', { retry: {} }, work, { signal: never }),
        withCode('service_unavailable'),
      )
    }
    assert.equal(state.tries, 1000 + 109)
    assert.ok((observability.counts.get('mmf_retries_total{name="bank",result="no_budget"}') ?? 0) > 800)
  })

  it('each try is one call of the circuit inside', async () => {
    const { resilience } = setUp()
    const { work, state } = failing(9)
    const policies = { retry: { maxAttempts: 10 }, circuitBreaker: { failureThreshold: 2 } }
    await assert.rejects(resilience.execute('bank', policies, work, { signal: never }), withCode('circuit_open'))
    assert.equal(state.tries, 2)
  })
})

describe('a bulkhead', () => {
  it('runs so many at once, lets so many wait, refuses the rest, and gives turns in order', async () => {
    const { resilience, observability } = setUp()
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>())
    const started: number[] = []
    const enter = (n: number) =>
      resilience.execute(
        'press',
        { bulkhead: { maxConcurrent: 1, maxWaiting: 1 } },
        async () => {
          started.push(n)
          await gates[n]?.promise
          return n
        },
        { signal: never },
      )
    const first = enter(0)
    const second = enter(1)
    await assert.rejects(enter(2), withCode('overloaded'))
    assert.deepEqual(started, [0])
    assert.equal(observability.counts.get('mmf_bulkhead_in_flight{name="press"}'), 1)
    gates[0]?.resolve()
    assert.equal(await first, 0)
    gates[1]?.resolve()
    assert.equal(await second, 1)
    assert.deepEqual(started, [0, 1])
    assert.equal(observability.counts.get('mmf_resilience_refusals_total{name="press",policy="bulkhead"}'), 1)
    assert.equal(observability.counts.get('mmf_bulkhead_in_flight{name="press"}'), 0)
  })

  it('who waited too long, or whose call ended, leaves without having run', async () => {
    const { resilience } = setUp()
    const gate = Promise.withResolvers<void>()
    const policies = { bulkhead: { maxConcurrent: 1, maxWaiting: 5, maxWaitMs: 5 } }
    const first = resilience.execute('press', policies, () => gate.promise, { signal: never })
    let ran = 0
    const count = async () => {
      ran += 1
    }
    const caller = new AbortController()
    const ended = resilience.execute('press', policies, count, { signal: caller.signal })
    const late = resilience.execute('press', policies, count, { signal: never })
    await Promise.resolve()
    caller.abort()
    await assert.rejects(ended, withCode('deadline_exceeded'))
    await assert.rejects(late, withCode('overloaded'))
    gate.resolve()
    await first
    await resilience.execute('press', policies, count, { signal: never })
    assert.equal(ran, 1)
  })
})

describe('a timeout', () => {
  it('answers for work that does not listen, aborts work that does, and tells the two ends apart', async () => {
    const { resilience, observability } = setUp()
    const policies = { timeout: { timeoutMs: 5 } }
    await assert.rejects(
      resilience.execute('slow', policies, forEver, { signal: never }),
      withCode('deadline_exceeded'),
    )
    const heard = Promise.withResolvers<void>()
    const listening = (signal: AbortSignal) =>
      new Promise<never>(() => signal.addEventListener('abort', () => heard.resolve(), { once: true }))
    await assert.rejects(
      resilience.execute('slow', policies, listening, { signal: never }),
      withCode('deadline_exceeded'),
    )
    await heard.promise
    assert.equal(observability.counts.get('mmf_resilience_refusals_total{name="slow",policy="timeout"}'), 2)
    const caller = new AbortController()
    const ended = resilience.execute('patient', { timeout: {} }, forEver, { signal: caller.signal })
    caller.abort()
    await assert.rejects(ended, withCode('deadline_exceeded'))
    assert.equal(observability.counts.get('mmf_resilience_refusals_total{name="patient",policy="timeout"}'), undefined)
    assert.equal(await resilience.execute('slow', policies, well, { signal: never }), 'well')
  })
})
