import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { MmfError } from '../../errors/mmf-error.ts'
import { defineEvent } from '../../events/events.ts'
import { serviceScope } from '../operation/operation.ts'
import { base64 } from '../operation/wire-codecs.ts'
import { publishes } from '../publishes.ts'
import { defineService } from '../service.ts'
import { auditEvent } from './audit-event.ts'
import { cacheResult } from './cache-result.ts'
import { fallback } from './fallback.ts'
import { idempotent } from './idempotent.ts'
import { answer, down, reader, writer } from './letters.fixture.ts'
import { rateLimit } from './rate-limit.ts'
import { publicAccess, requiresAuth } from './requires-auth.ts'
import { bulkhead, circuitBreaker, retry, timeout } from './resilience.ts'
import { toyOf } from './toy.fixture.ts'
import { trackMetrics } from './track-metrics.ts'

const letterSent = defineEvent({ name: 'letter_sent', version: 1, data: z.strictObject({ q: z.string() }) })
const letterLost = defineEvent({ name: 'letter_lost', version: 1, data: z.strictObject({ code: z.string() }) })

describe('cacheResult', () => {
  it('gives each principal its own stored answer again, until its time is over', async t => {
    const { service, runs } = reader(
      [requiresAuth(), trackMetrics({ metricName: 'reads' }), cacheResult({ ttlSeconds: 60 })],
      answer,
    )
    const { ask, platform, counts } = await toyOf(t, [service])
    const first = await ask('GET /v1/letters?q=a', { token: 'ann' })
    assert.deepEqual(first.json, { who: 'ann', n: 1 })
    assert.deepEqual((await ask('GET /v1/letters?q=a', { token: 'ann' })).json, first.json)
    assert.equal((await ask('GET /v1/letters?q=b', { token: 'ann' })).json.n, 2)
    assert.equal((await ask('GET /v1/letters?q=a', { token: 'bob' })).json.who, 'bob')
    assert.equal(runs(), 3)
    assert.equal(counts.get('toy_reads_total{cache_hit="true",status="success"}'), 1)
    assert.equal(counts.get('toy_reads_total{cache_hit="false",status="success"}'), 3)
    platform.clock.advance(60_000)
    assert.equal((await ask('GET /v1/letters?q=a', { token: 'ann' })).json.n, 4)
    assert.equal((await ask('GET /v1/letters?q=a')).json.code, 'authentication_required')
  })

  it('is kept apart for roles and for base paths, and never what a client left out by its ETag', async t => {
    const seen: (string | undefined)[] = []
    const operation = serviceScope<unknown>()('reader', {})({
      name: 'read_all',
      input: z.strictObject({}),
      output: z.strictObject({ all: z.boolean(), link: z.string() }),
      http: { method: 'GET', path: '/v1/all' },
      concerns: [requiresAuth(), cacheResult()],
      run: async (_input, { call }) => {
        seen.push(call.ifNoneMatch)
        return { all: call.principal?.roles.includes('auditor') === true, link: `${call.basePath ?? ''}/v1/all` }
      },
    })
    const { ask } = await toyOf(t, [defineService({ name: 'reader', description: 'Reads', operations: { operation } })])
    const headers = { 'if-none-match': '"x"' }
    assert.deepEqual((await ask('GET /v1/all', { token: 'ann.auditor', headers })).json, { all: true, link: '/v1/all' })
    assert.deepEqual((await ask('GET /v1/all', { token: 'ann' })).json, { all: false, link: '/v1/all' })
    assert.deepEqual((await ask('GET /stage/v1/all', { token: 'ann' })).json, { all: false, link: '/stage/v1/all' })
    assert.deepEqual(seen, [undefined, undefined, undefined])
  })

  it('for everyone: one run however many ask at once; a failure is not stored', async t => {
    const { service, runs } = reader([publicAccess(), cacheResult({ per: 'everyone' })], async (_input, n) => {
      if (n === 1) throw new MmfError('not_found')
      return { n }
    })
    const { ask } = await toyOf(t, [service])
    assert.equal((await ask('GET /v1/letters')).status, 404)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('GET /v1/letters')))
    assert.deepEqual(new Set(answers.map(({ json }) => json.n)), new Set([2]))
    assert.equal(runs(), 2)
  })

  it('is forgotten after an event, which the service subscribes to by the declaration alone', async t => {
    const { service } = reader([publicAccess(), cacheResult({ invalidateOn: [letterSent] })], answer)
    const { ask, deliver } = await toyOf(t, [service])
    assert.equal((await ask('GET /v1/letters')).json.n, 1)
    assert.equal((await ask('GET /v1/letters')).json.n, 1)
    const event = {
      id: 'e-1',
      source: '/plugins/toy/services/writer',
      time: '2026-01-01T00:00:00.000Z',
      correlationid: 'c',
      data: { q: 'x' },
    }
    await deliver({ ...event, type: 'toy.letter_lost.v1' })
    assert.equal((await ask('GET /v1/letters')).json.n, 1)
    await deliver({ ...event, type: 'toy.letter_sent.v1' })
    assert.equal((await ask('GET /v1/letters')).json.n, 2)
    assert.deepEqual(
      Object.values(service.operations).map(({ name, declares }) => [name, declares.event?.eventType]),
      [
        ['read_letter', undefined],
        ['read_letter_invalidation_1', 'letter_sent.v1'],
      ],
    )
  })

  it('keeps bytes and lists as they are, and takes what another version stored for nothing', async t => {
    let n = 0
    const operation = serviceScope<unknown>()('reader', {})({
      name: 'read_bytes',
      input: z.strictObject({ of: z.array(base64()) }),
      output: z.strictObject({ document: base64(), n: z.int() }),
      http: { method: 'POST', path: '/v1/bytes' },
      concerns: [publicAccess(), cacheResult()],
      run: async ({ of: [document = new Uint8Array()] }) => ({ document, n: ++n }),
    })
    const { ask, platform } = await toyOf(t, [
      defineService({ name: 'reader', description: 'Reads', operations: { operation } }),
    ])
    const body = { of: ['AQID', 'BA=='] }
    assert.deepEqual((await ask('POST /v1/bytes', { body })).json, { document: 'AQID', n: 1 })
    assert.deepEqual((await ask('POST /v1/bytes', { body })).json, { document: 'AQID', n: 1 })
    assert.deepEqual((await ask('POST /v1/bytes', { body: { of: ['AQID'] } })).json, { document: 'AQID', n: 2 })
    const { getOrLoad } = platform.cache
    platform.cache.getOrLoad = async () => ({ value: { wire: { of: 'an earlier version' } } as never, hit: true })
    assert.deepEqual((await ask('POST /v1/bytes', { body })).json, { document: 'AQID', n: 3 })
    platform.cache.getOrLoad = getOrLoad
  })
})

