import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { transform } from 'esbuild'
import * as z from 'zod'
import { table } from '../../database/table.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { openapi } from '../../http/openapi/openapi.ts'
import * as framework from '../../index.ts'
import { testCall } from '../../testing/test-call.ts'
import { toyOf } from '../concerns/toy.fixture.ts'
import { serviceOf } from './service-of.ts'

const letters = table({
  name: 'class_letters',
  row: z.strictObject({ id: z.string(), text: z.string() }),
  partition: 'id',
})
const clerk = framework.defineRole({ name: 'clerk', description: 'Sends letters' })
const letterSent = framework.defineEvent({ name: 'letter_sent', version: 1, data: z.strictObject({ id: z.string() }) })

// Node strips types but does not lower decorators, so classes are written as their author would and lowered here.
async function classes(source: string): Promise<Record<string, never>> {
  const names = ['z', 'letters', 'clerk', 'letterSent', ...Object.keys(framework)]
  const { code } = await transform(`export function make(${names.join(', ')}) {${source}}`, { target: 'es2022' })
  const { make } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  return make(z, letters, clerk, letterSent, ...Object.values(framework))
}

const letterService = `
const Letter = z.strictObject({ id: z.string(), text: z.string() })
let made = 0
class Base {
  @serviceOperation({ input: z.strictObject({}), output: z.strictObject({ made: z.int() }), http: { method: 'GET', path: '/v1/made' } })
  @publicAccess()
  async countInstances() { return { made } }
}
@pluginService({ description: 'Keeps letters', scope: { tables: [writes(letters)] } })
class LetterBoxService extends Base {
  #prefix = 'Dear '
  constructor(context, config) {
    super()
    made += 1
    this.context = context
    this.config = config
  }
  async initialize() { this.greeting = 'Dear ' }
  @requiresAuth({ roles: [clerk] })
  @trackMetrics({ metricName: 'letters' })
  @traceOperation({ operationName: 'send_letter' })
  @publishes({ onSuccess: { event: letterSent, data: ({ output }) => ({ id: output.id }) } })
  @rateLimit({ requestsPerSecond: 1, burstSize: 2 })
  @serviceOperation({ description: 'Sends a letter', input: Letter, output: Letter, http: { method: 'POST', path: '/v1/letters', status: 201 } })
  async sendLetter({ id, text }, { call }) {
    const letter = { id, text: this.greeting + this.#prefix + text }
    await this.context.database.write(insert(letters, letter), { signal: call.signal })
    return letter
  }
  @serviceOperation({ name: 'find_letter', input: z.strictObject({ id: z.string() }), output: Letter, http: { method: 'GET', path: '/v1/letters/{id}' } })
  @requiresAuth()
  @cacheResult({ invalidateOn: [letterSent] })
  async read({ id }) {
    const found = await this.context.database.get(letters, { id })
    if (found === undefined) throw new MmfError('not_found')
    return found
  }
  helper() { return 'no operation' }
  async healthCheck() { return { status: 'degraded', reason: 'full' } }
}
return { LetterBoxService, Undeclared: class extends LetterBoxService {} }`

