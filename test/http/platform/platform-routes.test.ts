import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { MmfError } from '@mmf/framework'
import { plugins } from '../../support/plugins.ts'
import { faultyPorts } from '../support/faults.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

const { faults, wrap } = faultyPorts()
let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ wrap, env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const healthy = { plugin: 'MartyTrustPKI', status: 'healthy', services: { document_signer: { status: 'healthy' } } }

/** The whole names every plugin. */
const titles = (shown: typeof plugins) => shown.map(({ title }) => title).join(', ')
const shownAt = [
  ['/health', plugins],
  ['/plugins/marty/health', plugins.filter(({ name }) => name === 'marty')],
] as const

describe('health', () => {
  it('shows the plugin and a status for each service that exists', async () => {
    for (const [path, shown] of shownAt) {
      const { status, json, text } = await marty.request('GET', path)
      assert.equal(status, 200, text)
      assert.deepEqual([json.plugin, json.status], [titles(shown), 'healthy'])
      if (shown.length === 1) {
        assert.equal(json.state, 'active')
        assert.match(json.since, /^\d{4}-\d\d-\d\dT/)
      }
      const built = shown.flatMap(plugin => plugin.services.map(service => service.name))
      assert.deepEqual(Object.keys(json.services).sort(), built.sort())
      assert.deepEqual(json.services.document_signer, healthy.services.document_signer)
    }
    const ready = await marty.request('GET', '/ready')
    assert.equal(ready.status, 200)
    assert.equal(ready.json.status, 'ready')
    for (const port of ['database', 'keys']) assert.deepEqual(ready.json.checks[port], { status: 'healthy' })
  })

  const failures = [
    {
      what: 'the database does not answer',
      port: 'database',
      break: () => {
        faults.ping = async () => {
          throw new MmfError('database_unavailable', { detail: '/var/secret/data.sqlite' })
        }
      },
      repair: () => {
        faults.ping = undefined
      },
    },
    {
      what: 'the key service is down',
      port: 'keys',
      break: () => {
        faults.keyHealth = async () => ({ status: 'unhealthy', reason: 'no key in /var/secret' })
      },
      repair: () => {
        faults.keyHealth = undefined
      },
    },
  ]
  for (const failure of failures) {
    it(`is 503 when ${failure.what}, and 200 again afterwards`, async () => {
      failure.break()
      try {
        for (const [path, shown] of shownAt) {
          const sick = await marty.request('GET', path)
          assert.equal(sick.status, 503, sick.text)
          assert.deepEqual([sick.json.plugin, sick.json.status], [titles(shown), 'unhealthy'])
          const { document_signer: signer } = sick.json.services
          assert.equal(signer.status, 'unhealthy')
          assert.match(signer.reason, /\w/)
          assert.doesNotMatch(sick.text, /secret|sqlite/)
        }
        const ready = await marty.request('GET', '/ready')
        assert.deepEqual([ready.status, ready.json.status], [503, 'not_ready'])
        assert.equal(ready.json.checks[failure.port].status, 'unhealthy')
      } finally {
        failure.repair()
      }
      assert.equal((await marty.request('GET', '/health')).status, 200)
      assert.equal((await marty.request('GET', '/ready')).status, 200)
    })
  }
})

