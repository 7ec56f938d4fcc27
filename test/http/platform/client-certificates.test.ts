import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  type ClientFiles,
  certified,
  clientRoot,
  clientsOf,
  pem,
  serverMaterial,
} from '../../support/tls-certificates.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

const server = serverMaterial()
const { good } = clientsOf(clientRoot)
const stranger = certified('stranger')

describe('require_mutual_tls, over HTTPS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'marty-clients-'))
  const path = (name: string) => join(folder, name)
  before(() => {
    writeFileSync(path('server.pem'), server.certificate)
    writeFileSync(path('server.key'), server.key, { mode: 0o600 })
    writeFileSync(path('clients.pem'), pem(clientRoot.der))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function withPlatform(more: Record<string, string>, work: (marty: TestPlatform) => Promise<void>) {
    const tls = { MMF__tls__certificate: path('server.pem'), MMF__tls__key: path('server.key') }
    const env = { ...signingWith('ECDSA-SHA256'), ...tls, MMF__plugins__marty__require_mutual_tls: 'true', ...more }
    const marty = await startPlatform({ env })
    try {
      await work(marty)
    } finally {
      await marty.stop()
    }
  }

  async function sign(marty: TestPlatform, client: Partial<ClientFiles> = {}) {
    const headers = { authorization: `Bearer ${marty.token()}`, 'content-type': 'application/json' }
    const options = { method: 'POST', agent: false, ca: server.authority, headers, ...client } as const
    const sent = request(`${marty.url}/v1/documents/sign`, options)
    sent.end(JSON.stringify({ document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }))
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const { code } = JSON.parse(Buffer.concat(await response.toArray()).toString())
    return { status: response.statusCode, code }
  }

  it('is not met by a certificate whose issuer was not checked', async () => {
    await withPlatform({}, async marty => {
      assert.deepEqual(await sign(marty), { status: 401, code: 'client_certificate_required' })
      for (const client of [stranger, good])
        assert.deepEqual(await sign(marty, client), { status: 401, code: 'client_certificate_invalid' })
    })
  })

  it('is met by one of a known authority, where connections need one', async () => {
    const authorities = path('clients.pem')
    const required = { MMF__tls__client_certificates: 'require', MMF__client_certificates__authorities: authorities }
    await withPlatform(required, async marty => {
      assert.deepEqual(await sign(marty, good), { status: 201, code: undefined })
      await assert.rejects(sign(marty, stranger), /ECONNRESET|socket hang up|alert/)
      await assert.rejects(sign(marty), /ECONNRESET|socket hang up|alert/)
    })
  })
})
