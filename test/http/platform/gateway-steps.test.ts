import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  definePlugin,
  defineRole,
  defineService,
  type GatewayRequest,
  type GatewayStep,
  MmfError,
  pluginConfig,
  publicAccess,
  requiresAuth,
  serviceScope,
} from '@mmf/framework'
import * as z from 'zod'
import { startToy } from '../support/start-toy.ts'

const clerk = defineRole({ name: 'clerk', description: 'x' })
/** What happened, in order. */
const seen: string[] = []
const requests: GatewayRequest[] = []

const operation = serviceScope()('desk', {})
const work = (name: string, isPublic: boolean) =>
  operation({
    name,
    input: z.strictObject({}),
    output: z.strictObject({}),
    http: { method: 'GET', path: `/v1/${name}` },
    concerns: [isPublic ? publicAccess() : requiresAuth({ roles: [clerk] })],
    run: async () => {
      seen.push(`run ${name}`)
      return {}
    },
  })
const guarded = work('guarded', false)
const open = work('open', true)

const watch = (name: string, more: Pick<GatewayStep, 'stage' | 'priority'>): GatewayStep => ({
  name,
  ...more,
  before(request) {
    requests.push(request)
    seen.push(`before ${name} ${request.principal?.subject ?? '-'}`)
  },
  after(request, { status }) {
    seen.push(`after ${name} ${request.principal?.subject ?? '-'} ${status}`)
    return { headers: { [`X-${name}`]: 'passed', 'cache-control': 'public', 'x-correlation-id': 'mine' } }
  },
  onError(request, { status, code }) {
    seen.push(`error ${name} ${request.principal?.subject ?? '-'} ${status} ${code}`)
    return { headers: { 'x-refused-by': name } }
  },
})

/** Does what the header of the request says, against its types. */
const unruly: GatewayStep = {
  name: 'unruly',
  stage: 'before_authentication',
  before(request): never {
    const { headers } = request
    const acts: Record<string, () => unknown> = {
      throws: () => {
        throw new Error('the database of the step is at 10.0.0.7')
      },
      refuses: () => {
        throw new MmfError('quota_exceeded', { detail: 'too often' })
      },
      unavailable: () => {
        throw new MmfError('database_unavailable')
      },
      answers: () => ({ statusCode: 200, body: 'let in' }),
      changes: () => Object.assign(request, { principal: { subject: 'root', roles: ['clerk'] } }) && undefined,
      forges: () => {
        ;(headers as Record<string, string>)['authorization'] = 'Bearer forged'
      },
    }
    return acts[headers['x-act'] ?? '']?.() as never
  },
  onError({ headers }) {
    if (headers['x-then'] === 'throws') throw new Error('again')
    if (headers['x-then'] === 'answers') return { statusCode: 200, headers: {} } as never
    return undefined
  },
  after({ headers }) {
    if (headers['x-after'] === 'throws') throw new Error('too late')
    if (headers['x-after'] === 'cookie') return { headers: { 'set-cookie': 'a=b' } }
    return undefined
  },
}

const toy = definePlugin({
  name: 'gated',
  title: 'Gated',
  version: '1.0.0',
  description: 'Has gateway steps',
  metricPrefix: 'gated',
  config: pluginConfig({ word: z.string().default('hello') }),
  roles: [clerk],
  services: [defineService({ name: 'desk', description: 'x', operations: { guarded, open } })],
  gateway: [
    watch('late', { stage: 'after_authentication' }),
    watch('second', { stage: 'before_authentication' }),
    unruly,
    watch('first', { stage: 'before_authentication', priority: 1 }),
  ],
})