describe('openapi.json', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a JSON document is walked.
  type Node = any
  let document: Node
  before(async () => {
    const answer = await marty.request('GET', '/openapi.json')
    assert.equal(answer.status, 200)
    document = answer.json
  })

  it('is OpenAPI 3.1 in form', () => {
    assert.match(document.openapi, /^3\.1\.\d+$/)
    assert.deepEqual(document.servers, [{ url: '/' }, { url: 'https://doc-signer.marty.internal:8443' }])
    assert.deepEqual(document['x-mmf-services'], {
      'marty.document_signer': { url: 'https://doc-signer.marty.internal:8443' },
      'marty.trust_anchor': { url: 'https://trust-anchor.marty.internal:8443' },
      'marty.pkd': { url: 'https://pkd.marty.internal:8443' },
    })
    for (const member of ['title', 'version']) assert.equal(typeof document.info[member], 'string')
    const ids: string[] = []
    for (const [path, item] of Object.entries<Node>(document.paths)) {
      assert.match(path, /^\//)
      for (const [method, operation] of Object.entries<Node>(item)) {
        assert.match(method, /^(get|put|post|delete)$/)
        ids.push(operation.operationId)
        checkParameters(path, operation)
        checkResponses(operation)
        assert.equal(operation.requestBody !== undefined, method === 'post' || method === 'put', path)
        for (const requirement of operation.security) {
          for (const scheme of Object.keys(requirement)) assert.ok(document.components.securitySchemes[scheme])
        }
      }
    }
    assert.equal(new Set(ids).size, ids.length, 'operationId is unique')
  })

  function checkParameters(path: string, { parameters = [] }: Node) {
    const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
    const declared = parameters.filter((p: Node) => p.in === 'path')
    assert.deepEqual(declared.map((p: Node) => p.name).sort(), inPath.sort(), path)
    for (const parameter of parameters) {
      assert.match(parameter.in, /^(path|query|header)$/)
      assert.equal(typeof parameter.schema.type, 'string', `${path} ${parameter.name}`)
      if (parameter.in === 'path') assert.equal(parameter.required, true)
    }
    const names = parameters.map((p: Node) => `${p.in} ${p.name}`)
    assert.equal(new Set(names).size, names.length)
  }

  function checkResponses({ responses }: Node) {
    for (const [status, response] of Object.entries<Node>(responses)) {
      assert.match(status, /^([2-5]\d\d|default)$/)
      assert.equal(typeof response.description, 'string')
      for (const [type, { schema }] of Object.entries<Node>(response.content)) {
        assert.match(type, /^[\w.+-]+\/[\w.+-]+$/)
        assert.equal(typeof schema, 'object')
      }
    }
    assert.ok(responses.default.content['application/problem+json'])
    assert.ok(Object.keys(responses).some(status => status.startsWith('2')))
  }

  it('has references that resolve', () => {
    let references = 0
    const walk = (node: Node) => {
      if (typeof node !== 'object' || node === null) return
      if (typeof node.$ref === 'string') {
        references += 1
        const [root, ...steps] = node.$ref.split('/')
        assert.equal(root, '#', node.$ref)
        const target = steps.reduce((at: Node, step: string) => at?.[step], document)
        assert.equal(typeof target, 'object', node.$ref)
      }
      for (const child of Object.values(node)) walk(child)
    }
    walk(document)
    assert.ok(references > 0)
  })

  it('names every route, with who may call it', () => {
    const routes = Object.entries<Node>(document.paths).flatMap(([path, item]) =>
      Object.entries<Node>(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    )
    const byRoute = Object.fromEntries(routes)
    const guarded = ['POST /v1/documents/sign', 'POST /v1/documents/verify', 'GET /v1/signatures']
    for (const route of [...guarded, 'GET /v1/signatures/{signatureId}']) {
      assert.deepEqual(byRoute[route].security, [{ bearer: [] }], route)
    }
    const open = ['/v1/keys/{keyId}/versions/{version}', '/v1/keys/jwks', '/plugins/{plugin}/health']
    for (const path of [...open, '/health', '/ready', '/openapi.json', '/metrics']) {
      assert.deepEqual(byRoute[`GET ${path}`]?.security, [], path)
    }
    const sign = byRoute['POST /v1/documents/sign']
    assert.deepEqual(sign['x-mmf-authorization'].roles, ['document_signer'])
    assert.deepEqual(sign['x-mmf-authorization'].permissions, ['sign_documents'])
    assert.ok(sign.responses['201'].content['application/json'])
    assert.ok(sign.parameters.some((p: Node) => p.name === 'Idempotency-Key' && p.in === 'header'))
    const { schema } = sign.requestBody.content['application/json']
    assert.deepEqual(Object.keys(schema.properties).sort(), [
      'digest',
      'document',
      'signatureFormat',
      'signingAlgorithm',
    ])
    assert.equal(schema.additionalProperties, false)
  })

  it('describes health answers also where they are no success', () => {
    for (const path of ['/health', '/ready', '/plugins/{plugin}/health']) {
      const { responses } = document.paths[path].get
      assert.ok(responses.default.content['application/json'], path)
    }
  })
})

describe('metrics', () => {
  it('are Prometheus text with the names of the specification', async () => {
    const token = marty.token()
    const sign = (signingAlgorithm: string) =>
      marty.request('POST', '/v1/documents/sign', { token, body: { document: 'AAAA', signingAlgorithm } })
    for (const algorithm of ['ECDSA-SHA256', 'ECDSA-SHA256', 'RSA-SHA512', 'whatever']) await sign(algorithm)
    const { json } = await sign('ECDSA-SHA256')
    await marty.request('POST', '/v1/documents/verify', { token, body: { document: 'AAAA', signature: json } })
    await marty.request('GET', '/v1/signatures')

    const { status, headers, text } = await marty.request('GET', '/metrics')
    assert.equal(status, 200)
    assert.match(headers.get('content-type') ?? '', /^text\/plain/)
    const samples = new Map<string, number>()
    for (const line of text.trimEnd().split('\n')) {
      if (line.startsWith('#')) continue
      const sample = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (\S+)$/.exec(line)
      assert.ok(sample?.[1], `no sample: ${line}`)
      samples.set(sample[1], Number(sample[2]))
    }
    const requests = 'marty_pki_document_sign_requests'
    assert.equal(samples.get(`${requests}_total{algorithm="ECDSA-SHA256",status="success"}`), 3)
    assert.equal(samples.get(`${requests}_total{algorithm="RSA-SHA512",status="error"}`), 1)
    assert.equal(samples.get(`${requests}_total{algorithm="other",status="error"}`), 1, 'no label from outside')
    const seconds = samples.get(`${requests}_duration_seconds{algorithm="ECDSA-SHA256"}`) ?? 0
    assert.ok(seconds > 0 && seconds < 60)
    assert.equal(samples.get(`${requests}_duration_seconds_count{algorithm="ECDSA-SHA256"}`), 3)
    assert.equal(samples.get('marty_pki_document_verify_requests_total{result="valid"}'), 1)
    for (const host of ['platform', 'marty.document_signer']) {
      for (const to of ['loading', 'loaded', 'initializing', 'active'])
        assert.equal(samples.get(`mmf_plugin_transitions_total{host="${host}",plugin="marty",to="${to}"}`), 1)
      assert.equal(samples.get(`mmf_plugin_active{host="${host}",plugin="marty"}`), 1)
    }
    assert.equal(
      samples.get('mmf_errors_total{code="authentication_required",operation="document_signer.list_signatures"}'),
      1,
    )
  })

  it('do not turn an answer into a failure when they cannot be written', async () => {
    const { observability } = marty.platform.http
    const { flush } = observability
    Object.assign(observability, {
      flush() {
        throw new Error('no space left')
      },
    })
    try {
      const body = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }
      assert.equal((await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })).status, 201)
      assert.equal((await marty.request('GET', '/v1/signatures')).status, 401)
    } finally {
      Object.assign(observability, { flush })
    }
    const logged = marty.lines.filter(line => line['message'] === 'the metrics were not flushed')
    assert.equal(logged.length, 2)
  })
})