describe('serviceOf', () => {
  it('makes of a class what defineService makes of operations', async () => {
    const { LetterBoxService } = await classes(letterService)
    const service = serviceOf(LetterBoxService as never)
    assert.equal(service.name, 'letter_box')
    const operations = Object.values(service.operations as framework.Service['operations'])
    assert.deepEqual(
      operations.map(({ name, http, declares, scope }) => [
        name,
        http?.path,
        declares.auth?.access,
        scope.tables?.map(({ table: { name: n }, access }) => `${access} ${n}`),
        scope.events?.map(({ event }) => event.name),
        scope.rateLimits,
      ]),
      [
        ['send_letter', '/v1/letters', 'authenticated', ['write class_letters'], ['letter_sent'], true],
        ['find_letter', '/v1/letters/{id}', 'authenticated', ['write class_letters'], undefined, undefined],
        ['count_instances', '/v1/made', 'public', ['write class_letters'], undefined, undefined],
        ['find_letter_invalidation_1', undefined, undefined, undefined, undefined, undefined],
      ],
    )
    assert.deepEqual(operations[0]?.declares.metric, { metricName: 'letters', timing: true, counter: true })
  })

  it('is served over HTTP: one instance with context and configuration, concerns in their order, events, cache, limits', async t => {
    const { LetterBoxService } = await classes(letterService)
    const { ask, counts, events, plugin } = await toyOf(t, [serviceOf(LetterBoxService as never)], [clerk])
    assert.equal((await ask('POST /v1/letters', { body: {} })).json.code, 'authentication_required')
    assert.equal((await ask('POST /v1/letters', { body: {}, token: 'ann' })).json.code, 'role_missing')
    const sent = await ask('POST /v1/letters', { body: { id: 'a', text: 'Bob' }, token: 'ann.clerk' })
    assert.deepEqual([sent.status, sent.json], [201, { id: 'a', text: 'Dear Dear Bob' }])
    assert.equal(
      (await ask('POST /v1/letters', { body: { id: 'b' }, token: 'ann.clerk' })).json.code,
      'validation_failed',
    )
    assert.equal((await ask('POST /v1/letters', { body: { id: 'b', text: '' }, token: 'ann.clerk' })).status, 201)
    assert.equal(
      (await ask('POST /v1/letters', { body: { id: 'c', text: '' }, token: 'ann.clerk' })).json.code,
      'quota_exceeded',
    )
    assert.equal((await ask('GET /v1/letters/a', { token: 'bob' })).json.text, 'Dear Dear Bob')
    assert.equal((await ask('GET /v1/letters/c', { token: 'bob' })).status, 404)
    assert.deepEqual((await ask('GET /v1/made')).json, { made: 1 })
    assert.deepEqual(
      (await events()).map(({ data }) => data.id),
      ['a', 'b'],
    )
    assert.equal(counts.get('toy_letters_total{status="success"}'), 2)
    assert.equal(counts.get('toy_letters_total{status="error"}'), 1)
    const { paths } = openapi([plugin]) as {
      paths: Record<string, Record<string, { summary?: string; responses: object }>>
    }
    assert.equal(paths['/v1/letters']?.['post']?.summary, 'Sends a letter')
    assert.deepEqual(Object.keys(paths['/v1/letters']?.['post']?.responses ?? {}), ['201', '429', '503', 'default'])
  })

  it('answers getService by the names of its methods, and its own health check', async t => {
    const { LetterBoxService } = await classes(letterService)
    const { plugin, platform } = await toyOf(t, [serviceOf(LetterBoxService as never)], [clerk])
    const instance = framework.pluginOf(plugin)
    const manager = new framework.PluginManager(platform)
    await manager.loadPluginInstance(instance, 'toy')
    await manager.startPlugin('toy')
    const client = instance.getService('letter_box') as never as Record<
      string,
      (i: object, c: object) => Promise<object>
    >
    const call = testCall({ principal: { subject: 'ann', roles: ['clerk'] } })
    assert.deepEqual(await client['sendLetter']?.({ id: 'x', text: 'Eve' }, call), { id: 'x', text: 'Dear Dear Eve' })
    assert.deepEqual((await instance.healthCheck()).services['letter_box'], { status: 'degraded', reason: 'full' })
  })

  const head = `const io = { input: z.strictObject({}), output: z.strictObject({}) }\n`
  const refused: Readonly<Record<string, string>> = {
    'a class without pluginService': `class A { @publicAccess() @serviceOperation(io) async run() {} }; return { A }`,
    'a class below one with pluginService': `@pluginService({ description: 'B' }) class B { @publicAccess() @serviceOperation(io) async run() {} }
      class A extends B {}; return { A }`,
    'a service without operations': `@pluginService({ description: 'A' }) class A {}; return { A }`,
    'a service without a description': `@pluginService({}) class A { @publicAccess() @serviceOperation(io) async run() {} }; return { A }`,
    'a name that is none': `@pluginService({ name: 'A b', description: 'A' }) class A { @publicAccess() @serviceOperation(io) async run() {} }; return { A }`,
    'concerns without serviceOperation': `@pluginService({ description: 'A' }) class A { @publicAccess() async run() {} }; return { A }`,
    'serviceOperation twice': `@pluginService({ description: 'A' }) class A { @serviceOperation(io) @serviceOperation(io) async run() {} }; return { A }`,
    'an input that is no schema': `@pluginService({ description: 'A' }) class A { @serviceOperation({ ...io, input: {} }) async run() {} }; return { A }`,
    'a static method': `@pluginService({ description: 'A' }) class A { @publicAccess() @serviceOperation(io) static async run() {} }; return { A }`,
    'a private method': `@pluginService({ description: 'A' }) class A { @publicAccess() @serviceOperation(io) async #run() {} }; return { A }`,
    'a getter': `@pluginService({ description: 'A' }) class A { @publicAccess() get run() { return 1 } }; return { A }`,
    'the decorators before the standard': `class A { async run() {} }; publicAccess()(A.prototype, 'run', Object.getOwnPropertyDescriptor(A.prototype, 'run')); return { A }`,
    'cacheResult on a method that writes': `@pluginService({ description: 'A', scope: { tables: [writes(letters)] } }) class A {
      @publicAccess() @cacheResult() @serviceOperation(io) async run() {} }; return { A }`,
    'cacheResult above requiresAuth': `@pluginService({ description: 'A' }) class A { @cacheResult() @requiresAuth() @serviceOperation(io) async run() {} }; return { A }`,
  }
  for (const [what, source] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        async () => serviceOf((await classes(head + source))['A'] as never),
        error => isMmfError(error, 'concern_invalid'),
      )
    })
  }

  it('refuses another name than the one that is declared', async () => {
    const { LetterBoxService } = await classes(letterService)
    assert.equal(serviceOf(LetterBoxService as never, 'letter_box').name, 'letter_box')
    assert.throws(
      () => serviceOf(LetterBoxService as never, 'letters'),
      error => isMmfError(error, 'concern_invalid'),
    )
  })

  it('a method that says nothing about access is refused by definePlugin, as an operation is', async t => {
    const { A } = await classes(
      `${head}@pluginService({ description: 'A' }) class A { @serviceOperation(io) async run() {} }; return { A }`,
    )
    await assert.rejects(toyOf(t, [serviceOf(A as never)]), error => isMmfError(error, 'operation_unprotected'))
  })
})