describe('rateLimit', () => {
  it('answers 429 with retry-after, apart for each principal', async t => {
    const { service, runs } = reader([requiresAuth(), rateLimit({ requestsPerSecond: 1, burstSize: 2 })], answer)
    const { ask, platform } = await toyOf(t, [service])
    const statuses = async (token: string, times: number) => {
      const found: (number | undefined)[] = []
      for (let n = 0; n < times; n += 1) found.push((await ask('GET /v1/letters', { token })).status)
      return found
    }
    assert.deepEqual(await statuses('ann', 3), [200, 200, 429])
    assert.deepEqual(await statuses('bob', 1), [200])
    const refused = await ask('GET /v1/letters', { token: 'ann' })
    assert.deepEqual([refused.json.code, refused.headers['retry-after']], ['quota_exceeded', '1'])
    assert.equal(runs(), 3)
    platform.clock.advance(1000)
    assert.deepEqual(await statuses('ann', 2), [200, 429])
  })
})

describe('retry, circuitBreaker, bulkhead, timeout, fallback', () => {
  it('retry: what passes is answered after all', async t => {
    const { service, runs } = reader([publicAccess(), retry()], (input, n) => (n < 3 ? down(input, n) : { n }))
    const { ask, counts } = await toyOf(t, [service])
    assert.deepEqual((await ask('GET /v1/letters')).json, { n: 3 })
    assert.equal(runs(), 3)
    assert.equal(counts.get('mmf_retries_total{name="toy.reader.read_letter",result="tried_again"}'), 2)
  })

  it('circuitBreaker: 503 circuit_open with retry-after, degraded health, and back after 60 s', async t => {
    let isDown = true
    const { service, runs } = reader([publicAccess(), circuitBreaker()], (input, n) =>
      isDown ? down(input, n) : { n },
    )
    const { ask, platform, plugin } = await toyOf(t, [service])
    for (let n = 0; n < 5; n += 1) assert.equal((await ask('GET /v1/letters')).json.code, 'service_unavailable')
    const refused = await ask('GET /v1/letters')
    assert.deepEqual([refused.status, refused.json.code, refused.headers['retry-after']], [503, 'circuit_open', '60'])
    assert.equal(runs(), 5)
    const { PluginManager } = await import('../../runtime/plugin-manager.ts')
    const { pluginOf } = await import('../../runtime/mmf-plugin.ts')
    const instance = pluginOf(plugin)
    const manager = new PluginManager(platform)
    await manager.loadPluginInstance(instance, 'toy')
    await manager.startPlugin('toy')
    assert.deepEqual((await instance.healthCheck()).services, {
      reader: { status: 'degraded', reason: 'left alone after failures: toy.reader.read_letter' },
    })
    isDown = false
    platform.clock.advance(60_000)
    for (let n = 0; n < 3; n += 1) assert.equal((await ask('GET /v1/letters')).status, 200)
    assert.deepEqual((await instance.healthCheck()).services, { reader: { status: 'healthy' } })
  })

  it('bulkhead: 503 overloaded for whom there is no place', async t => {
    const gate = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const { service } = reader([publicAccess(), bulkhead({ maxConcurrent: 1, maxWaiting: 0 })], async (_input, n) => {
      entered.resolve()
      await gate.promise
      return { n }
    })
    const { ask } = await toyOf(t, [service])
    const first = ask('GET /v1/letters')
    await entered.promise
    assert.equal((await ask('GET /v1/letters')).json.code, 'overloaded')
    gate.resolve()
    assert.equal((await first).status, 200)
  })

  it('timeout: 503 deadline_exceeded, and the signal of the call aborts', async t => {
    const heard = Promise.withResolvers<void>()
    const slow = serviceScope<unknown>()('reader', {})({
      name: 'slow',
      input: z.strictObject({}),
      output: z.undefined(),
      http: { method: 'GET', path: '/v1/slow' },
      concerns: [publicAccess(), timeout({ timeoutMs: 5 })],
      run: (_input, { call }) => new Promise(() => call.signal.addEventListener('abort', () => heard.resolve())),
    })
    const { ask } = await toyOf(t, [defineService({ name: 'reader', description: 'Reads', operations: { slow } })])
    const answered = await ask('GET /v1/slow')
    assert.deepEqual([answered.status, answered.json.code], [503, 'deadline_exceeded'])
    await heard.promise
  })

  it('fallback: stands in for what is unavailable, never for a refusal or a mistake in the code', async t => {
    let error: Error = new MmfError('database_unavailable')
    const { service } = reader([requiresAuth(), fallback({ to: () => ({ n: -1 }) })], () => Promise.reject(error))
    const { ask, counts, platform } = await toyOf(t, [service])
    assert.deepEqual((await ask('GET /v1/letters', { token: 'ann' })).json, { n: -1 })
    assert.equal(counts.get('mmf_fallbacks_total{name="toy.reader.read_letter"}'), 1)
    assert.equal(platform.observability.lines.filter(({ level }) => level === 'warn').length, 1)
    assert.equal((await ask('GET /v1/letters')).status, 401)
    error = new MmfError('access_denied')
    assert.equal((await ask('GET /v1/letters', { token: 'ann' })).status, 403)
    error = new TypeError('oh')
    assert.equal((await ask('GET /v1/letters', { token: 'ann' })).json.code, 'internal_error')
  })

  it('all together: the fallback answers while the circuit is open, and nothing is called', async t => {
    const { service, runs } = reader(
      [
        publicAccess(),
        fallback({ to: () => ({ n: -1 }) }),
        retry({ maxAttempts: 2 }),
        circuitBreaker(),
        bulkhead(),
        timeout(),
      ],
      down,
    )
    const { ask } = await toyOf(t, [service])
    for (let n = 0; n < 6; n += 1) assert.deepEqual((await ask('GET /v1/letters')).json, { n: -1 })
    assert.equal(runs(), 5)
  })
})

