import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openLocalIssuer } from '../../../infra/local/issuer/local-issuer.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

const name = 'https://issuer.example'
const folder = mkdtempSync(join(tmpdir(), 'marty-issuer-'))
const clock = { now: () => new Date() }
const theirs = openLocalIssuer({ dataDirectory: folder, clock, issuer: name, audience: 'us' })
const publisher = createServer((_, response) => response.end(JSON.stringify(theirs.jwks)))

let marty: TestPlatform
before(async () => {
  publisher.listen(0, '127.0.0.1')
  await once(publisher, 'listening')
  const env = {
    ...signingWith('ECDSA-SHA256'),
    MMF__authentication__issuer: name,
    MMF__authentication__audience: 'us',
    MMF__authentication__jwks_uri: `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/jwks`,
  }
  marty = await startPlatform({ env })
})
after(async () => {
  await marty.stop()
  publisher.close()
  rmSync(folder, { recursive: true })
})

describe('a configured issuer', () => {
  it('is believed on this machine too', async () => {
    const claims = { subject: 'alice', roles: ['document_signer'], permissions: ['sign_documents'] }
    const body = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }
    const token = theirs.issueToken(claims)
    const signed = await marty.request('POST', '/v1/documents/sign', { token, body })
    assert.equal(signed.status, 201, signed.text)
  })

  it('is the only one: tokens of this machine are refused, and it publishes no keys for them', async () => {
    const answer = await marty.request('GET', '/v1/signatures', { token: marty.token() })
    assert.deepEqual([answer.status, answer.json.code], [401, 'token_key_unknown'])
    assert.equal((await marty.request('GET', '/issuer/jwks')).status, 404)
  })
})
