import assert from 'node:assert/strict'
import { createHash, createPublicKey, type JsonWebKey, randomUUID, verify, webcrypto } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

/** Width of R ‖ S in bytes (RFC 7518 §3.4), curve and hash as WebCrypto names them. */
const ecdsa = {
  'ECDSA-SHA256': { bytes: 64, namedCurve: 'P-256', hash: 'SHA-256' },
  'ECDSA-SHA384': { bytes: 96, namedCurve: 'P-384', hash: 'SHA-384' },
  'ECDSA-SHA512': { bytes: 132, namedCurve: 'P-521', hash: 'SHA-512' },
} as const
const names = Object.keys(ecdsa) as (keyof typeof ecdsa)[]

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith(...names, 'RSA-SHA256', 'ML-DSA-44') })
})
after(() => marty.stop())

const text = Buffer.from('A document that a JOSE library will see')
const document = text.toString('base64')

function sign(body: object, headers: Record<string, string> = {}) {
  return marty.request('POST', '/v1/documents/sign', { token: marty.token(), body: { document, ...body }, headers })
}
const verified = async (body: object) =>
  (await marty.request('POST', '/v1/documents/verify', { token: marty.token(), body: { document, ...body } })).json

// biome-ignore lint/suspicious/noExplicitAny: an answer.
type Answer = any
const pick = ({ signature, algorithm, keyId, keyVersion }: Answer) => ({ signature, algorithm, keyId, keyVersion })

