import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { definePlugin, defineService, MMFPlugin, pluginConfig, publicAccess, serviceScope } from '@mmf/framework'
import { createFunctionHandler, type HttpEvent, type HttpResult } from '@mmf/framework/http'
import * as z from 'zod'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { plugins } from '../../support/plugins.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

let marty: TestPlatform
/** Makes of the local gateway's event the one that a deployed stage would send. */
let deployed = (event: HttpEvent): HttpEvent => event
before(async () => {
  marty = await startPlatform({
    env: { ...signingWith('ECDSA-SHA256'), MMF__server__base_path: '/pki' },
    event: event => deployed(event),
  })
})
after(() => marty.stop())

const jwks = '/v1/keys/jwks'

describe('HEAD', () => {
  it('answers as GET does, without the body', async () => {
    const token = marty.token()
    const paths = [
      '/health',
      '/openapi.json',
      jwks,
      '/v1/signatures',
      '/v1/keys/none/versions/1',
      '/v1/signatures/none',
      '/none',
    ]
    for (const path of paths) {
      const [get, head] = [await marty.request('GET', path, { token }), await marty.request('HEAD', path, { token })]
      assert.deepEqual([head.status, head.text], [get.status, ''], path)
      const shown = ({ headers }: typeof get) =>
        Object.fromEntries(
          [...headers].filter(([name]) => !['date', 'x-correlation-id', 'connection', 'keep-alive'].includes(name)),
        )
      assert.deepEqual(shown(head), shown(get), path)
      assert.ok(Number(head.headers.get('content-length')) > 0)
    }
    assert.equal((await marty.request('HEAD', '/v1/signatures')).status, 401)
  })

  it('is among what is allowed where GET is, and nowhere else', async () => {
    const allowed = async (method: string, path: string) => {
      const { status, headers } = await marty.request(method, path)
      return [status, headers.get('allow')]
    }
    assert.deepEqual(await allowed('DELETE', jwks), [405, 'GET, HEAD'])
    assert.deepEqual(await allowed('HEAD', '/v1/documents/sign'), [405, 'POST'])
    assert.deepEqual(await allowed('PUT', '/v1/trust-anchors'), [405, 'GET, HEAD, POST'])
  })
})

describe('Accept', () => {
  it('of a key set may name its own media type', async () => {
    for (const [accept, type] of [
      ['application/jwk-set+json', 'application/jwk-set+json'],
      ['application/jwk-set+json, application/json;q=0.9, */*;q=0.1', 'application/jwk-set+json'],
      ['*/*', 'application/json'],
      ['application/json;q=0, */*', 'application/jwk-set+json'],
    ] as const) {
      const { status, headers, text } = await marty.request('GET', jwks, { headers: { accept } })
      assert.deepEqual([status, headers.get('content-type'), headers.get('vary')], [200, type, 'accept'], accept)
      assert.equal(JSON.parse(text).keys.length, 1)
    }
    const none = await marty.request('GET', jwks, { headers: { accept: '*/*;q=0' } })
    assert.deepEqual([none.status, none.json.code], [406, 'not_acceptable'])
  })
})

