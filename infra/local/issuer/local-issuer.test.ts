import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import { staticKeySource } from '../../../layer/framework/src/http/authentication/static-key-source.ts'
import { createTokenVerifier } from '../../../layer/framework/src/http/authentication/token-verifier.ts'
import { issuerKeyFile } from './issuer-key.ts'
import { type LocalIssuer, openLocalIssuer } from './local-issuer.ts'

const testNow = Date.UTC(2026, 10, 22)
const clock = { now: () => new Date(testNow) }

function directory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'issuer-'))
  context.after(() => rmSync(path, { recursive: true }))
  return path
}

function verifierOf({ issuer, audience, jwks, algorithm }: LocalIssuer, now = testNow) {
  const keys = staticKeySource(jwks)
  const at = { now: () => new Date(now) }
  return createTokenVerifier({ issuer, audience, jwks: keys, algorithms: [algorithm], clock: at, leewaySeconds: 0 })
}

describe('local issuer', () => {
  it('issues tokens that the token verifier accepts until they expire', async context => {
    const issuer = openLocalIssuer({ dataDirectory: directory(context), clock })
    const request = { subject: 'alice', roles: ['document_signer'], permissions: ['sign_documents'] }
    const token = issuer.issueToken(request)
    assert.deepEqual(await verifierOf(issuer).verify(token), {
      ...request,
      issuer: issuer.issuer,
      method: 'jwt',
    })
    await verifierOf(issuer, testNow + 3_599_999).verify(token)
    await assert.rejects(verifierOf(issuer, testNow + 3_600_000).verify(token), { code: 'token_expired' })
    await verifierOf(issuer, testNow + 86_399_000).verify(issuer.issueToken({ subject: 'bob', ttlSeconds: 86_400 }))
  })

  it('keeps its key, owner only, in a folder of its own', context => {
    const dataDirectory = directory(context)
    const first = openLocalIssuer({ dataDirectory, clock })
    const again = openLocalIssuer({ dataDirectory, clock })
    assert.deepEqual(again.jwks, first.jwks)
    assert.equal(statSync(issuerKeyFile(dataDirectory)).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(join(dataDirectory, 'issuer')), ['token-key.pem'])
    const other = openLocalIssuer({ dataDirectory: directory(context), clock })
    assert.notDeepEqual(other.jwks, first.jwks)
  })

  it('publishes the public key only', context => {
    const { jwks } = openLocalIssuer({ dataDirectory: directory(context), clock })
    assert.deepEqual(Object.keys(jwks.keys[0] ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })

  it('gives processes that start at once the same key', async context => {
    const dataDirectory = directory(context)
    const module = new URL('./local-issuer.ts', import.meta.url).href
    const source = `import(${JSON.stringify(module)}).then(({ openLocalIssuer }) => {
      const { jwks } = openLocalIssuer({ dataDirectory: ${JSON.stringify(dataDirectory)}, clock: { now: () => new Date() } })
      require('node:worker_threads').parentPort.postMessage(jwks.keys[0].kid)
    })`
    const kid = () =>
      new Promise((resolve, reject) => new Worker(source, { eval: true }).on('message', resolve).on('error', reject))
    assert.equal(new Set(await Promise.all([kid(), kid(), kid(), kid()])).size, 1)
  })

  it('refuses a key file that others may read, or that holds no key', context => {
    const dataDirectory = directory(context)
    openLocalIssuer({ dataDirectory, clock })
    const file = issuerKeyFile(dataDirectory)
    chmodSync(file, 0o644)
    assert.throws(() => openLocalIssuer({ dataDirectory, clock }), /may be read by others/)
    chmodSync(file, 0o600)
    writeFileSync(file, 'damaged')
    assert.throws(() => openLocalIssuer({ dataDirectory, clock }), /not a P-256 private key/)
  })

  it('refuses life times, subjects and sizes out of bounds', context => {
    const issuer = openLocalIssuer({ dataDirectory: directory(context), clock })
    for (const ttlSeconds of [0, -1, 1.5, 86_401, Number.NaN]) {
      assert.throws(() => issuer.issueToken({ subject: 'alice', ttlSeconds }), RangeError)
    }
    for (const subject of ['', 'x'.repeat(256)]) assert.throws(() => issuer.issueToken({ subject }), RangeError)
    const permissions = Array.from({ length: 1000 }, (_, n) => `permission_${n}`)
    assert.throws(() => issuer.issueToken({ subject: 'alice', permissions }), RangeError)
  })
})
