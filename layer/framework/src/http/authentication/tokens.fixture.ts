import { createHmac, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { isMmfError } from '../../errors/mmf-error.ts'

/** Test keys and tokens, signed with node:crypto: not with the library that verifies them. */
export interface TestKey {
  readonly alg: string
  readonly kid: string
  readonly jwk: JsonWebKey
  readonly privateKey: KeyObject
}

export const testNow = Date.UTC(2026, 10, 22, 12, 0, 0)
export const testIssuer = 'https://issuer.example'
export const testAudience = 'marty'

export const goodClaims = {
  iss: testIssuer,
  aud: testAudience,
  sub: 'alice',
  iat: testNow / 1000 - 60,
  exp: testNow / 1000 + 3600,
  roles: ['document_signer'],
  permissions: ['sign_documents'],
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

export function testKey(alg: string, kid: string, modulusLength = 2048): TestKey {
  const { publicKey, privateKey } = pair(alg, modulusLength)
  return { alg, kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } }
}

function pair(alg: string, modulusLength: number) {
  const namedCurve = curves[alg]
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve })
  return alg.startsWith('Ed') ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength })
}

export function base64url(value: unknown): string {
  const isBytes = typeof value === 'string' || value instanceof Uint8Array
  return Buffer.from(isBytes ? value : JSON.stringify(value)).toString('base64url')
}

export function tokenOf(key: TestKey, claims: unknown = goodClaims, header: object = {}): string {
  const input = `${base64url({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })}.${base64url(claims)}`
  return `${input}.${signatureOf(key, input)}`
}

export function signatureOf({ alg, privateKey }: TestKey, input: string): string {
  const hash = alg.startsWith('Ed') ? null : `sha${alg.slice(2)}`
  // 6 = RSA_PKCS1_PSS_PADDING, -1 = salt as long as the digest.
  const pss = alg.startsWith('PS') ? { padding: 6, saltLength: -1 } : {}
  const signature = sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363', ...pss })
  return signature.toString('base64url')
}

export function hmacToken(header: object, claims: unknown, secret: string | Uint8Array): string {
  const input = `${base64url(header)}.${base64url(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** A clock that stands until it is moved. */
export function testClock(start = testNow) {
  let time = start
  return {
    now: () => new Date(time),
    advance(seconds: number) {
      time += seconds * 1000
    },
  }
}

/** For `assert.rejects`: an error of the platform with this code, and a challenge when it is a 401. */
export function withCode(code: string): (error: unknown) => true {
  return error => {
    if (!isMmfError(error)) throw new Error(`expected ${code}, got something that is no MmfError`, { cause: error })
    if (error.code !== code) throw new Error(`expected ${code}, got ${error.code}: ${error.message}`)
    const challenge = error.headers['www-authenticate']
    if (error.entry.status === 401 && !challenge?.startsWith('Bearer realm="marty"')) throw new Error('no challenge')
    return true
  }
}
