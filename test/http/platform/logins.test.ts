import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createPluginConfigManager } from '@mmf/framework'
import {
  type Login,
  type LoginName,
  loginNames,
  logins,
  type TokenShape,
} from '../../../layer/framework/src/http/authentication/logins.fixture.ts'
import { testKey, tokenOf } from '../../../layer/framework/src/http/authentication/tokens.fixture.ts'
import { readPage } from '../../docs/pages.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

// The configuration is the one of docs/logins.md, block by block, all issuers at once; only the addresses of their keys are of this machine.

const blocks = readPage('docs/logins.md').blocks.filter(({ language }) => language === 'yaml')

/** Every issuer uses the same `kid`, so that nothing but `iss` can tell their keys apart. */
const keys = Object.fromEntries(loginNames.map(name => [name, testKey('RS256', 'current')]))
const keyOf = (name: LoginName) => keys[name] ?? assert.fail(name)

const publisher = createServer(({ url = '' }, response) => {
  const key = keys[url.slice(1)]
  response.writeHead(key === undefined ? 404 : 200).end(JSON.stringify({ keys: [key?.jwk] }))
})

async function issuersOfThePage(origin: string): Promise<Record<string, object>> {
  const configDir = mkdtempSync(join(tmpdir(), 'marty-logins-'))
  const issuers: Record<string, object> = {}
  try {
    for (const { text } of blocks) {
      writeFileSync(join(configDir, 'base.yaml'), text)
      const manager = createPluginConfigManager({ configDir, environment: 'production', env: {} })
      for (const [name, issuer] of Object.entries((await manager.getBaseConfig()).authentication.issuers)) {
        assert(issuer.jwks_uri?.startsWith(new URL(issuer.issuer ?? '').origin), `${name}: keys of the issuer's host`)
        issuers[name] = { ...issuer, jwks_uri: `${origin}/${name}` }
      }
    }
  } finally {
    rmSync(configDir, { recursive: true })
  }
  return issuers
}

let marty: TestPlatform
before(async () => {
  publisher.listen(0, '127.0.0.1')
  await once(publisher, 'listening')
  const issuers = await issuersOfThePage(`http://127.0.0.1:${(publisher.address() as AddressInfo).port}`)
  assert.deepEqual(Object.keys(issuers).sort(), [...loginNames].sort(), 'the page has a section for each')
  const env = { ...signingWith('ECDSA-SHA256'), MMF__authentication__issuers: JSON.stringify(issuers) }
  marty = await startPlatform({ env })
})
after(async () => {
  await marty.stop()
  publisher.close()
})

function tokenFor(name: LoginName, claims: TokenShape = logins[name].access, signer: LoginName = name): string {
  const now = Math.floor(Date.now() / 1000)
  return tokenOf(keyOf(signer), { iat: now - 5, nbf: now - 5, exp: now + 300, ...claims }, logins[name].header)
}

const sign = (token: string, headers: Record<string, string> = {}) =>
  marty.request('POST', '/v1/documents/sign', {
    token,
    headers,
    body: { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' },
  })

/** Which claim names the principal, where it is not `sub`. */
const subjectClaims: Readonly<Record<string, string>> = { other: 'employee_number' }

describe('logins of docs/logins.md', () => {
  for (const name of loginNames) {
    const login: Login = logins[name]
    const { iss } = login.access

    it(`${name}: a person of the group signs, under issuer and subject`, async () => {
      const signed = await sign(tokenFor(name))
      assert.equal(signed.status, 201, signed.text)
      const record = await marty.request('GET', `/v1/signatures/${signed.json.signatureId}`, { token: tokenFor(name) })
      assert.equal(record.status, 200, record.text)
      assert.equal(record.json.principal, `${iss}#${login.access[subjectClaims[name] ?? 'sub']}`)
    })

    if (login.machine !== undefined) {
      const { machine } = login
      it(`${name}: a program signs`, async () => {
        const signed = await sign(tokenFor(name, machine))
        assert.equal(signed.status, 201, signed.text)
      })
    }

    it(`${name}: an ID token is refused`, async () => {
      const answer = await sign(tokenFor(name, login.id))
      assert.deepEqual(
        [answer.status, answer.json.code, answer.json.claim],
        [401, 'token_claim_invalid', login.refusedBy],
      )
    })

    it(`${name}: a person of other groups may not sign, also where a group is called like a role of ours`, async () => {
      const answer = await sign(
        tokenFor(name, { ...login.withRoles(['Everyone', 'document_signer']), scope: undefined, scp: undefined }),
      )
      assert.deepEqual([answer.status, answer.json.code], [403, 'role_missing'])
    })

    it(`${name}: groups in another form refuse the token`, async () => {
      const answer = await sign(tokenFor(name, login.withRoles('document-signers')))
      assert.deepEqual([answer.status, answer.json.code], [401, 'token_claim_invalid'])
    })

    it(`${name}: the key of another issuer proves nothing`, async () => {
      const answer = await sign(tokenFor(name, login.access, name === 'okta' ? 'cognito' : 'okta'))
      assert.deepEqual([answer.status, answer.json.code], [401, 'token_signature_invalid'])
    })
  }

  it('an issuer that is not configured is refused before any key is asked for', async () => {
    const answer = await sign(tokenFor('okta', { ...logins.okta.access, iss: 'https://else.example' }))
    assert.deepEqual([answer.status, answer.json.code, answer.json.claim], [401, 'token_claim_invalid', 'iss'])
  })

  it('one subject of two issuers: neither sees the record of the other, nor gets the answer stored under its idempotency key', async () => {
    const same = { sub: 'alice' }
    const okta = tokenFor('okta', { ...logins.okta.access, ...same })
    const cognito = tokenFor('cognito', { ...logins.cognito.access, ...same })
    const headers = { 'idempotency-key': 'one-key' }
    const first = await sign(okta, headers)
    const second = await sign(cognito, headers)
    assert.deepEqual([first.status, second.status], [201, 201])
    assert.notEqual(first.json.signatureId, second.json.signatureId)
    assert.equal((await sign(okta, headers)).json.signatureId, first.json.signatureId)
    const path = `/v1/signatures/${first.json.signatureId}`
    assert.equal((await marty.request('GET', path, { token: okta })).status, 200)
    assert.equal((await marty.request('GET', path, { token: cognito })).status, 404)
  })
})
