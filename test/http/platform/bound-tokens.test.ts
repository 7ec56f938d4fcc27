import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadIssuerKey } from '../../../infra/local/issuer/issuer-key.ts'
import { signatureOf } from '../../../layer/framework/src/http/authentication/tokens.fixture.ts'
import { type ClientFiles, certified, clientRoot, clientsOf, serverMaterial } from '../../support/tls-certificates.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

const server = serverMaterial()
const { good, expired } = clientsOf(clientRoot)
const other = certified('other', {}, clientRoot)

/** RFC 8705 §3.1, made without the code under test. */
const thumbprintOf = ({ cert }: ClientFiles) =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')

describe('a token bound to a client certificate, over HTTPS', () => {
  let marty: TestPlatform
  const folder = mkdtempSync(join(tmpdir(), 'marty-bound-'))
  before(async () => {
    const [certificate, key] = [join(folder, 'server.pem'), join(folder, 'server.key')]
    writeFileSync(certificate, server.certificate)
    writeFileSync(key, server.key, { mode: 0o600 })
    const tls = { MMF__tls__certificate: certificate, MMF__tls__key: key }
    marty = await startPlatform({
      env: { ...signingWith('ECDSA-SHA256'), ...tls, MMF__plugins__marty__certificate_validation_enabled: 'true' },
    })
  })
  after(async () => {
    await marty?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The token of the local issuer with one more claim, signed with the issuer's key. */
  function tokenWith(cnf: unknown): string {
    const [header = '', payload = ''] = marty.token().split('.')
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), cnf }
    const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
    const privateKey = loadIssuerKey(marty.dataDirectory)
    return `${input}.${signatureOf({ alg: 'ES256', kid: '', jwk: {}, privateKey }, input)}`
  }

  async function sign(token: string, client: Partial<ClientFiles> = {}, more: Record<string, string> = {}) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more }
    const options = { method: 'POST', agent: false, ca: server.authority, headers, ...client } as const
    const sent = request(`${marty.url}/v1/documents/sign`, options)
    sent.end(JSON.stringify({ document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }))
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const { code, claim } = JSON.parse(Buffer.concat(await response.toArray()).toString())
    return { status: response.statusCode, code, claim, challenge: response.headers['www-authenticate'] ?? '' }
  }

  const bound = () => tokenWith({ 'x5t#S256': thumbprintOf(good) })

  async function refused(answer: ReturnType<typeof sign>, claim = 'cnf.x5t#S256') {
    const { challenge, ...rest } = await answer
    assert.deepEqual(rest, { status: 401, code: 'token_claim_invalid', claim })
    assert.match(challenge, /error="invalid_token"/)
  }

  it('counts on a connection with that certificate', async () => {
    assert.equal((await sign(bound(), good)).status, 201)
  })

  it('is refused without a certificate and with another one', async () => {
    await refused(sign(bound()))
    await refused(sign(bound(), other))
  })

  it('is not satisfied by a header', async () => {
    const claimed = encodeURIComponent(good.cert)
    await refused(sign(bound(), {}, { 'x-client-cert': claimed, 'client-cert': claimed }))
  })

  it('is refused where what it is bound to is not looked at', async () => {
    await refused(sign(tokenWith({ jkt: thumbprintOf(good) }), good))
    await refused(sign(tokenWith({ 'x5t#S256': thumbprintOf(good), jkt: 'x' }), good), 'cnf')
    for (const cnf of [{}, { 'x5t#S256': 7 }, { 'x5t#S256': null }]) await refused(sign(tokenWith(cnf), good))
    for (const cnf of [null, 'x', 1, [thumbprintOf(good)]]) await refused(sign(tokenWith(cnf), good), 'cnf')
  })

  it('needs a certificate that is good, too', async () => {
    const answer = await sign(tokenWith({ 'x5t#S256': thumbprintOf(expired) }), expired)
    assert.deepEqual([answer.status, answer.code], [401, 'client_certificate_invalid'])
  })

  it('leaves tokens without a binding as they are', async () => {
    assert.equal((await sign(marty.token())).status, 201)
    assert.equal((await sign(marty.token(), other)).status, 201)
  })
})