it('retry on what honours Idempotency-Key: only calls with a key are tried again', async t => {
  const { service, runs } = writer([requiresAuth(), idempotent(), retry()], n => {
    if (n < 3) throw new MmfError('database_unavailable')
  })
  const { ask } = await toyOf(t, [service])
  assert.equal((await ask('POST /v1/letters', { token: 'ann', body: { q: 'a' } })).json.code, 'database_unavailable')
  assert.equal(runs(), 1)
  const headers = { 'idempotency-key': 'k-1' }
  assert.equal((await ask('POST /v1/letters', { token: 'ann', body: { q: 'a' }, headers })).status, 200)
  assert.equal(runs(), 3)
})

describe('publishes', () => {
  const concern = publishes<{ q: string }, { n: number }>({
    onSuccess: {
      event: letterSent,
      data: ({ input }) => ({ q: (input as { q: string }).q }),
      subject: ({ output }) => `n-${output.n}`,
    },
    onError: { event: letterLost, data: ({ code }) => ({ code }) },
  })

  it('makes an event of the outcome; the grant comes with the concern', async t => {
    const { send, service } = writer([requiresAuth(), concern], n => {
      if (n === 2) throw new MmfError('conflict')
      if (n === 3) throw new TypeError('oh')
    })
    assert.deepEqual(
      send.scope.events?.map(({ event }) => event.name),
      ['letter_sent', 'letter_lost'],
    )
    const { ask, events } = await toyOf(t, [service])
    for (const status of [200, 409, 500]) {
      assert.equal((await ask('POST /v1/letters', { token: 'ann', body: { q: 'a' } })).status, status)
    }
    assert.deepEqual(
      (await events()).map(({ type, subject, data }) => [type, subject, data]),
      [
        ['toy.letter_sent.v1', 'n-1', { q: 'a' }],
        ['toy.letter_lost.v1', undefined, { code: 'conflict' }],
        ['toy.letter_lost.v1', undefined, { code: 'internal_error' }],
      ],
    )
    assert.equal((await ask('POST /v1/letters', { body: { q: 'a' } })).status, 401)
    assert.equal((await events()).length, 3)
  })
})