describe('ECDSA signatures in the form of JOSE (IEEE P1363)', () => {
  for (const algorithm of names) {
    const { bytes, namedCurve, hash } = ecdsa[algorithm]
    test(`${algorithm}: R ‖ S of exactly ${bytes} bytes, which node:crypto and WebCrypto accept`, async () => {
      for (const subject of [{ document }, { document: undefined, digest: digestOf(hash) }]) {
        // Short numbers are padded: one signature in 128 has one.
        const answer = await sign({ ...subject, signingAlgorithm: algorithm, signatureFormat: 'p1363' })
        assert.equal(answer.status, 201, answer.text)
        assert.equal(answer.json.signatureFormat, 'p1363')
        const signature = Buffer.from(answer.json.signature, 'base64')
        assert.equal(signature.length, bytes)
        const jwk: JsonWebKey = (
          await marty.request('GET', `/v1/keys/${answer.json.keyId}/versions/${answer.json.keyVersion}`)
        ).json
        const key = createPublicKey({ key: jwk, format: 'jwk' })
        assert.ok(verify(hash.replace('-', ''), text, { key, dsaEncoding: 'ieee-p1363' }, signature))
        const parameters = { name: 'ECDSA', namedCurve, hash }
        const { kty, crv, x, y } = jwk
        const bare = { kty, crv, x, y } as webcrypto.JsonWebKey
        const imported = await webcrypto.subtle.importKey('jwk', bare, parameters, false, ['verify'])
        assert.ok(await webcrypto.subtle.verify(parameters, imported, signature, text))
      }
    })

    test(`${algorithm}: each form verifies as itself, by value and by record, and never as the other`, async () => {
      for (const signatureFormat of ['p1363', 'der'] as const) {
        const { json } = await sign({ signingAlgorithm: algorithm, signatureFormat })
        const other = signatureFormat === 'der' ? 'p1363' : 'der'
        assert.deepEqual(await verified({ signature: json }), { valid: true }, 'the answer as it came')
        assert.deepEqual(await verified({ signature: { ...pick(json), signatureFormat } }), { valid: true })
        assert.deepEqual(await verified({ signatureId: json.signatureId }), { valid: true })
        const malformed = { valid: false, reason: 'signature_malformed' }
        assert.deepEqual(await verified({ signature: { ...pick(json), signatureFormat: other } }), malformed)
        if (signatureFormat === 'p1363') {
          assert.deepEqual(await verified({ signature: pick(json) }), malformed, 'DER unless the form is named')
          const record = await marty.request('GET', `/v1/signatures/${json.signatureId}`, { token: marty.token() })
          assert.equal(record.json.signatureFormat, 'p1363')
          assert.equal(record.json.signature, json.signature)
        }
      }
    })
  }

  test('a signature of another length, of zeros, or with a changed byte is invalid', async () => {
    const { json } = await sign({ signingAlgorithm: 'ECDSA-SHA256', signatureFormat: 'p1363' })
    const good = Buffer.from(json.signature, 'base64')
    const given = (bytes: Buffer) => ({
      signature: { ...pick(json), signatureFormat: 'p1363', signature: bytes.toString('base64') },
    })
    for (const bytes of [good.subarray(1), Buffer.concat([good, Buffer.of(0)]), Buffer.concat([Buffer.of(0), good])]) {
      assert.deepEqual(await verified(given(bytes)), { valid: false, reason: 'signature_malformed' })
    }
    const changed = Buffer.from(good)
    changed[63] = (changed[63] ?? 0) ^ 1
    for (const bytes of [Buffer.alloc(64), Buffer.alloc(64, 0xff), changed]) {
      assert.deepEqual(await verified(given(bytes)), { valid: false, reason: 'signature_mismatch' })
    }
  })

  test('DER is what is answered unless another form is asked for', async () => {
    const { json } = await sign({ signingAlgorithm: 'ECDSA-SHA256' })
    assert.equal(json.signatureFormat, 'der')
    assert.equal(Buffer.from(json.signature, 'base64')[0], 0x30)
    const row = storedRows(marty.dataDirectory, 'signature_records').find(one => one.signatureId === json.signatureId)
    assert.equal(row?.signatureFormat, undefined, 'rows stay as the version before read them')
    const record = await marty.request('GET', `/v1/signatures/${json.signatureId}`, { token: marty.token() })
    assert.equal(record.json.signatureFormat, 'der')
  })

  for (const signingAlgorithm of ['RSA-SHA256', 'ML-DSA-44']) {
    test(`${signingAlgorithm} has no choice of form: it is refused, and nothing is signed`, async () => {
      const before = storedRows(marty.dataDirectory, 'signature_records').length
      for (const signatureFormat of ['p1363', 'der']) {
        const refused = await sign({ signingAlgorithm, signatureFormat })
        assert.equal(refused.status, 422)
        assert.equal(refused.json.code, 'signature_format_not_supported')
        assert.match(refused.json.detail, new RegExp(`${signatureFormat}.*${signingAlgorithm}.*ECDSA-SHA256`))
      }
      assert.equal(storedRows(marty.dataDirectory, 'signature_records').length, before)
      const { json } = await sign({ signingAlgorithm })
      assert.equal(json.signatureFormat, undefined)
      const answer = await marty.request('POST', '/v1/documents/verify', {
        token: marty.token(),
        body: { document, signature: { ...pick(json), signatureFormat: 'p1363' } },
      })
      assert.deepEqual([answer.status, answer.json.code], [422, 'signature_format_not_supported'])
    })
  }

  test('another word is refused with those that there are', async () => {
    const refused = await sign({ signingAlgorithm: 'ECDSA-SHA256', signatureFormat: 'jose' })
    assert.equal(refused.status, 422)
    assert.equal(refused.json.code, 'validation_failed')
    assert.match(refused.text, /signatureFormat/)
    assert.match(refused.text, /p1363/)
  })

  test('a repeated request gets the same signature in the same form; another form under its key is another request', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const body = { signingAlgorithm: 'ECDSA-SHA256', signatureFormat: 'p1363' }
    const first = await sign(body, headers)
    const again = await sign(body, headers)
    assert.equal(again.status, 201)
    assert.deepEqual(again.json, first.json)
    const other = await sign({ ...body, signatureFormat: 'der' }, headers)
    assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused'])
  })
})

function digestOf(hash: string): string {
  return createHash(hash.replace('-', '')).update(text).digest('base64')
}
