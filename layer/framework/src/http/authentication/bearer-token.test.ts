import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isMmfError } from '../../errors/mmf-error.ts'
import { bearerToken, challenge } from './bearer-token.ts'
import { withCode } from './tokens.fixture.ts'

describe('bearer token', () => {
  it('is read from the header, whatever the case of the scheme', () => {
    assert.equal(bearerToken('Bearer a.b.c'), 'a.b.c')
    assert.equal(bearerToken('bearer   a_-~+/b=='), 'a_-~+/b==')
  })

  it('is required', () => {
    for (const header of [undefined, '', 'Basic dXNlcjpwYXNz', 'a.b.c', ' Bearer a', 'Bearer\ta', 'BearerX a']) {
      assert.throws(() => bearerToken(header), withCode('authentication_required'), String(header))
    }
  })

  it('is exactly one', () => {
    const headers = [
      'Bearer',
      'Bearer ',
      'Bearer a b',
      'Bearer a, Bearer b',
      'Bearer a,b',
      'Bearer a\n',
      'Bearer "a"',
      'Bearer =a',
    ]
    for (const header of [...headers, `Bearer ${'a'.repeat(8193)}`]) {
      assert.throws(() => bearerToken(header), withCode('token_malformed'), header)
    }
    assert.equal(bearerToken(`Bearer ${'a'.repeat(8192)}`).length, 8192)
  })

  it('answers with the challenge of RFC 6750: an error code only for a token that was there', () => {
    assert.deepEqual(challenge('authentication_required'), { 'www-authenticate': 'Bearer realm="marty"' })
    assert.deepEqual(challenge('token_expired'), {
      'www-authenticate': 'Bearer realm="marty", error="invalid_token", error_description="The token has expired"',
    })
    try {
      bearerToken('Bearer secret value')
      assert.fail()
    } catch (error) {
      assert(isMmfError(error, 'token_malformed'))
      assert(!JSON.stringify([error.message, error.headers, error.members]).includes('secret'))
    }
  })
})
