import assert from 'node:assert/strict'
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isMmfError } from '../../errors/mmf-error.ts'
import type { JwsAlgorithm } from './jws-algorithms.ts'
import { staticKeySource } from './static-key-source.ts'
import { createTokenVerifier } from './token-verifier.ts'
import {
  base64url,
  goodClaims,
  hmacToken,
  signatureOf,
  testAudience,
  testClock,
  testIssuer,
  testKey,
  testNow,
  tokenOf,
  withCode,
} from './tokens.fixture.ts'

const algorithms: JwsAlgorithm[] = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA']
const es = testKey('ES256', 'es')
const rs = testKey('RS256', 'rs')

function verifierOf(keys: readonly JsonWebKey[] = [es.jwk, rs.jwk], now = testNow) {
  const jwks = staticKeySource({ keys })
  return createTokenVerifier({ issuer: testIssuer, audience: testAudience, jwks, algorithms, clock: testClock(now) })
}

const verifier = verifierOf()
const refused = (token: string, code: string, by = verifier) => assert.rejects(by.verify(token), withCode(code))

describe('token verifier', () => {
  it('returns the principal, scope words among the permissions', async () => {
    const token = tokenOf(es, { ...goodClaims, aud: ['other', testAudience], scope: 'read_keys sign_documents' })
    assert.deepEqual(await verifier.verify(token), {
      subject: 'alice',
      issuer: testIssuer,
      roles: ['document_signer'],
      permissions: ['sign_documents', 'read_keys'],
      method: 'jwt',
    })
    const { roles: _roles, permissions: _permissions, ...bare } = goodClaims
    assert.deepEqual(await verifier.verify(tokenOf(es, bare)), {
      subject: 'alice',
      issuer: testIssuer,
      roles: [],
      permissions: [],
      method: 'jwt',
    })
  })

  for (const alg of algorithms) {
    it(`verifies ${alg} and refuses it after a change of one bit`, async () => {
      const key = testKey(alg, 'k')
      const by = verifierOf([key.jwk])
      const token = tokenOf(key)
      assert.equal((await by.verify(token)).subject, 'alice')
      const [header = '', payload = '', signature = ''] = token.split('.')
      const bytes = Buffer.from(signature, 'base64url')
      bytes.writeUInt8(bytes.readUInt8(10) ^ 1, 10)
      await refused(`${header}.${payload}.${bytes.toString('base64url')}`, 'token_signature_invalid', by)
      const forged = base64url({ ...goodClaims, sub: 'mallory' })
      await refused(`${header}.${forged}.${signature}`, 'token_signature_invalid', by)
    })
  }

  it('accepts each typ that means a JWT, and no other', async () => {
    for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt', undefined]) {
      await verifier.verify(tokenOf(es, goodClaims, { typ }))
    }
    await refused(tokenOf(es, goodClaims, { typ: 'dpop+jwt' }), 'token_malformed')
    await refused(tokenOf(es, goodClaims, { typ: 7 }), 'token_malformed')
  })

  it('refuses alg none, HMAC with the public key as secret, and algorithms outside the list', async () => {
    const unsigned = `${base64url({ alg: 'none', kid: 'es' })}.${base64url(goodClaims)}.`
    await refused(unsigned, 'token_algorithm_refused')
    await refused(
      unsigned.replace(base64url({ alg: 'none', kid: 'es' }), base64url({ alg: 'NoNe' })),
      'token_algorithm_refused',
    )
    const publicKey = createPublicKey({ key: rs.jwk, format: 'jwk' })
    const pem = publicKey.export({ type: 'spki', format: 'pem' })
    const der = publicKey.export({ type: 'spki', format: 'der' })
    for (const secret of [pem, der, JSON.stringify(rs.jwk)]) {
      await refused(hmacToken({ alg: 'HS256', kid: 'rs' }, goodClaims, secret), 'token_algorithm_refused')
    }
    await refused(tokenOf({ ...rs, alg: 'RS384' }), 'token_algorithm_refused')
    await refused(tokenOf(es, goodClaims, { alg: 'toString' }), 'token_algorithm_refused')
  })

  it('refuses HS256 even when the issuer publishes a symmetric key', async () => {
    const secret = Buffer.alloc(32, 7)
    const by = verifierOf([es.jwk, { kty: 'oct', kid: 'shared', alg: 'HS256', k: secret.toString('base64url') }])
    const token = hmacToken({ alg: 'HS256', kid: 'shared' }, goodClaims, secret)
    const [header, payload, mac] = token.split('.')
    assert.equal(mac, createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url'))
    await refused(token, 'token_algorithm_refused', by)
  })

  it('cannot be configured to accept none or HMAC, nor without issuer, audience or algorithm', () => {
    const good = {
      issuer: testIssuer,
      audience: testAudience,
      algorithms,
      clock: testClock(),
      jwks: staticKeySource({ keys: [] }),
    }
    for (const bad of ['none', 'HS256', 'HS512', '__proto__', 'constructor']) {
      assert.throws(() => createTokenVerifier({ ...good, algorithms: [bad as JwsAlgorithm] }), TypeError)
    }
    assert.throws(() => createTokenVerifier({ ...good, algorithms: [] }), TypeError)
    assert.throws(() => createTokenVerifier({ ...good, issuer: '' }), TypeError)
    assert.throws(() => createTokenVerifier({ ...good, audience: [] }), TypeError)
    assert.throws(() => createTokenVerifier({ ...good, leewaySeconds: 301 }), TypeError)
    assert.throws(() => createTokenVerifier({ ...good, leewaySeconds: Number.NaN }), TypeError)
  })

  it('refuses another issuer, another audience, and names the claim', async () => {
    await refused(tokenOf(es, { ...goodClaims, iss: `${testIssuer}/` }), 'token_claim_invalid')
    await refused(tokenOf(es, { ...goodClaims, aud: 'martyr' }), 'token_claim_invalid')
    await refused(tokenOf(es, { ...goodClaims, aud: [['marty']] }), 'token_claim_invalid')
    const error = await verifier.verify(tokenOf(es, { ...goodClaims, aud: 'else' })).catch((cause: unknown) => cause)
    assert(isMmfError(error, 'token_claim_invalid'))
    assert.deepEqual(error.members, { claim: 'aud' })
  })

  for (const claim of ['iss', 'aud', 'sub', 'iat', 'exp'] as const) {
    it(`requires ${claim}`, async () => {
      const { [claim]: _left, ...claims } = goodClaims
      const error = await verifier.verify(tokenOf(es, claims)).catch((cause: unknown) => cause)
      assert(isMmfError(error, 'token_claim_invalid'))
      assert.deepEqual(error.members, { claim })
      await refused(tokenOf(es, { ...goodClaims, [claim]: {} }), 'token_claim_invalid')
      await refused(tokenOf(es, { ...goodClaims, [claim]: null }), 'token_claim_invalid')
    })
  }

  it('refuses claims of the wrong type', async () => {
    for (const claims of [{ roles: 'admin' }, { permissions: [1] }, { scope: ['a'] }, { nbf: '0' }, { sub: '' }]) {
      await refused(tokenOf(es, { ...goodClaims, ...claims }), 'token_claim_invalid')
    }
    await refused(tokenOf(es, { ...goodClaims, sub: 'x'.repeat(256) }), 'token_claim_invalid')
    await refused(tokenOf(es, { ...goodClaims, sub: 'alice\ud800' }), 'token_claim_invalid')
    for (const payload of [[], null, 'text', 7]) {
      await refused(tokenOf(es, JSON.stringify(payload)), 'token_malformed')
    }
  })

  it('holds exp and nbf to the second, leeway included', async () => {
    const at = (milliseconds: number) => verifierOf([es.jwk], milliseconds)
    const token = tokenOf(es, {
      ...goodClaims,
      iat: testNow / 1000,
      nbf: testNow / 1000 + 10,
      exp: testNow / 1000 + 100,
    })
    await refused(token, 'token_not_yet_valid', at(testNow + 10_000 - 30_000 - 1))
    await at(testNow + 10_000 - 30_000).verify(token)
    await at(testNow + 100_000 + 30_000 - 1).verify(token)
    await refused(token, 'token_expired', at(testNow + 100_000 + 30_000))
    const early = tokenOf(es, { ...goodClaims, iat: testNow / 1000 + 31 })
    await refused(early, 'token_not_yet_valid')
  })

  it('refuses an unknown kid, an ambiguous kid, a key for another algorithm or another use', async () => {
    const other = testKey('ES256', 'other')
    await refused(tokenOf(other), 'token_key_unknown')
    await refused(tokenOf(es), 'token_key_unknown', verifierOf([es.jwk, { ...other.jwk, kid: 'es' }]))
    await refused(tokenOf(es), 'token_key_unknown', verifierOf([es.jwk, { kty: 'oct', kid: 'es', k: 'AAAA' }]))
    await refused(tokenOf(rs, goodClaims, { kid: 'es' }), 'token_algorithm_refused')
    await refused(tokenOf({ ...rs, alg: 'PS256' }), 'token_algorithm_refused')
    await refused(tokenOf(es), 'token_key_unknown', verifierOf([{ ...es.jwk, use: 'enc' }]))
    await refused(tokenOf(es), 'token_key_unknown', verifierOf([{ ...es.jwk, key_ops: ['sign'] }]))
  })

  it('takes a token without kid only when exactly one key fits', async () => {
    const token = tokenOf(es, goodClaims, { kid: undefined })
    await verifier.verify(token)
    await refused(token, 'token_key_unknown', verifierOf([es.jwk, testKey('ES256', 'two').jwk]))
    await refused(token, 'token_key_unknown', verifierOf([rs.jwk]))
  })

  it('refuses weak RSA keys', async () => {
    const weak = testKey('RS256', 'weak', 1024)
    await refused(tokenOf(weak), 'token_key_unknown', verifierOf([weak.jwk]))
    for (const e of ['AQ', 'AA', 'Ag', 'AQAA']) {
      await refused(tokenOf(rs), 'token_key_unknown', verifierOf([{ ...rs.jwk, e }]))
    }
  })

  it('refuses a key that is not on its curve', async () => {
    const broken = { ...es.jwk, x: es.jwk.y ?? '' }
    await refused(tokenOf(es), 'token_signature_invalid', verifierOf([broken]))
  })

  it('never looks at keys the token brings along', async () => {
    const mallory = testKey('ES256', 'es')
    await refused(tokenOf(mallory, goodClaims, { jwk: mallory.jwk }), 'token_signature_invalid')
    await refused(tokenOf(mallory, goodClaims, { kid: undefined, jwk: mallory.jwk }), 'token_signature_invalid')
  })

  it('refuses crit, b64, sloppy base64url, more than 8 KB', async () => {
    await refused(tokenOf(es, goodClaims, { crit: ['exp'], exp: 1 }), 'token_malformed')
    await refused(tokenOf(es, goodClaims, { b64: false }), 'token_malformed')
    const token = tokenOf(es)
    for (const bad of [`${token}=`, ` ${token}`, `${token}\n`, `${token}.`, token.replace('.', '..'), '', '..']) {
      await refused(bad, 'token_malformed')
    }
    const input = `${base64url(`\ufeff{"alg":"ES256","kid":"es"}`)}.${base64url(goodClaims)}`
    await refused(`${input}.${signatureOf(es, input)}`, 'token_malformed')
    await refused(tokenOf(es, { ...goodClaims, padding: 'x'.repeat(8192) }), 'token_malformed')
    await verifier.verify(tokenOf(es, { ...goodClaims, padding: 'x'.repeat(5000) }))
  })

  it('refuses a header or payload in which a member is there twice, and names it', async () => {
    const { payload, kid } = { payload: JSON.stringify(goodClaims), kid: '"alg":"ES256","kid":"es"' }
    const texts = [
      [`{${kid},"kid":"rs"}`, payload, 'kid'],
      [`{${kid},"al\\u0067":"none"}`, payload, 'alg'],
      [`{${kid},"jwk":{"x":1,"x":2}}`, payload, 'jwk.x'],
      [`{${kid}}`, payload.replace('{', '{"sub":"mallory",'), 'sub'],
      [`{${kid}}`, payload.replace('{', '{"s\\u0075b":"mallory",'), 'sub'],
      [`{${kid}}`, payload.replace('{', '{"a":[{"roles":[],"roles":["admin"]}],'), 'a.0.roles'],
      [`{${kid}}`, payload.replace('{', '{"__proto__":{"roles":["admin"]},'), '__proto__'],
    ]
    for (const [header, claims, path] of texts) {
      const input = `${base64url(header)}.${base64url(claims)}`
      const error = await verifier.verify(`${input}.${signatureOf(es, input)}`).catch((cause: unknown) => cause)
      assert(isMmfError(error, 'token_malformed'), `${header} ${claims}`)
      assert(error.message.includes(`: ${path}: `), error.message)
    }
  })

  it('throws nothing but its own errors, whatever comes in', async () => {
    const token = tokenOf(es)
    const part = fc.oneof(fc.string(), fc.json().map(base64url), fc.constantFrom(...token.split('.')))
    const mutated = fc.tuple(fc.nat(token.length - 1), fc.string({ maxLength: 2 })).map(([at, text]) => {
      return token.slice(0, at) + text + token.slice(at + 1)
    })
    const input = fc.oneof(
      fc.array(part, { maxLength: 5 }).map(parts => parts.join('.')),
      mutated,
      fc.anything(),
    )
    const judge = async (value: unknown) => {
      if (value === token) return
      const error = await verifier.verify(value as string).then(
        () => new Error(`accepted ${String(value)}`),
        (cause: unknown) => cause,
      )
      if (!isMmfError(error)) throw error
    }
    await fc.assert(fc.asyncProperty(input, judge), { numRuns: 500 })
  })
})
