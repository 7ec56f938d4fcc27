import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { issuerKeyFile } from '../../../infra/local/issuer/issuer-key.ts'
import { openLocalIssuer } from '../../../infra/local/issuer/local-issuer.ts'

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What is signed in a compact JWS (RFC 7515 §5.1). */
export const signingInput = (header: object, claims: object) => `${encode(header)}.${encode(claims)}`

/** ES256 (RFC 7518 §3.4). */
export function es256(header: object, claims: object, key: KeyObject): string {
  const input = signingInput({ alg: 'ES256', typ: 'JWT', ...header }, claims)
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

/** HS256 (RFC 7518 §3.2). */
export function hs256(header: object, claims: object, secret: string | Uint8Array): string {
  const input = signingInput({ alg: 'HS256', typ: 'JWT', ...header }, claims)
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Claims that the platform accepts, when the right key signs them. */
export function goodClaims(): Record<string, unknown> {
  const iat = Math.floor(Date.now() / 1000)
  const access = { roles: ['document_signer'], permissions: ['sign_documents'] }
  return { iss: 'urn:marty:local-issuer', aud: 'marty', sub: 'mallory', iat, exp: iat + 600, ...access }
}

/** The issuer of a platform, with its private key: for tokens that it would never issue. */
export function openedIssuer(dataDirectory: string) {
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
  const [jwk] = issuer.jwks.keys
  return { kid: String(jwk?.['kid']), jwk, privateKey: createPrivateKey(readFileSync(issuerKeyFile(dataDirectory))) }
}
