import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { es256, goodClaims, hs256, openedIssuer, signingInput } from './tokens.ts'

/** A token that must not count, and the code that says why. */
export interface RefusedToken {
  readonly what: string
  readonly token: string
  readonly code: string
}

/** One token of each kind that must not count, all of them with the claims `access` on top of good ones. */
export function refusedTokens(dataDirectory: string, access: object): readonly RefusedToken[] {
  const { kid, jwk, privateKey } = openedIssuer(dataDirectory)
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const strangerJwk = stranger.publicKey.export({ format: 'jwk' })
  const claims = { ...goodClaims(), ...access }
  const now = Math.floor(Date.now() / 1000)
  const issued = (change: object, header: object = {}) =>
    es256({ kid, ...header }, { ...claims, ...change }, privateKey)
  const strange = (header: object) => es256({ kid, ...header }, claims, stranger.privateKey)
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
  const good = issued({})
  const [header = ''] = good.split('.')
  const twice = Buffer.from(`{"sub":"a",${JSON.stringify(claims).slice(1)}`).toString('base64url')
  const signedTwice = sign('sha256', Buffer.from(`${header}.${twice}`), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return [
    { what: 'expired', token: issued({ iat: now - 4000, exp: now - 60 }), code: 'token_expired' },
    { what: 'not yet valid', token: issued({ nbf: now + 120 }), code: 'token_not_yet_valid' },
    { what: 'for another audience', token: issued({ aud: 'other' }), code: 'token_claim_invalid' },
    { what: 'of another issuer', token: issued({ iss: 'https://other.example' }), code: 'token_claim_invalid' },
    { what: 'alg none', token: `${signingInput({ alg: 'none', kid }, claims)}.`, code: 'token_algorithm_refused' },
    { what: 'HS256 with the public key', token: hs256({ kid }, claims, publicKey), code: 'token_algorithm_refused' },
    { what: 'HS256 with the JWK', token: hs256({ kid }, claims, JSON.stringify(jwk)), code: 'token_algorithm_refused' },
    { what: 'of an unknown kid', token: issued({}, { kid: 'another' }), code: 'token_key_unknown' },
    { what: 'of another key', token: strange({}), code: 'token_signature_invalid' },
    { what: 'with a key of its own', token: strange({ jwk: strangerJwk }), code: 'token_signature_invalid' },
    { what: 'with a jku', token: strange({ jku: 'http://127.0.0.1:9/keys' }), code: 'token_signature_invalid' },
    { what: 'with an x5u', token: strange({ x5u: 'http://127.0.0.1:9/chain' }), code: 'token_signature_invalid' },
    { what: 'with crit', token: issued({}, { crit: ['exp'] }), code: 'token_malformed' },
    {
      what: 'with a member twice',
      token: `${header}.${twice}.${signedTwice.toString('base64url')}`,
      code: 'token_malformed',
    },
    { what: 'cut', token: good.slice(0, -2), code: 'token_signature_invalid' },
    { what: 'no token', token: 'x', code: 'token_malformed' },
  ]
}
