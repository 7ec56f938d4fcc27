import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type JsonWebKey, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { fixedEcdsaSignature, parseEcdsaSignature } from '../../../layer/framework/src/keys/ecdsa-der.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { es256, goodClaims, hs256, openedIssuer, signingInput } from '../support/tokens.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const signBody = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }

/** Every operation that needs a token, each as its own client would call it. */
const guarded: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['POST', '/v1/documents/sign', signBody],
  ['POST', '/v1/documents/verify', { document: 'AAAA', signatureId: '0193c1a0-0000-7000-8000-000000000000' }],
  ['GET', '/v1/signatures'],
  ['GET', '/v1/signatures/0193c1a0-0000-7000-8000-000000000000'],
]

function assertUnauthorized(answer: TestAnswer, code: string, about: string) {
  assert.deepEqual([answer.status, answer.json.code], [401, code], `${about}: ${answer.text}`)
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  const challenge = answer.headers.get('www-authenticate') ?? ''
  assert.match(challenge, /^Bearer realm="marty"/, about)
  if (code.startsWith('token_')) assert.match(challenge, /error="invalid_token"/, about)
}

/** Tries a token on every guarded operation. */
async function refused(token: string, code: string, about: string) {
  for (const [method, path, body] of guarded) {
    assertUnauthorized(await marty.request(method, path, { token, body }), code, `${about}: ${method} ${path}`)
  }
}

describe('401', () => {
  it('answers a request without a token', async () => {
    for (const [method, path, body] of guarded) {
      assertUnauthorized(await marty.request(method, path, { body }), 'authentication_required', path)
    }
    for (const authorization of ['', 'Basic YTpi', 'bearer', marty.token()]) {
      const answer = await marty.request('GET', '/v1/signatures', { headers: { authorization } })
      assertUnauthorized(
        answer,
        authorization === 'bearer' ? 'token_malformed' : 'authentication_required',
        authorization,
      )
    }
  })

  it('answers garbage in place of a token', async () => {
    const good = marty.token()
    const [header = '', payload = ''] = good.split('.')
    const tries = ['x', 'a.b.c', `${good}.`, `${header}.${payload}`, `${good} ${good}`, `${good},${good}`, `${good}=`]
    for (const token of [...tries, `"${good}"`, 'A'.repeat(9000)]) {
      await refused(token, 'token_malformed', token.slice(0, 20))
    }
  })

  it('answers a token that has expired', async () => {
    const { kid, privateKey } = openedIssuer(marty.dataDirectory)
    const now = Math.floor(Date.now() / 1000)
    const expired = { ...goodClaims(), iat: now - 4000, exp: now - 31 }
    await refused(es256({ kid }, expired, privateKey), 'token_expired', 'expired beyond the leeway of 30 s')
    const early = { ...goodClaims(), nbf: now + 120 }
    await refused(es256({ kid }, early, privateKey), 'token_not_yet_valid', 'nbf')
    const within = es256({ kid }, { ...goodClaims(), exp: now - 5 }, privateKey)
    assert.equal((await marty.request('GET', '/v1/signatures', { token: within })).status, 200, 'the leeway holds')
  })

  it('answers a token of another issuer, or for another audience', async () => {
    const { kid, privateKey } = openedIssuer(marty.dataDirectory)
    const claims = goodClaims()
    for (const change of [
      { iss: 'https://other.example' },
      { iss: undefined },
      { aud: 'other' },
      { aud: ['a', 'b'] },
    ]) {
      const token = es256({ kid }, { ...claims, ...change }, privateKey)
      await refused(token, 'token_claim_invalid', JSON.stringify(change))
    }
    const several = es256({ kid }, { ...claims, aud: ['other', 'marty'] }, privateKey)
    assert.equal((await marty.request('GET', '/v1/signatures', { token: several })).status, 200)
  })

  it('answers alg none, and HS256 with the public key as its secret', async () => {
    const { kid, jwk, privateKey } = openedIssuer(marty.dataDirectory)
    const input = signingInput({ alg: 'none', kid, typ: 'JWT' }, goodClaims())
    await refused(`${input}.`, 'token_algorithm_refused', 'none')
    const publicKey = createPublicKey(privateKey)
    const secrets = [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
    ]
    for (const secret of secrets) {
      await refused(hs256({ kid }, goodClaims(), secret), 'token_algorithm_refused', 'HS256')
    }
  })

  it('answers a token with an unknown kid, or signed by another key', async () => {
    const { kid, privateKey } = openedIssuer(marty.dataDirectory)
    await refused(es256({ kid: 'another' }, goodClaims(), privateKey), 'token_key_unknown', 'kid')
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await refused(es256({ kid }, goodClaims(), stranger.privateKey), 'token_signature_invalid', 'another key')
    const jwk = stranger.publicKey.export({ format: 'jwk' })
    await refused(es256({ kid, jwk }, goodClaims(), stranger.privateKey), 'token_signature_invalid', 'a key of its own')
  })

  it('answers a changed token', async () => {
    const [header, payload, signature = ''] = marty.token().split('.')
    const claims = Buffer.from(JSON.stringify(goodClaims())).toString('base64url')
    await refused(`${header}.${claims}.${signature}`, 'token_signature_invalid', 'claims exchanged')
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    for (const other of [flipped, `${signature}A`, '']) {
      await refused(`${header}.${payload}.${other}`, 'token_signature_invalid', `signature ${other}`)
    }
  })

  it('answers a token that a document key has signed', async () => {
    const { kid } = openedIssuer(marty.dataDirectory)
    for (const [name, code] of [
      ['document_signer-ecc-nist-p256.1', 'token_key_unknown'],
      [kid, 'token_signature_invalid'],
    ] as const) {
      // Somebody who may sign documents signs a token as if it were one.
      const input = signingInput({ alg: 'ES256', typ: 'JWT', kid: name }, goodClaims())
      const body = { document: Buffer.from(input).toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }
      const { json } = await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })
      const token = `${input}.${p1363(json.signature)}`
      const { json: jwk } = await marty.request('GET', '/v1/keys/document_signer-ecc-nist-p256/versions/1')
      assert.ok(verifies(token, jwk), 'the token itself is well made')
      await refused(token, code, name)
    }
  })

  it('answers a token in the query string: it is not looked at', async () => {
    const query = `access_token=${marty.token()}`
    const sign = await marty.request('POST', `/v1/documents/sign?${query}`, { body: signBody })
    assertUnauthorized(sign, 'authentication_required', 'sign')
    assertUnauthorized(await marty.request('GET', `/v1/signatures?${query}`), 'authentication_required', 'list')
  })

  /** The JOSE form of a DER signature (RFC 7518 §3.4). */
  function p1363(der: string): string {
    const numbers = parseEcdsaSignature(Buffer.from(der, 'base64'))
    const fixed = numbers && fixedEcdsaSignature(numbers, 32)
    assert.ok(fixed)
    return Buffer.from(fixed).toString('base64url')
  }

  function verifies(token: string, jwk: JsonWebKey): boolean {
    const at = token.lastIndexOf('.')
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const signature = Buffer.from(token.slice(at + 1), 'base64url')
    return verify('sha256', Buffer.from(token.slice(0, at)), { key, dsaEncoding: 'ieee-p1363' }, signature)
  }
})
