import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { isMmfError } from '@mmf/framework'
import { toPem } from '@mmf/pki'
import { Secret } from '../../../layer/framework/src/config/secret.ts'
import { configuredRemoteServices } from '../../../layer/framework/src/http/remote/configured-remote-services.ts'
import { createRemoteServices } from '../../../layer/framework/src/http/remote/remote-services.ts'
import { createRoot, type IssuedCertificate, subjectAltName } from '../../../layer/pki/src/testing/index.ts'
import { longLived } from '../support/trust-anchors.fixture.ts'

const authority = createRoot('CN=Deployments', longLived)
const pem = (der: Uint8Array) => toPem('CERTIFICATE', der)
const keyOf = ({ key }: IssuedCertificate) => String(key.privateKey.export({ format: 'pem', type: 'pkcs8' }))
const server = authority.issue('CN=Server', {
  ...longLived,
  extra: [subjectAltName([{ ip: Uint8Array.of(127, 0, 0, 1) }])],
})
const client = authority.issue('CN=Our deployment', longLived)

/** A deployment that asks for a client certificate, on this machine. */
async function startTheirs(t: TestContext, listener: RequestListener): Promise<string> {
  const https = createServer(
    {
      key: keyOf(server),
      cert: pem(server.der),
      ca: pem(authority.der),
      requestCert: true,
      rejectUnauthorized: true,
    },
    listener,
  ).listen(0, '127.0.0.1')
  await once(https, 'listening')
  t.after(() => {
    https.closeAllConnections()
    https.close()
  })
  return `https://127.0.0.1:${(https.address() as AddressInfo).port}`
}

const identity = {
  client_certificate: pem(client.der),
  client_key: new Secret(keyOf(client)),
  ca: pem(authority.der),
}

const lookup = { name: 'lookup', http: { method: 'GET', path: '/v1/things/{id}' } } as const
const call = (input: unknown, deadline = Date.now() + 5_000) => ({
  mmf: 'call' as const,
  plugin: 'marty',
  service: 'pkd',
  operation: 'lookup',
  input,
  correlationId: 'c-1',
  deadline,
})
const options = () => ({ signal: new AbortController().signal })
const unavailable = (error: unknown) => isMmfError(error, 'service_unavailable')

test('a remote service sees the client certificate, the route, the token and the correlation id', async t => {
  const seen: unknown[] = []
  const url = await startTheirs(t, ({ method, url: path, headers, socket }, response) => {
    const { CN } = (socket as TLSSocket).getPeerCertificate().subject
    seen.push([CN, method, path, headers.authorization, headers['x-correlation-id']])
    response.end('{"found":true}')
  })
  const remotes = createRemoteServices({ 'marty.pkd': { ...identity, token: new Secret('t-1') } })
  const address = { url: `${url}/base/` }
  const reply = await remotes.call('marty.pkd', lookup, address, call({ id: 'a/b', limit: 2 }), options())
  assert.deepEqual(reply, { output: { found: true } })
  assert.deepEqual(seen, [['Our deployment', 'GET', '/base/v1/things/a%2Fb?limit=2', 'Bearer t-1', 'c-1']])
})

test('without the certificate, with a server of another authority, or too late there is no answer', async t => {
  let hits = 0
  const url = await startTheirs(t, (_request, response) => {
    hits += 1
    if (hits > 1) return
    response.end('{}')
  })
  const { ca, ...withoutAuthority } = identity
  for (const settings of [{ ca }, withoutAuthority]) {
    const remotes = createRemoteServices({ 'marty.pkd': { ...settings, url } })
    await assert.rejects(remotes.call('marty.pkd', lookup, undefined, call({ id: '1' }), options()), unavailable)
  }
  assert.equal(hits, 0, 'the request did not get through')
  const remotes = createRemoteServices({ 'marty.pkd': { ...identity, url } })
  assert.deepEqual(await remotes.call('marty.pkd', lookup, undefined, call({ id: '1' }), options()), { output: {} })
  const hanging = remotes.call('marty.pkd', lookup, { url, timeoutSeconds: 0.05 }, call({ id: '1' }), options())
  await assert.rejects(hanging, unavailable)
  const given = AbortSignal.timeout(50)
  const abandoned = remotes.call('marty.pkd', lookup, undefined, call({ id: '1' }), { signal: given })
  await assert.rejects(abandoned, error => isMmfError(error, 'deadline_exceeded'))
})

test('errors of the operation come back as they are; those of access and of the server are the service’s own', async t => {
  const answers: [number, string][] = []
  const url = await startTheirs(t, (_request, response) => {
    const [status, text] = answers.shift() ?? [500, '']
    response.writeHead(status).end(text)
  })
  const remotes = createRemoteServices({ 'marty.pkd': { ...identity, url } })
  const ask = () => remotes.call('marty.pkd', lookup, undefined, call({ id: '1' }), options())
  answers.push([404, '{"code":"public_key_not_found","detail":"none"}'])
  assert.deepEqual(await ask(), { error: { code: 'public_key_not_found', detail: 'none' } })
  for (const answer of [
    [401, '{"code":"token_expired"}'],
    [403, '{"code":"role_missing"}'],
    [500, '{"code":"internal_error"}'],
    [404, '{"code":"no_such_code"}'],
    [404, '{}'],
    [302, ''],
    [200, 'hello'],
    [200, '1'],
  ] as [number, string][]) {
    answers.push(answer)
    await assert.rejects(ask(), unavailable, String(answer))
  }
})

test('no call leaves this machine without TLS, without an address or without a route', async () => {
  const remotes = createRemoteServices({ 'marty.pkd': {} })
  const plain = { url: 'http://directory.invalid' }
  await assert.rejects(remotes.call('marty.pkd', lookup, plain, call({ id: '1' }), options()), unavailable)
  await assert.rejects(remotes.call('marty.pkd', lookup, undefined, call({ id: '1' }), options()), unavailable)
  await assert.rejects(remotes.call('marty.pkd', { name: 'x' }, plain, call({}), options()), unavailable)
})

test('what the configuration names is remote, and nothing else is', async () => {
  const remotes = configuredRemoteServices({ 'marty.pkd': {} })
  assert.equal(remotes.has('marty.pkd'), true)
  for (const service of ['marty.constructor', 'constructor', 'marty.trust_anchor'])
    assert.equal(remotes.has(service), false)
  await assert.rejects(remotes.call('marty.pkd', lookup, undefined, call({ id: '1' }), options()), unavailable)
})