describe('auditEvent', () => {
  const audit = <I, O>(options: object = {}) =>
    auditEvent<I, O>({ eventType: 'letters_audited', action: 'send', resourceType: 'letter', ...options })

  it('leaves a record before and after, with who, what and how it ended', async t => {
    const concern = audit<{ q: string }, { n: number }>({
      includeInput: true,
      resourceId: ({ input }: { input: { q: string } }) => input.q,
    })
    const { service } = writer([requiresAuth(), concern], n => {
      if (n === 2) throw new MmfError('conflict')
    })
    const { ask, events } = await toyOf(t, [service])
    await ask('POST /v1/letters', { token: 'ann', body: { q: 'a' } })
    await ask('POST /v1/letters', { token: 'ann', body: { q: 'b' } })
    const records = await events()
    assert.deepEqual(
      records.map(({ data }) => [data.outcome, data.resourceId, data.code]),
      [
        ['started', 'a', undefined],
        ['success', 'a', undefined],
        ['started', 'b', undefined],
        ['failure', 'b', 'conflict'],
      ],
    )
    const { data, type, subject } = records[0]
    assert.deepEqual([type, subject], ['toy.letters_audited.v1', 'a'])
    assert.deepEqual(
      [data.action, data.resourceType, data.subject, data.operation, data.requestId, data.input],
      ['send', 'letter', 'ann', 'toy.writer.send_letter', 'q-1', { q: 'a' }],
    )
  })

  it('what cannot be recorded does not run; a success that cannot be recorded is not answered', async t => {
    const { service, runs } = writer([requiresAuth(), audit()])
    const { ask, platform } = await toyOf(t, [service])
    const write = platform.database.write.bind(platform.database)
    let allowed = 0
    platform.database.write = async (...given) => {
      allowed -= 1
      if (allowed < 0) throw new MmfError('database_unavailable')
      return write(...given)
    }
    assert.equal((await ask('POST /v1/letters', { token: 'ann', body: { q: 'a' } })).json.code, 'database_unavailable')
    assert.equal(runs(), 0)
    allowed = 1
    assert.equal((await ask('POST /v1/letters', { token: 'ann', body: { q: 'a' } })).json.code, 'database_unavailable')
    assert.equal(runs(), 1)
  })

  it('secrets of the input stay out, bytes are their length', async t => {
    const operation = serviceScope<unknown>()('reader', {})({
      name: 'log_in',
      input: z.strictObject({ password: z.string(), document: base64() }),
      output: z.strictObject({ token: z.string() }),
      http: { method: 'POST', path: '/v1/login' },
      concerns: [publicAccess(), audit({ includeInput: true, includeOutput: true, successOnly: true })],
      run: async () => ({ token: 'opensesame' }),
    })
    const { ask, events } = await toyOf(t, [
      defineService({ name: 'reader', description: 'Reads', operations: { operation } }),
    ])
    assert.equal((await ask('POST /v1/login', { body: { password: 'hunter2', document: 'AQID' } })).status, 200)
    const text = JSON.stringify(await events())
    assert.doesNotMatch(text, /hunter2|opensesame|AQID/)
    assert.match(text, /"outcome":"success"/)
    assert.equal((await events()).length, 1)
  })
})
