import { createHash, createPublicKey, type JsonWebKey, type KeyObject, randomUUID, sign } from 'node:crypto'
import { loadIssuerKey } from './issuer-key.ts'

export interface LocalIssuerOptions {
  /** The data directory of the local platform; the key goes into a folder of its own below it. */
  readonly dataDirectory: string
  readonly clock: { now(): Date }
  /** Default `urn:marty:local-issuer`. */
  readonly issuer?: string
  /** Default `marty`. */
  readonly audience?: string
}

export interface TokenRequest {
  readonly subject: string
  readonly roles?: readonly string[]
  readonly permissions?: readonly string[]
  /** Whole seconds, 1 to 86,400. Default 3,600. */
  readonly ttlSeconds?: number
}

/** Signs tokens for this machine. It exists in the local runner and the CLI only; no deployed function contains it. */
export interface LocalIssuer {
  readonly issuer: string
  readonly audience: string
  /** The algorithm of its tokens. */
  readonly algorithm: 'ES256'
  /** The public key, for the token verifier. Published apart from the document keys. */
  readonly jwks: { readonly keys: readonly JsonWebKey[] }
  /** @throws {RangeError} when the subject, the life time or the size of the token is out of bounds */
  issueToken(request: TokenRequest): string
}

const maxTtlSeconds = 86_400
const maxSubject = 255
/** What the token verifier takes. */
const maxTokenBytes = 8192

/**
 * Opens the issuer whose key lies in the data directory, and makes the key when there is none.
 *
 * @throws {MmfError} `data_folder_unusable` when the key file is damaged or readable by others
 */
export function openLocalIssuer(options: LocalIssuerOptions): LocalIssuer {
  const { dataDirectory, clock, issuer = 'urn:marty:local-issuer', audience = 'marty' } = options
  const key = loadIssuerKey(dataDirectory)
  const jwk = publicJwk(key)
  return {
    issuer,
    audience,
    algorithm: 'ES256',
    jwks: { keys: [jwk] },
    issueToken({ subject, roles = [], permissions = [], ttlSeconds = 3600 }) {
      if (subject === '' || subject.length > maxSubject)
        throw new RangeError(`a subject has 1 to ${maxSubject} characters`)
      if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > maxTtlSeconds) {
        throw new RangeError(`a token lives 1 to ${maxTtlSeconds} whole seconds`)
      }
      const iat = Math.floor(clock.now().getTime() / 1000)
      const times = { iat, exp: iat + ttlSeconds }
      const claims = { iss: issuer, aud: audience, sub: subject, ...times, jti: randomUUID(), roles, permissions }
      return signed({ alg: 'ES256', kid: jwk.kid, typ: 'JWT' }, claims, key)
    },
  }
}

function signed(header: object, claims: object, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  const token = `${input}.${signature.toString('base64url')}`
  if (token.length > maxTokenBytes) throw new RangeError(`the token would be longer than ${maxTokenBytes} bytes`)
  return token
}

function publicJwk(key: KeyObject): JsonWebKey & { kid: string } {
  const members = createPublicKey(key).export({ format: 'jwk' })
  const { crv, kty, x, y } = members
  // RFC 7638 §3: the thumbprint of the required members in lexicographic order.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { ...members, kid, use: 'sig', alg: 'ES256' }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