describe('what stands before the route', () => {
  const token = () => marty.token({ subject: 'a', roles: ['pkd_administrator'] })

  it('is the configured base path, which addresses in answers have too', async () => {
    for (const path of ['/health', jwks, '/v1/pkd/exports?format=pem']) {
      const [plain, below] = [
        await marty.request('GET', path, { token: token() }),
        await marty.request('GET', `/pki${path}`, { token: token() }),
      ]
      assert.deepEqual([below.status, below.text], [200, plain.text], path)
    }
    assert.equal((await marty.request('GET', '/pki/openapi.json')).json.servers[0].url, '/pki/')
    assert.equal((await marty.request('GET', '/openapi.json')).json.servers[0].url, '/')
    const missing = await marty.request('GET', '/pki/pki/health')
    assert.deepEqual([missing.status, missing.json.code], [404, 'route_not_found'])
  })

  it('is the stage, or whatever stands before the route that API Gateway matched', async () => {
    try {
      deployed = event => ({
        ...event,
        routeKey: 'GET /v1/keys/jwks',
        rawPath: `/prod${event.rawPath}`,
        requestContext: { ...event.requestContext, stage: 'prod' },
      })
      assert.equal((await marty.request('GET', jwks)).status, 200)
      const other = await marty.request('GET', '/v1/keys/none/versions/1')
      assert.deepEqual([other.status, other.json.code], [404, 'route_not_found'])
      deployed = event => ({
        ...event,
        rawPath: `/prod${event.rawPath}`,
        requestContext: { ...event.requestContext, stage: 'prod' },
      })
      assert.equal((await marty.request('GET', '/health')).status, 200)
      assert.equal((await marty.request('GET', '/openapi.json')).json.servers[0].url, '/prod/')
      const signed = await marty.request('POST', '/v1/documents/sign', {
        token: marty.token(),
        body: { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' },
        headers: { 'idempotency-key': 'staged' },
      })
      assert.equal(signed.status, 201, signed.text)
      deployed = event => event
      const again = await marty.request('POST', '/v1/documents/sign', {
        token: marty.token(),
        body: { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' },
        headers: { 'idempotency-key': 'staged' },
      })
      assert.equal(again.text, signed.text, 'the same request, however it was reached')
    } finally {
      deployed = event => event
    }
  })
})

describe('a function', () => {
  it('answers a load balancer and payload 1.0 in HTTP, and throws what a queue would take for done', async () => {
    const handler = createFunctionHandler({ platformOf: plugins }, async () => marty.platform.http)
    const give = handler as unknown as (event: unknown, context: object) => Promise<HttpResult>
    const ask = (event: unknown) => give(event, lambdaContext('r', 3000))
    for (const event of [
      { httpMethod: 'GET', path: '/health', requestContext: { elb: {} }, headers: {} },
      { version: '1.0', httpMethod: 'GET', path: '/health', requestContext: {}, headers: {} },
      {
        version: '2.0',
        rawPath: '/health',
        rawQueryString: '',
        requestContext: { requestId: 'r', http: { method: 'GET' } },
      },
    ]) {
      const { statusCode, headers, body = '' } = await ask(event)
      assert.deepEqual([statusCode, headers?.['content-type']], [501, 'application/problem+json'])
      const problem = JSON.parse(body)
      assert.equal(problem.code, 'event_unsupported')
      assert.match(problem.detail, /payload format 2\.0/)
    }
    for (const event of [{}, null, { source: 'warm-up' }, { Records: [{ eventSource: 'aws:sqs', body: '{}' }] }]) {
      await assert.rejects(ask(event), { code: 'event_unsupported' })
    }
    const logged = marty.lines.filter(line => line['message'] === 'an event of another shape was refused')
    assert.equal(logged.length, 7)
  })

  it('that is built anew lets what it serves finish first, and keeps no new request waiting for that', async () => {
    const happened: string[] = []
    const gate = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const slow = serviceScope<unknown>()('slow', {})({
      name: 'slow',
      input: z.strictObject({ wait: z.string() }),
      output: z.strictObject({ done: z.string() }),
      http: { method: 'GET', path: '/v1/slow/{wait}' },
      concerns: [publicAccess()],
      async run({ wait }) {
        if (wait === 'yes') {
          entered.resolve()
          await gate.promise
        }
        happened.push(`served ${wait}`)
        return { done: wait }
      },
    })
    const plugin = definePlugin({
      name: 'slow',
      title: 'Slow',
      version: '1.0.0',
      description: 'Answers when it is let',
      metricPrefix: 'slow',
      config: pluginConfig({}),
      services: [defineService({ name: 'slow', description: 'Slow', operations: { slow } })],
    })
    const stopped = Promise.withResolvers<void>()
    class Slow extends MMFPlugin {
      readonly definition = plugin
      protected override async onStop() {
        happened.push('stopped')
        stopped.resolve()
      }
    }
    let outdated = false
    const http = { ...marty.platform.http, pluginConfig: async () => ({}), outdated: async () => outdated }
    const handler = createFunctionHandler({ plugin, services: ['slow'], instance: Slow }, async () => http)
    const ask = async (wait: string) => {
      const requestContext = {
        requestId: 'r',
        http: { method: 'GET', path: `/v1/slow/${wait}`, sourceIp: '127.0.0.1' },
      }
      const event = { version: '2.0', rawPath: `/v1/slow/${wait}`, rawQueryString: '', headers: {}, requestContext }
      const { statusCode } = await handler(event as unknown as HttpEvent, lambdaContext('r', 3000))
      return statusCode
    }
    const first = ask('yes')
    await entered.promise
    outdated = true
    const second = ask('no')
    assert.equal(await second, 200)
    assert.deepEqual(happened, ['served no'], 'the one before is at work still')
    outdated = false
    gate.resolve()
    assert.equal(await first, 200)
    await stopped.promise
    assert.deepEqual(happened, ['served no', 'served yes', 'stopped'])
  })

  it('of the platform asks those of the services how they are, each once, and checks nothing itself', async () => {
    const checked: string[] = []
    const asked: string[] = []
    const { http } = marty.platform
    const check = (port: string) => async () => {
      checked.push(port)
      return { status: 'healthy' } as const
    }
    const platform = {
      ...http,
      checks: { database: check('database'), keys: check('keys') },
      async askHealth(plugin: string, service: string) {
        asked.push(service)
        return { plugin, status: 'healthy', services: { [service]: { status: 'healthy' } } } as const
      },
    }
    const handler = createFunctionHandler({ platformOf: plugins }, async () => platform)
    const ask = async (path: string) => {
      const requestContext = { requestId: 'r', http: { method: 'GET', path, sourceIp: '127.0.0.1' } }
      const event = { version: '2.0', rawPath: path, rawQueryString: '', headers: {}, requestContext }
      return (await handler(event as unknown as HttpEvent, lambdaContext('r', 3000))).statusCode
    }
    const services = plugins.flatMap(plugin => plugin.services.map(({ name }) => name))
    assert.equal(await ask('/health'), 200)
    assert.deepEqual([asked, checked], [services, []])
    assert.equal(await ask('/health/none'), 404)
    assert.equal(asked.length, services.length, 'nobody is asked for what no plugin has')
  })
})
