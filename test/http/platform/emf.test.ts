import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import type { HttpEvent } from '@mmf/framework/http'
import { createFunctionHandler } from '@mmf/framework/http'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { createEmfMetrics } from '../../../layer/framework/src/observability/emf-metrics.ts'
import { emfMistakes } from '../../support/emf.ts'
import { plugins } from '../../support/plugins.ts'
import { signingWith, startPlatform } from '../support/start-platform.ts'

const clock = { now: () => new Date(1_700_000_000_000) }

/** A writer that keeps its lines. */
function writer() {
  const lines: string[] = []
  const metrics = createEmfMetrics({ namespace: 'Marty/testing', clock, sink: line => void lines.push(line) })
  return { lines, metrics }
}

test('CloudWatch takes what the functions write: requests, refusals, schedules, life cycle', async t => {
  const { lines, metrics } = writer()
  const marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  t.after(() => marty.stop())
  const { http } = marty.platform
  const platform = { ...http, observability: { ...http.observability, metrics, flush: () => metrics.flush() } }
  const [plugin] = plugins
  assert.ok(plugin !== undefined)
  const services = plugin.services.map(({ name }) => name)
  const handler = createFunctionHandler({ plugin, services }, async () => platform)
  const context = lambdaContext('r', 10_000)
  const sign = (body: object, token = marty.token()) => {
    const event = {
      version: '2.0',
      rawPath: '/v1/documents/sign',
      rawQueryString: '',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      requestContext: { requestId: 'r', http: { method: 'POST', path: '/v1/documents/sign', sourceIp: '127.0.0.1' } },
    }
    return handler(event as unknown as HttpEvent, context)
  }
  assert.equal((await sign({ document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' })).statusCode, 201)
  assert.equal((await sign({ document: 'AAAA', signingAlgorithm: 'x'.repeat(100) })).statusCode, 422)
  assert.equal((await sign({}, 'none')).statusCode, 401)
  await handler({ mmf: 'schedule', operation: 'pkd.watch_crls' }, context)
  await handler.stop()

  const names = new Set(
    lines.flatMap(line => JSON.parse(line)._aws.CloudWatchMetrics[0].Metrics).map(({ Name }) => Name),
  )
  for (const name of [
    'marty_pki_document_sign_requests_total',
    'marty_pki_document_sign_requests_duration_seconds',
    'mmf_errors_total',
    'mmf_schedule_failures_total',
    'marty_pki_stale_crls',
    'mmf_plugin_transitions_total',
  ])
    assert.ok(names.has(name), name)
  for (const line of lines) assert.deepEqual(emfMistakes(line), [], line)
})

test('and what the largest requests could write, line by line', () => {
  const { lines, metrics } = writer()
  const labels = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`label_${n}`, 'é'.repeat(5000)]))
  for (let round = 0; round < 99; round += 1)
    for (let n = 0; n < 250; n += 1) metrics.duration(`marty_pki_family_${n}_duration_seconds`, labels, 1 / 3 + round)
  for (let n = 0; n < 250; n += 1) metrics.duration('marty_pki_one_duration_seconds', {}, n)
  for (let n = 0; n < 1500; n += 1) metrics.count('marty_pki_paths_total', { path: n === 0 ? '' : `/${n}` })
  metrics.gauge('marty_pki_age_seconds', {}, -1)
  metrics.flush()
  const sizes = lines.map(line => JSON.parse(line)._aws.CloudWatchMetrics[0].Metrics.length)
  assert.equal(Math.max(...sizes), 100)
  for (const line of lines) assert.deepEqual(emfMistakes(line), [])
})

test('and what 200 requests at once write from a process of the Lambda kind', () => {
  const fixture = 'layer/framework/src/observability/overlapping.fixture.ts'
  const output = execFileSync(process.execPath, [fixture, 'lambda'], { encoding: 'utf8' })
  const lines = output.split('\n').filter(line => line.startsWith('{"_aws"'))
  for (const line of lines) assert.deepEqual(emfMistakes(line), [], line)
  const steps = lines.map(line => JSON.parse(line)).map(({ step, steps_total: count }) => ({ step, count }))
  // Three labels, each counted by 200 requests, whoever flushed.
  for (const step of ['start', 'middle', 'end'])
    assert.equal(
      steps.filter(one => one.step === step).reduce((sum, { count }) => sum + count, 0),
      200,
    )
})

test('a line that CloudWatch would not take is refused', () => {
  const metric = { Name: 'a', Unit: 'Count' }
  const good = {
    _aws: { Timestamp: 1, CloudWatchMetrics: [{ Namespace: 'n', Dimensions: [['d']], Metrics: [metric] }] },
    d: 'x',
    a: 1,
  }
  const many = (count: number) => Array.from({ length: count }, (_, n) => `m${n}`)
  const members = (names: readonly string[], value: unknown) => Object.fromEntries(names.map(name => [name, value]))
  const saying = (change: object, more: object = {}) => ({
    ...good,
    ...more,
    _aws: { ...good._aws, CloudWatchMetrics: [{ ...good._aws.CloudWatchMetrics[0], ...change }] },
  })
  const metrics = (count: number) => saying({ Metrics: many(count).map(Name => ({ Name })) }, members(many(count), 1))
  const dimensions = (count: number) => saying({ Dimensions: [many(count)] }, members(many(count), 'x'))
  for (const fine of [
    good,
    metrics(100),
    dimensions(30),
    saying({ Dimensions: [[]] }),
    { ...good, a: Array(100).fill(1) },
  ])
    assert.deepEqual(emfMistakes(JSON.stringify(fine)), [])
  for (const [what, bad, mistake] of [
    ['no metadata', { a: 1 }, /_aws/],
    ['a time as text', { ...good, _aws: { ...good._aws, Timestamp: '1' } }, /Timestamp must be integer/],
    ['a time in parts of milliseconds', { ...good, _aws: { ...good._aws, Timestamp: 1.5 } }, /Timestamp/],
    ['no directive', { ...good, _aws: { Timestamp: 1, CloudWatchMetrics: [] } }, /fewer than 1/],
    ['no namespace', saying({ Namespace: '' }), /Namespace/],
    ['dimensions that are no list of lists', saying({ Dimensions: ['d'] }), /Dimensions\/0 must be array/],
    ['31 dimensions', dimensions(31), /more than 30/],
    ['101 metrics', metrics(101), /more than 100/],
    ['101 values', { ...good, a: Array(101).fill(1) }, /metric a/],
    ['no value', { ...good, a: undefined }, /metric a/],
    ['no values', { ...good, a: [] }, /metric a/],
    ['a value as text', { ...good, a: '1' }, /metric a/],
    ['a value that JSON turns into null', { ...good, a: Number.NaN }, /metric a/],
    ['a nested value', { ...good, a: { a: 1 } }, /metric a/],
    ['a value that only the prototype has', saying({ Metrics: [{ Name: 'constructor' }] }), /metric constructor/],
    ['a dimension that is not there', { ...good, d: undefined }, /dimension d/],
    ['an empty dimension', { ...good, d: '' }, /dimension d/],
    ['a dimension as a number', { ...good, d: 1 }, /dimension d/],
    ['a dimension of 1025 characters', { ...good, d: 'x'.repeat(1025) }, /dimension d/],
    ['a unit that CloudWatch does not know', saying({ Metrics: [{ Name: 'a', Unit: 'seconds' }] }), /Unit/],
    ['a resolution that there is not', saying({ Metrics: [{ Name: 'a', StorageResolution: 30 }] }), /Resolution/],
    ['a line over 256 KB', { ...good, note: 'x'.repeat(256 * 1024) }, /bytes/],
  ] as const)
    assert.match(emfMistakes(JSON.stringify(bad)).join('; '), mistake, what)
})
