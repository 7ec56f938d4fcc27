import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpEvent } from '@mmf/framework/http'
import { createRoot, extendedKeyUsage } from '../../../layer/pki/src/testing/index.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

const day = 86_400_000
const root = createRoot('C=UT, CN=Test Client Root')

function clientCertificate(options: { from: number; to: number; usage: 'clientAuth' | 'serverAuth' }): string {
  const { der } = root.issue('C=UT, CN=client', {
    notBefore: new Date(Date.now() + options.from * day),
    notAfter: new Date(Date.now() + options.to * day),
    extra: [extendedKeyUsage([options.usage])],
  })
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)
  return `-----BEGIN CERTIFICATE-----\n${lines?.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** As API Gateway adds it after mutual TLS; a client has no way to write it. */
function withCertificate(event: HttpEvent, clientCertPem: string): HttpEvent {
  const clientCert = { clientCertPem, subjectDN: '', issuerDN: '', serialNumber: '', validity: {} }
  return { ...event, requestContext: { ...event.requestContext, authentication: { clientCert } } } as HttpEvent
}

/** Settings as environment variables, and the certificate that the gateway has seen. */
async function withPlatform(
  settings: Record<string, string>,
  run: (marty: TestPlatform, present: (pem: string | undefined) => void) => Promise<void>,
) {
  let pem: string | undefined
  const marty = await startPlatform({
    env: { ...signingWith('ECDSA-SHA256'), ...settings },
    event: event => (pem === undefined ? event : withCertificate(event, pem)),
  })
  try {
    await run(marty, given => {
      pem = given
    })
  } finally {
    await marty.stop()
  }
}

const body = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }
const sign = (marty: TestPlatform) => marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })

const good = clientCertificate({ from: -1, to: 1, usage: 'clientAuth' })
const expired = clientCertificate({ from: -3, to: -1, usage: 'clientAuth' })
const forServers = clientCertificate({ from: -1, to: 1, usage: 'serverAuth' })

describe('require_mutual_tls', () => {
  it('refuses every request to the plugin without a client certificate, public ones too', async () => {
    await withPlatform({ MMF__plugins__marty__require_mutual_tls: 'true' }, async (marty, present) => {
      const refused = [
        await sign(marty),
        await marty.request('GET', '/v1/keys/jwks'),
        await marty.request('POST', '/v1/documents/sign', { body: 'garbage' }),
      ]
      for (const { status, json, headers } of refused) {
        assert.deepEqual([status, json.code], [401, 'client_certificate_required'])
        assert.match(headers.get('www-authenticate') ?? '', /^Bearer/)
      }
      assert.equal((await marty.request('GET', '/health')).status, 200, 'the platform itself is no part of the plugin')

      present(good)
      const signed = await sign(marty)
      assert.equal(signed.status, 201, signed.text)
      const anonymous = await marty.request('POST', '/v1/documents/sign', { body })
      assert.deepEqual([anonymous.status, anonymous.json.code], [401, 'authentication_required'], 'it is no token')

      for (const pem of [expired, forServers, 'garbage', `${good}${good}`]) {
        present(pem)
        const { status, json } = await sign(marty)
        assert.deepEqual([status, json.code], [401, 'client_certificate_invalid'])
      }
    })
  })

  it('cannot be satisfied by a header', async () => {
    await withPlatform({ MMF__plugins__marty__require_mutual_tls: 'true' }, async marty => {
      const claimed = encodeURIComponent(good)
      for (const name of ['x-client-cert', 'x-amzn-mtls-clientcert', 'x-forwarded-client-cert', 'client-cert']) {
        const headers = { [name]: claimed }
        const answer = await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body, headers })
        assert.deepEqual([answer.status, answer.json.code], [401, 'client_certificate_required'], name)
      }
    })
  })
})

describe('certificate_validation_enabled', () => {
  it('decides whether a certificate that is not asked for must be good', async () => {
    await withPlatform({ MMF__plugins__marty__certificate_validation_enabled: 'true' }, async (marty, present) => {
      assert.equal((await sign(marty)).status, 201, 'none is needed')
      present(expired)
      const refused = await sign(marty)
      assert.deepEqual([refused.status, refused.json.code], [401, 'client_certificate_invalid'])
    })
    await withPlatform({ MMF__plugins__marty__certificate_validation_enabled: 'false' }, async (marty, present) => {
      present(expired)
      assert.equal((await sign(marty)).status, 201)
    })
  })
})
