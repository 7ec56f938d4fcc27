import assert from 'node:assert/strict'
import { createHash, createPublicKey, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { defined } from '@mmf/framework'
import { openLocalIssuer } from '../../../infra/local/issuer/local-issuer.ts'
import { startPlatform, type TestPlatform } from '../support/start-platform.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform()
})
after(() => marty.stop())

const keyPath = '/v1/keys/document_signer-ecc-nist-p256/versions/1'
const sha256 = (text: string) => createHash('sha256').update(text).digest()

async function sign(text: string, subject = 'signer-1') {
  const body = { document: Buffer.from(text).toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }
  const signed = await marty.request('POST', '/v1/documents/sign', { token: marty.token({ subject }), body })
  assert.equal(signed.status, 201, signed.text)
  return signed
}

describe('signing and verifying', () => {
  it('answers 201 with what is needed to verify, and nothing more', async () => {
    const { json, headers } = await sign('contract')

    assert.deepEqual(
      Object.keys(json).sort().join(),
      'algorithm,documentHash,keyId,keyVersion,signature,signatureFormat,signatureId,timestamp',
    )
    assert.match(json.signatureId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.equal(json.documentHash, sha256('contract').toString('hex'))
    assert.match(json.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.equal(headers.get('content-type'), 'application/json')
  })

  it('lets any valid token verify by signature, and by signatureId who may read the record', async () => {
    const { json } = await sign('contract')
    const { signature, algorithm, keyId, keyVersion, signatureId } = json
    const stranger = marty.token({ subject: 'somebody', roles: [], permissions: [] })
    const verify = (body: object, token = marty.token()) =>
      marty.request('POST', '/v1/documents/verify', { token, body })
    const document = Buffer.from('contract').toString('base64')
    const digest = sha256('contract').toString('base64')

    for (const subject of [{ document }, { digest }]) {
      for (const [by, token] of [
        [{ signature: { signature, algorithm, keyId, keyVersion } }, stranger],
        [{ signature: json }, stranger],
        [{ signatureId }, marty.token()],
        [{ signatureId }, marty.token({ subject: 'audit', roles: ['auditor'], permissions: [] })],
      ] as const) {
        const verified = await verify({ ...subject, ...by }, token)
        assert.equal(verified.status, 200, verified.text)
        assert.deepEqual(verified.json, { valid: true })
      }
    }
    const notTheirs = await verify({ document, signatureId }, marty.token({ subject: 'another' }))
    assert.deepEqual([notTheirs.status, notTheirs.json.code], [404, 'signature_not_found'])
    const missing = await verify({ document, signatureId: randomUUID() }, marty.token({ subject: 'another' }))
    assert.equal(notTheirs.json.title, missing.json.title)
    const unread = await verify({ document, signatureId }, stranger)
    assert.deepEqual([unread.status, unread.json.code], [403, 'role_missing'])
    const other = await verify({ document: Buffer.from('forgery').toString('base64'), signatureId })
    assert.deepEqual([other.status, other.json], [200, { valid: false, reason: 'signature_mismatch' }])
  })

  it('says 404 for a signatureId that does not exist', async () => {
    const body = { document: 'AAAA', signatureId: randomUUID() }
    const verified = await marty.request('POST', '/v1/documents/verify', { token: marty.token(), body })
    assert.deepEqual([verified.status, verified.json.code], [404, 'signature_not_found'])
  })
})

describe('audit records', () => {
  it('are for the signer who made them and for auditors; to others they do not exist', async () => {
    const { json } = await sign('mine', 'owner')
    const read = (claims: Parameters<TestPlatform['token']>[0]) =>
      marty.request('GET', `/v1/signatures/${json.signatureId}`, { token: marty.token(claims) })

    const own = await read({ subject: 'owner' })
    assert.equal(own.status, 200, own.text)
    assert.deepEqual([own.json.principal, own.json.documentHashAlgorithm], ['owner', 'SHA-256'])
    const auditor = await read({ subject: 'audit', roles: ['auditor'], permissions: [] })
    assert.deepEqual(auditor.json, own.json)
    const stranger = await read({ subject: 'stranger' })
    assert.deepEqual([stranger.status, stranger.json.code], [404, 'signature_not_found'])
    const missing = await marty.request('GET', `/v1/signatures/${randomUUID()}`, { token: marty.token() })
    const same = ({ json: { correlationId: _, ...rest } }: { json: Record<string, unknown> }) => rest
    assert.deepEqual(same(stranger), same(missing), 'a record of somebody else looks like none')
    const nobody = await read({ subject: 'nobody', roles: [], permissions: [] })
    assert.deepEqual([nobody.status, nobody.json.code], [403, 'role_missing'])
  })

  it('are listed newest first, page by page, without gaps or duplicates', async () => {
    const made: Record<string, string[]> = { alice: [], bob: [] }
    for (let n = 0; n < 12; n += 1) {
      const subject = n % 2 === 0 ? 'alice' : 'bob'
      made[subject]?.push((await sign(`page ${n}`, subject)).json.signatureId)
    }
    const alice = await pages(marty.token({ subject: 'alice' }), 4)
    assert.deepEqual(alice.sizes, [4, 2])
    assert.deepEqual(alice.ids, made['alice']?.toReversed())

    const everything = await pages(marty.token({ subject: 'audit', roles: ['auditor'] }), 5)
    const ours = everything.ids.filter(id => made['alice']?.includes(id) || made['bob']?.includes(id))
    assert.equal(ours.length, 12)
    assert.deepEqual(everything.ids, everything.ids.toSorted().toReversed(), 'newest first: ids sort by time')
    assert.equal(new Set(everything.ids).size, everything.ids.length)
    assert.ok(everything.sizes.slice(0, -1).every(size => size === 5))
  })

  it('come in pages of at most 100 and 20 by default', async () => {
    const token = marty.token({ subject: 'nothing-yet' })
    const empty = await marty.request('GET', '/v1/signatures', { token })
    assert.deepEqual([empty.status, empty.json], [200, { signatures: [] }])
    for (const limit of ['0', '101', '-1', '1.5', 'ten', '']) {
      const refused = await marty.request('GET', `/v1/signatures?limit=${limit}`, { token })
      assert.deepEqual([refused.status, refused.json.code], [422, 'validation_failed'], limit)
    }
  })

  it('refuse the cursor of another query', async () => {
    await sign('one', 'cursor-a')
    await sign('two', 'cursor-a')
    await sign('one', 'cursor-b')
    await sign('two', 'cursor-b')
    const first = (token: string) => marty.request('GET', '/v1/signatures?limit=1', { token })
    const auditor = marty.token({ roles: ['auditor'] })
    const [a, b] = [marty.token({ subject: 'cursor-a' }), marty.token({ subject: 'cursor-b' })]
    const [ofA, ofAuditor] = [(await first(a)).json.cursor, (await first(auditor)).json.cursor]
    const far = ofAuditor.replace(/^\d{4}/, '9999')
    const tries = [
      [b, ofA],
      [a, ofAuditor],
      [auditor, ofA],
      [auditor, far],
      [auditor, '9999-12.'],
      [auditor, 'garbage'],
      [a, 'garbage'],
    ]
    for (const [token, cursor = ''] of tries) {
      const refused = await marty.request('GET', `/v1/signatures?limit=1&cursor=${encodeURIComponent(cursor)}`, {
        ...defined({ token }),
      })
      assert.deepEqual([refused.status, refused.json.code], [422, 'cursor_invalid'], cursor)
    }
  })

  async function pages(token: string, limit: number) {
    const ids: string[] = []
    const sizes: number[] = []
    let cursor: string | undefined
    do {
      const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page = await marty.request('GET', `/v1/signatures?limit=${limit}${query}`, { token })
      assert.equal(page.status, 200, page.text)
      sizes.push(page.json.signatures.length)
      ids.push(...page.json.signatures.map(({ signatureId }: { signatureId: string }) => signatureId))
      cursor = page.json.cursor
    } while (cursor !== undefined && sizes.length < 50)
    return { ids, sizes }
  }
})

describe('published keys', () => {
  it('are public, as JWK or, when asked for, as PEM', async () => {
    const jwk = await marty.request('GET', keyPath)
    assert.equal(jwk.status, 200, jwk.text)
    assert.deepEqual(
      [jwk.json.kty, jwk.json.crv, jwk.json.kid, jwk.json.use],
      ['EC', 'P-256', 'document_signer-ecc-nist-p256.1', 'sig'],
    )
    assert.equal(jwk.json.d, undefined)
    const pem = await marty.request('GET', keyPath, { headers: { accept: 'application/x-pem-file' } })
    assert.equal(pem.headers.get('content-type'), 'application/x-pem-file')
    assert.equal(pem.headers.get('vary'), 'accept')
    assert.match(pem.text, /^-----BEGIN PUBLIC KEY-----\n[\s\S]+\n-----END PUBLIC KEY-----\n$/)
    const published = createPublicKey({ key: jwk.json, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    assert.equal(pem.text, published)
  })

  it('are 404 when unknown, 406 in an unknown form', async () => {
    for (const path of ['/v1/keys/none/versions/1', keyPath.replace(/1$/, '2'), '/v1/keys/%2e%2e%2fetc/versions/1']) {
      const missing = await marty.request('GET', path)
      assert.deepEqual([missing.status, missing.json.code], [404, 'key_not_found'], path)
    }
    const html = await marty.request('GET', keyPath, { headers: { accept: 'text/html' } })
    assert.deepEqual([html.status, html.json.code], [406, 'not_acceptable'])
    for (const version of ['0', '-1', '1e3', '99999999']) {
      const refused = await marty.request('GET', keyPath.replace(/1$/, version))
      assert.deepEqual([refused.status, refused.json.code], [422, 'validation_failed'], version)
    }
  })

  it('hold document keys only: the key of the token issuer is another one', async () => {
    const set = await marty.request('GET', '/v1/keys/jwks')
    assert.deepEqual([set.status, set.headers.get('cache-control')], [200, 'public, max-age=60'])
    assert.deepEqual(set.json.keys.map(({ kid }: { kid: string }) => kid).sort(), [
      'document_signer-ecc-nist-p256.1',
      'document_signer-rsa-3072.1',
    ])
    for (const key of set.json.keys) {
      assert.deepEqual([key.use, key.key_ops], ['sig', ['verify']])
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'priv']) assert.equal(key[secret], undefined)
    }
    const issuer = openLocalIssuer({ dataDirectory: marty.dataDirectory, clock: { now: () => new Date() } })
    const [tokenKey] = issuer.jwks.keys
    assert.ok(!set.text.includes(String(tokenKey?.['x'])))
  })
})

describe('every answer', () => {
  it('carries the correlation id of the client, or one of ours', async () => {
    const ours = await marty.request('GET', '/health')
    assert.match(ours.headers.get('x-correlation-id') ?? '', /^[0-9a-f-]{36}$/)
    const asked = await marty.request('GET', '/nowhere', { headers: { 'x-correlation-id': 'order-4711' } })
    assert.equal(asked.headers.get('x-correlation-id'), 'order-4711')
    assert.equal(asked.json.correlationId, 'order-4711')
    const hostile = await marty.request('GET', '/health', { headers: { 'x-correlation-id': '{"a": 1}' } })
    assert.match(hostile.headers.get('x-correlation-id') ?? '', /^[0-9a-f-]{36}$/)
  })

  it('has security headers and is not cached', async () => {
    for (const path of ['/health', '/nowhere', '/v1/signatures']) {
      const { headers } = await marty.request('GET', path)
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
      assert.match(headers.get('strict-transport-security') ?? '', /^max-age=\d{7,}/)
      assert.equal(headers.get('cache-control'), 'no-store')
    }
  })
})

describe('what is not there', () => {
  it('is 404 as problem+json', async () => {
    for (const path of ['/', '/v1', '/v1/', '/v1/documents', '/health/', '/v1/documents/sign/', '//x/health', '//[']) {
      const missing = await marty.request('GET', path)
      assert.deepEqual([missing.status, missing.json?.code], [404, 'route_not_found'], `${path}: ${missing.text}`)
      assert.equal(missing.headers.get('content-type'), 'application/problem+json')
    }
    for (const name of ['other', '__proto__', 'constructor']) {
      const plugin = await marty.request('GET', `/plugins/${name}/health`)
      assert.deepEqual([plugin.status, plugin.json.code], [404, 'plugin_not_found'], name)
    }
  })

  it('is 405 with Allow where only the method is wrong', async () => {
    const tries = [
      ['GET', '/v1/documents/sign', 'POST'],
      ['DELETE', '/v1/documents/verify', 'POST'],
      ['POST', '/v1/signatures', 'GET, HEAD'],
      ['PUT', '/v1/keys/jwks', 'GET, HEAD'],
      ['POST', '/health', 'GET, HEAD'],
      ['PATCH', '/openapi.json', 'GET, HEAD'],
      ['OPTIONS', '/v1/documents/sign', 'POST'],
    ]
    for (const [method = '', path = '', allow] of tries) {
      const refused = await marty.request(method, path)
      assert.deepEqual([refused.status, refused.headers.get('allow')], [405, allow], `${method} ${path}`)
      assert.equal(refused.json.code, 'method_not_allowed')
    }
    const head = await marty.request('HEAD', '/v1/documents/sign')
    assert.deepEqual([head.status, head.text], [405, ''])
  })

  it('is 422 when it is a query parameter', async () => {
    const token = marty.token()
    const body = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }
    const tries = [
      marty.request('GET', '/health?verbose=1'),
      marty.request('GET', '/v1/signatures?sort=asc', { token }),
      marty.request('GET', `${keyPath}?constructor=1`),
      marty.request('GET', '/v1/signatures?limit=1&limit=2', { token }),
      marty.request('GET', `${keyPath}?version=2`),
      marty.request('POST', '/v1/documents/sign?dry_run=true', { token, body }),
    ]
    for (const refused of await Promise.all(tries)) {
      assert.deepEqual([refused.status, refused.json.code], [422, 'validation_failed'], refused.text)
    }
  })
})
