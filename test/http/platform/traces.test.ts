import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { traces as tracesCommand } from '../../../cli/commands/traces.ts'
import { createApiClient } from '../../../cli/http/api-client.ts'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { functionOf } from '../../support/plugins.ts'
import { base64, relyingParty, testChain, time, validate } from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code?: number }
  readonly attributes: readonly { readonly key: string; readonly value: object }[]
}

/** A collector that keeps what it is sent, and answers as it is told. */
async function startCollector() {
  const received: { path: string; headers: IncomingMessage['headers']; spans: OtlpSpan[]; service: unknown }[] = []
  const answer = { status: 200 }
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const [{ resource, scopeSpans }] = body.resourceSpans
    const { url: path = '', headers } = request
    received.push({ path, headers, spans: scopeSpans[0].spans, service: resource.attributes[0] })
    response.writeHead(answer.status, { location: 'http://127.0.0.1:9/elsewhere' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { received, answer, url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

const { root } = testChain()
const leaf = root.issue('C=UT, CN=Leaf')
const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }

let collector: Awaited<ReturnType<typeof startCollector>>
let marty: TestPlatform
before(async () => {
  collector = await startCollector()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/otlp/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=hunter2%20x',
    OTEL_SERVICE_NAME: 'marty-test',
  }
  marty = await startPlatform({ env: { ...signingWith('ECDSA-SHA256'), ...env } })
})
after(async () => {
  await marty.stop()
  collector.close()
})

const operator = () => marty.token({ subject: 'ops', roles: ['platform_administrator'], permissions: [] })
const get = (path: string, token = operator()) => marty.request('GET', path, { token })

/** A validation with everything in it: directory, paths, revocation. */
const wholeFlow = () =>
  marty.request('POST', '/v1/certificates/validate', {
    token: relyingParty(marty),
    headers: { traceparent: `00-${remote.traceId}-${remote.spanId}-01` },
    body: {
      profile: 'rfc5280',
      time,
      certificate: base64(leaf.der),
      anchors: [base64(root.der)],
      directory: true,
      revocation: 'soft-fail',
    },
  })

describe('traces', () => {
  it('hold the flow of a validation with its four spans, in the trace that the caller named', async () => {
    const validated = await wholeFlow()
    assert.equal(validated.status, 200, validated.text)
    const { json } = await get(`/traces/${remote.traceId}`)
    const [flow, ...others] = json.spans as {
      spanId: string
      parentId: string
      name: string
      tags: { service: string }
    }[]
    assert.deepEqual([flow?.name, flow?.parentId], ['certificate_validation_flow', remote.spanId])
    const steps = others.filter(({ parentId, name }) => parentId === flow?.spanId && !/crls?$/.test(name))
    assert.deepEqual(steps.map(({ name, tags }) => `${name} (${tags.service})`).sort(), [
      'certificate_signature_check (document_signer)',
      'pkd_key_lookup (pkd_service)',
      'revocation_status_check (certificate_validation)',
      'trust_chain_validation (trust_anchor_service)',
    ])
  })

  it('are listed newest first, with one span for each request, also for one that is refused', async () => {
    await marty.request('POST', '/v1/documents/sign', { body: {} })
    const { json } = await get('/traces')
    const [newest] = json.traces
    assert.equal(newest.status, 'error')
    const { spans } = (await get(`/traces/${newest.traceId}`)).json
    assert.deepEqual(
      [spans.length, spans[0].tags.operation, spans[0].tags.trigger, spans[0].error.code],
      [1, 'document_signer.sign_document', 'http', 'authentication_required'],
    )
    const ids = json.traces.map(({ traceId }: { traceId: string }) => traceId)
    assert.equal(new Set(ids).size, ids.length)
    assert.ok(ids.indexOf(remote.traceId) > 0)
  })

  it('are for operators, and those that are not kept are not there', async () => {
    assert.equal((await get('/traces', marty.token())).json.code, 'role_missing')
    assert.equal((await marty.request('GET', `/traces/${remote.traceId}`)).status, 401)
    assert.equal((await get('/traces/unknown')).json.code, 'not_found')
  })

  it('go on with who handles an event, and begin with a schedule', async () => {
    const traceId = 'c'.repeat(32)
    const token = marty.token({
      subject: 'admin-1',
      roles: ['trust_administrator'],
      permissions: ['supply_trust_anchors'],
    })
    const revoked = await marty.request('POST', `/v1/certificates/${'ab'.repeat(32)}/revocations`, {
      token,
      headers: { traceparent: `00-${traceId}-${remote.spanId}-01` },
      body: { reason: 'superseded' },
    })
    assert.equal(revoked.status, 201, revoked.text)
    type Seen = { spanId: string; parentId?: string; name: string; tags: { operation?: string; trigger?: string } }
    let spans: readonly Seen[] = []
    for (let tries = 0; tries < 200 && !spans.some(({ tags }) => tags.trigger === 'event'); tries += 1) {
      await marty.relay.runDue()
      spans = (await get(`/traces/${traceId}`)).json.spans
    }
    const [asked] = spans
    assert.deepEqual([asked?.tags.operation, asked?.parentId], ['trust_anchor.revoke_certificate', remote.spanId])
    const handled = spans.find(({ tags }) => tags.trigger === 'event')
    assert.equal(handled?.tags.operation, 'certificate_validation.revisit_after_revocation')
    const within = spans.filter(({ tags }) => tags.operation === asked?.tags.operation || tags.trigger !== 'event')
    assert.ok(
      within.some(({ spanId }) => spanId === handled?.parentId),
      'its parent is a span of who published',
    )

    const handler = functionOf('pkd').create(async () => marty.platform.http)
    await handler({ mmf: 'schedule', operation: 'pkd.watch_crls' }, lambdaContext('r', 5000))
    const [newest] = marty.platform.http.traces?.().toReversed() ?? []
    assert.deepEqual([newest?.root.tags['trigger'], newest?.root.parentId], ['schedule', undefined])
    assert.notEqual(newest?.traceId, traceId)
  })

  it('print as a tree', async () => {
    const client = createApiClient({ url: marty.url, token: operator() })
    const { stdout = '' } = await tracesCommand(client, { id: remote.traceId, json: false })
    const lines = stdout.replaceAll(/ {2}\d+\.\d ms/g, '').split('\n')
    assert.equal(lines[0], 'Trace: certificate_validation_flow')
    assert.ok(lines.includes('└── span: revocation_status_check (certificate_validation)'), stdout)
    // The directory does not have the issuer: what failed says so.
    assert.ok(lines.includes('├── span: pkd_key_lookup (pkd_service) ✗ public_key_not_found'), stdout)
    const listed = await tracesCommand(client, { id: undefined, json: false })
    assert.match(
      listed.stdout ?? '',
      new RegExp(`^${remote.traceId} .* certificate_validation_flow \\(\\d+ spans\\)$`, 'm'),
    )
  })
})

describe('a collector', () => {
  /** What has arrived once the platform has nothing left to send. */
  const arrived = async (name: string) => {
    for (let tries = 0; tries < 200; tries += 1) {
      const found = collector.received.flatMap(({ spans }) => spans).filter(span => span.name === name)
      if (found.length > 0) return found
      await new Promise(done => setTimeout(done, 25))
    }
    return assert.fail(`no span ${name}`)
  }

  it('gets the spans as OTLP, in the trace of the caller, and no secret', async () => {
    const [flow] = await arrived('certificate_validation_flow')
    assert.ok(flow !== undefined)
    assert.deepEqual([flow.traceId, flow.parentSpanId, flow.kind], [remote.traceId, remote.spanId, 2])
    assert.ok(BigInt(flow.endTimeUnixNano) >= BigInt(flow.startTimeUnixNano))
    const [path] = await arrived('trust_chain_validation')
    assert.deepEqual([path?.traceId, path?.parentSpanId, path?.kind], [remote.traceId, flow.spanId, 1])
    assert.deepEqual(
      path?.attributes.find(({ key }) => key === 'certificates'),
      { key: 'certificates', value: { intValue: '1' } },
    )
    const [first] = collector.received
    assert.equal(first?.path, '/otlp/v1/traces')
    assert.equal(first?.headers['x-api-key'], 'hunter2 x')
    assert.deepEqual(first?.service, { key: 'service.name', value: { stringValue: 'marty-test' } })
    assert.ok(!JSON.stringify(marty.lines).includes('hunter2'))
  })

  it('that refuses costs no request: the spans are counted, and it is not followed elsewhere', async () => {
    collector.answer.status = 307
    assert.equal((await validate(marty, { certificate: base64(leaf.der), anchors: [base64(root.der)] })).status, 200)
    for (let tries = 0; tries < 200; tries += 1) {
      const { text } = await marty.request('GET', '/metrics')
      if (/^mmf_spans_dropped_total\{reason="not_taken"\} [1-9]/m.test(text)) {
        const warned = marty.lines.filter(({ message }) => message === 'the collector does not take spans')
        assert.deepEqual(
          warned.map(({ status }) => status),
          [307],
        )
        return
      }
      await new Promise(done => setTimeout(done, 25))
    }
    assert.fail('nothing was dropped')
  })

  for (const env of [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:pw@127.0.0.1:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_EXPORTER_OTLP_HEADERS: 'secret-without-a-name' },
  ]) {
    it(`that is none stops the start, naming the variable and no value: ${JSON.stringify(env)}`, async () => {
      await assert.rejects(startPlatform({ env }), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'config_invalid')
        const variable = Object.keys(env).at(-1) ?? ''
        assert.ok(error.message.includes(variable), error.message)
        assert.doesNotMatch(error.message, /user:pw|secret-without/)
        return true
      })
    })
  }
})
