import assert from 'node:assert/strict'
import type { JsonWebKey } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { goodClaims, hmacToken, testKey, tokenOf } from '../http/authentication/tokens.fixture.ts'
import { verifyJws } from './verify-jws.ts'

const es = testKey('ES256', 'es')

describe('verifyJws', () => {
  for (const alg of [
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ]) {
    it(`says yes to ${alg} and its key, no to another key`, async () => {
      const key = testKey(alg, 'k')
      const jws = tokenOf(key, 'any payload, also none')
      assert.equal(await verifyJws(jws, key.jwk), true)
      assert.equal(await verifyJws(tokenOf(key, ''), key.jwk), true)
      assert.equal(await verifyJws(jws, testKey(alg, 'k').jwk), false)
      assert.equal(await verifyJws(jws, { ...key.jwk, use: 'enc' }), false)
      assert.equal(await verifyJws(jws, { ...key.jwk, alg: 'RSA-OAEP' }), false)
    })
  }

  it('lets no other family and no weaker hash in than the key names', async () => {
    const rsa = testKey('PS384', 'k')
    const signedAs = (alg: string) => tokenOf({ ...rsa, alg })
    assert.equal(await verifyJws(signedAs('PS512'), rsa.jwk), true)
    assert.equal(await verifyJws(signedAs('PS256'), rsa.jwk), false)
    assert.equal(await verifyJws(signedAs('RS384'), rsa.jwk), false)
    assert.equal(await verifyJws(signedAs('RS512'), rsa.jwk), false)
  })

  it('says no to every symmetric signature', async () => {
    const k = Buffer.alloc(32, 1)
    const jwk = { kty: 'oct', k: k.toString('base64url'), alg: 'HS256', use: 'sig' }
    assert.equal(await verifyJws(hmacToken({ alg: 'HS256' }, goodClaims, k), jwk), false)
  })

  it('never throws', async () => {
    const key = fc.oneof(
      fc.constant(es.jwk),
      fc.anything(),
      fc.record({ kty: fc.constantFrom('EC', 'RSA', 'OKP'), x: fc.string() }),
    )
    const good = tokenOf(es)
    const jws = fc.oneof(fc.constant(good), fc.string(), fc.anything())
    const judge = async (text: unknown, jwk: unknown) => {
      assert.equal(await verifyJws(text as string, jwk as JsonWebKey), text === good && jwk === es.jwk)
    }
    await fc.assert(fc.asyncProperty(jws, key, judge), { numRuns: 300 })
  })
})