describe('gateway steps of a plugin', () => {
  let running: Awaited<ReturnType<typeof startToy>>
  before(async () => {
    running = await startToy(toy)
  })
  after(() => running.stop())

  const ask = async (path: string, { as, ...headers }: Readonly<Record<string, string>> = {}) => {
    seen.length = 0
    requests.length = 0
    const roles = ['clerk']
    const {
      status,
      json,
      headers: answered,
    } = await running.ask(`GET ${path}`, {
      headers,
      ...(as === undefined ? {} : { subject: as, roles }),
    })
    return { status, code: json?.code as string | undefined, json, answered, seen: [...seen] }
  }
  const errors = async (label: string) => {
    const { text } = await running.ask('GET /metrics')
    return Number(new RegExp(`^mmf_gateway_step_errors_total\\{${label}\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  }

  it('run by stage and priority, and back in reverse; who asks is known after authentication only', async () => {
    const { status, seen: order, answered } = await ask('/v1/guarded', { as: 'ann', 'x-plain': '1' })
    assert.equal(status, 200)
    assert.deepEqual(order, [
      'before first -',
      'before second -',
      'before late ann',
      'run guarded',
      'after late ann 200',
      'after second - 200',
      'after first - 200',
    ])
    assert.deepEqual(
      ['x-first', 'x-second', 'x-late'].map(name => answered.get(name)),
      Array(3).fill('passed'),
    )
    assert.equal(answered.get('cache-control'), 'no-store')
    assert.notEqual(answered.get('x-correlation-id'), 'mine')
    for (const { headers, config, route } of requests) {
      assert.deepEqual([headers['authorization'], headers['x-plain'], route], [undefined, '1', '/v1/guarded'])
      assert.equal((config as { word: string }).word, 'hello')
    }
    assert.ok(requests.every(request => Object.isFrozen(request) && Object.isFrozen(request.headers)))
    assert.ok(Object.isFrozen(requests[2]?.principal?.roles))
  })

  it('of before authentication see a refusal, and do not change it; those behind it do not run', async () => {
    const { status, code, seen: order, answered } = await ask('/v1/guarded')
    assert.deepEqual([status, code], [401, 'authentication_required'])
    assert.deepEqual(order, [
      'before first -',
      'before second -',
      'error second - 401 authentication_required',
      'error first - 401 authentication_required',
    ])
    assert.equal(answered.get('x-refused-by'), 'second')
    assert.equal((await ask('/v1/guarded', { 'x-then': 'answers' })).status, 401)
    assert.equal((await ask('/v1/guarded', { 'x-then': 'throws' })).code, 'authentication_required')
    assert.equal(await errors('hook="onError",plugin="gated",step="unruly"'), 2)
  })

  it('that throw fail their request with a code that names them, and no other request', async () => {
    for (const act of ['throws', 'unavailable', 'answers', 'changes', 'forges']) {
      const counted = await errors('hook="before",plugin="gated",step="unruly"')
      const { status, code, json, seen: order } = await ask('/v1/open', { 'x-act': act })
      assert.deepEqual(
        [act, status, code, json.plugin, json.step],
        [act, 500, 'gateway_step_failed', 'gated', 'unruly'],
      )
      assert.ok(!JSON.stringify(json).includes('10.0.0.7'))
      assert.deepEqual(
        order.filter(line => line.startsWith('run')),
        [],
      )
      assert.equal(await errors('hook="before",plugin="gated",step="unruly"'), counted + 1)
      assert.equal((await ask('/v1/open')).status, 200)
    }
    const told = running.lines.filter(({ message }) => message === 'a gateway step failed')
    assert.ok(told.every(line => line['gatewayStep'] === 'unruly' && line['plugin'] === 'gated'))
    const { text } = await running.ask('GET /metrics')
    assert.match(text, /^mmf_errors_total\{code="gateway_step_failed",operation="desk\.open"\} 5$/m)
    assert.equal((await running.ask('GET /health')).status, 200)
  })

  it('may refuse with an error of the catalogue', async () => {
    const { status, code, seen: order } = await ask('/v1/open', { 'x-act': 'refuses' })
    assert.deepEqual([status, code], [429, 'quota_exceeded'])
    assert.deepEqual(order, [
      'before first -',
      'before second -',
      'error second - 429 quota_exceeded',
      'error first - 429 quota_exceeded',
    ])
  })

  it('that throw afterwards, or add what they may not, fail the request, and nothing of it is taken back', async () => {
    for (const then of ['throws', 'cookie']) {
      const { code, seen: order, answered } = await ask('/v1/open', { 'x-after': then })
      assert.deepEqual([code, answered.get('set-cookie')], ['gateway_step_failed', null])
      assert.ok(order.includes('run open'))
    }
  })

  it('run for no route of the platform', async () => {
    assert.deepEqual((await ask('/health')).seen, [])
    assert.deepEqual((await ask('/v1/nowhere')).seen, [])
  })
})
