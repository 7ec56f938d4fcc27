import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { staticKeySource } from './static-key-source.ts'
import { createTokenVerifier } from './token-verifier.ts'
import { goodClaims, testAudience, testClock, testIssuer, testKey, tokenOf, withCode } from './tokens.fixture.ts'

const key = testKey('ES256', 'es')
const verifier = createTokenVerifier({
  issuer: testIssuer,
  audience: testAudience,
  jwks: staticKeySource({ keys: [key.jwk] }),
  algorithms: ['ES256'],
  clock: testClock(),
})
const bound = tokenOf(key, { ...goodClaims, cnf: { 'x5t#S256': 'abc' } })

describe('a bound token', () => {
  it('is refused where the shown certificate is not given', async () => {
    await assert.rejects(verifier.verify(bound), withCode('token_claim_invalid'))
    assert.equal((await verifier.verify(bound, { thumbprint: () => 'abc' })).subject, 'alice')
    await assert.rejects(verifier.verify(bound, { thumbprint: () => 'ABC' }), withCode('token_claim_invalid'))
  })

  it('alone makes that the certificate is looked at', async () => {
    const thumbprint = () => assert.fail('it was looked at')
    assert.equal((await verifier.verify(tokenOf(key), { thumbprint })).subject, 'alice')
    const expired = tokenOf(key, { ...goodClaims, exp: 1, cnf: { 'x5t#S256': 'abc' } })
    await assert.rejects(verifier.verify(expired, { thumbprint }), withCode('token_expired'))
  })
})
