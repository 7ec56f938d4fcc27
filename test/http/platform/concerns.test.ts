import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as framework from '@mmf/framework'
import { transform } from 'esbuild'
import * as z from 'zod'
import { startToy } from '../support/start-toy.ts'

// A class with decorators, written as its author would and lowered as a bundler does, on the running product.

const source = `
const Letter = z.strictObject({ id: z.string(), text: z.string() })
const letters = table({ name: 'toy_letters', row: Letter, partition: 'id' })
const letterSent = defineEvent({ name: 'letter_sent', version: 1, data: z.strictObject({ id: z.string() }) })
const clerk = defineRole({ name: 'clerk', description: 'Sends letters' })
const none = z.strictObject({})
const count = z.strictObject({ n: z.int() })

@pluginService({ description: 'Letters', scope: { tables: [writes(letters)] } })
class LetterService {
  runs = 0
  constructor(context, config) { Object.assign(this, { context, config }) }

  @serviceOperation({ input: Letter, output: Letter, http: { method: 'POST', path: '/v1/letters', status: 201 } })
  @requiresAuth({ roles: [clerk] })
  @rateLimit({ requestsPerSecond: 0.001, burstSize: 3 })
  @auditEvent({ eventType: 'letters_audited', action: 'send', resourceType: 'letter' })
  @publishes({ onSuccess: { event: letterSent, data: ({ output }) => ({ id: output.id }) } })
  async sendLetter(letter) {
    await this.context.database.write(insert(letters, letter))
    return letter
  }

  @serviceOperation({ input: none, output: count, http: { method: 'GET', path: '/v1/letters/count' } })
  @publicAccess()
  @cacheResult({ per: 'everyone', invalidateOn: [letterSent] })
  async countLetters() { return { n: ++this.runs } }

  @serviceOperation({ input: z.strictObject({ at: z.string() }), output: count, http: { method: 'GET', path: '/v1/tried/{at}' } })
  @publicAccess()
  @retry({ baseDelayMs: 1 })
  async triedAgain({ at }) {
    this.tried ??= {}
    this.tried[at] = (this.tried[at] ?? 0) + 1
    if (this.tried[at] < 3) throw new MmfError('service_unavailable')
    return { n: this.tried[at] }
  }

  @serviceOperation({ input: z.strictObject({ well: z.optional(z.string()) }), output: count, http: { method: 'GET', path: '/v1/broken' } })
  @publicAccess()
  @fallback({ to: () => ({ n: -1 }), when: error => error.code === 'overloaded' })
  @circuitBreaker({ failureThreshold: 2, openSeconds: 1, successThreshold: 1 })
  async brokenThing({ well }) {
    this.broken = (this.broken ?? 0) + 1
    if (well === undefined) throw new MmfError('service_unavailable')
    return { n: this.broken }
  }

  @serviceOperation({ input: none, output: count, http: { method: 'GET', path: '/v1/slow' } })
  @publicAccess()
  @bulkhead({ maxConcurrent: 1, maxWaiting: 0 })
  @timeout({ timeoutMs: 50 })
  async slowThing() { return new Promise(() => {}) }
}
return definePlugin({
  name: 'toy', title: 'Toy', version: '1.0.0', description: 'Letters', metricPrefix: 'toy', config: pluginConfig({}),
  roles: [clerk], services: [serviceOf(LetterService)],
})`

let toy: Awaited<ReturnType<typeof startToy>>
before(async () => {
  const names = ['z', ...Object.keys(framework)]
  const { code } = await transform(`export function make(${names.join(', ')}) {${source}}`, { target: 'es2022' })
  const { make } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  toy = await startToy(make(z, ...Object.values(framework)))
})
after(() => toy.stop())

const clerk = { subject: 'ann', roles: ['clerk'] }

test('roles, a limit for each principal, and 429 with retry-after', async () => {
  const letter = (id: string) => ({ id, text: 'Dear Bob' })
  const send = (id: string, who: object) => toy.ask('POST /v1/letters', { body: letter(id), ...who })
  assert.equal((await send('a', {})).json.code, 'authentication_required')
  assert.equal((await send('a', { subject: 'eve' })).json.code, 'role_missing')
  const statuses = []
  for (const id of ['a', 'b', 'c']) statuses.push((await send(id, clerk)).status)
  assert.deepEqual(statuses, [201, 201, 201])
  const refused = await send('d', clerk)
  assert.deepEqual([refused.status, refused.json.code], [429, 'quota_exceeded'])
  assert.ok(Number(refused.headers.get('retry-after')) > 900)
  assert.equal((await send('d', { subject: 'bob', roles: ['clerk'] })).status, 201)
})

test('a stored answer is given until the event is delivered that ends it', async () => {
  await toy.local.relay.runDue()
  const { n } = (await toy.ask('GET /v1/letters/count')).json
  assert.equal((await toy.ask('GET /v1/letters/count')).json.n, n)
  const body = { id: 'e', text: '' }
  assert.equal((await toy.ask('POST /v1/letters', { body, subject: 'zoe', roles: ['clerk'] })).status, 201)
  await toy.local.relay.runDue()
  assert.equal((await toy.ask('GET /v1/letters/count')).json.n, n + 1)
})

test('what passes is tried again; what keeps failing is left alone, shown in health and metrics, and comes back', async () => {
  assert.deepEqual((await toy.ask('GET /v1/tried/once')).json, { n: 3 })
  const codes = []
  for (let n = 0; n < 4; n += 1) codes.push((await toy.ask('GET /v1/broken')).json.code)
  assert.deepEqual(codes, ['service_unavailable', 'service_unavailable', 'circuit_open', 'circuit_open'])
  const health = await toy.ask('GET /plugins/toy/health')
  assert.deepEqual(health.json.services, {
    letter: { status: 'degraded', reason: 'left alone after failures: toy.letter.broken_thing' },
  })
  const { text } = await toy.ask('GET /metrics')
  assert.match(text, /^mmf_circuit_transitions_total\{circuit="toy.letter.broken_thing",to="open"\} 1$/m)
  assert.match(text, /^mmf_retries_total\{name="toy.letter.tried_again",result="tried_again"\} 2$/m)
  let answer = await toy.ask('GET /v1/broken?well=yes')
  while (answer.json.code === 'circuit_open') answer = await toy.ask('GET /v1/broken?well=yes')
  assert.deepEqual(answer.json, { n: 3 })
  assert.deepEqual((await toy.ask('GET /plugins/toy/health')).json.services, { letter: { status: 'healthy' } })
})

test('one at a time, and not for ever', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => toy.ask('GET /v1/slow')))
  assert.deepEqual(answers.map(({ json }) => json.code).toSorted(), ['deadline_exceeded', 'overloaded', 'overloaded'])
})

test('OpenAPI is derived from the class', async () => {
  const { json } = await toy.ask('GET /openapi.json')
  assert.deepEqual(Object.keys(json.paths['/v1/letters'].post.responses), ['201', '429', '503', 'default'])
  assert.deepEqual(Object.keys(json.paths['/v1/slow'].get.responses), ['200', '503', 'default'])
  assert.equal(json.paths['/v1/letters'].post.operationId, 'letter.send_letter')
})
