import type { webcrypto } from 'node:crypto'
import { importJWK } from 'jose/key/import'
import { isJwsAlgorithm, type JwsAlgorithm, jwsAlgorithm } from './jws-algorithms.ts'

/** A public key that may verify signatures: made from a JWK, private and unknown members dropped. */
export interface VerificationKey {
  readonly kid: string | undefined
  readonly kty: 'RSA' | 'EC' | 'OKP'
  readonly crv: string | undefined
  /** The one algorithm the JWK names, if it names one. */
  readonly algorithm: JwsAlgorithm | undefined
  /** The key in the form that verifies `algorithm`; imported once. Rejects when the numbers are no key (a point off its curve). */
  cryptoKey(algorithm: JwsAlgorithm): Promise<webcrypto.CryptoKey>
}

/** RFC 7518 §3.3: "A key of size 2048 bits or larger MUST be used". The upper bound keeps one verification cheap. */
const rsaBits = { min: 2048, max: 8192 }

/** Members that make the public key, by key type (RFC 7518 §6.2.1, §6.3.1; RFC 8037 §2). */
const publicMemberNames = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] } as const

// Early drafts of WebCrypto called ES512 by its curve (w3c/webcrypto #24) and keys carrying that name are still about. It names
// nothing else, and the curve is checked as for every key.
const misnomers: Readonly<Record<string, JwsAlgorithm>> = { ES521: 'ES512' }

interface Members {
  readonly kty?: unknown
  readonly kid?: unknown
  readonly use?: unknown
  readonly key_ops?: unknown
  readonly alg?: unknown
  readonly [member: string]: unknown
}

type Material = { readonly [member in 'n' | 'e' | 'crv' | 'x' | 'y']?: string }

/**
 * The verification key in `jwk`, or `undefined` when the JWK may not verify signatures: a symmetric or unknown key type, `use` other
 * than `sig`, `key_ops` without `verify` (RFC 7517 §4.2, §4.3), an `alg` outside our table, RSA below 2048 bits, damaged members.
 */
export function verificationKey(jwk: unknown): VerificationKey | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const members = jwk as Members
  const { kty, kid, use, key_ops: operations } = members
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return undefined
  if (kid !== undefined && typeof kid !== 'string') return undefined
  if (use !== undefined && use !== 'sig') return undefined
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined
  const named = namedAlgorithm(members.alg)
  if (named === 'foreign') return undefined
  const material = publicMembers(kty, members)
  if (material === undefined) return undefined
  const crv = material.crv
  if (named !== undefined && (jwsAlgorithm(named).kty !== kty || jwsAlgorithm(named).crv !== crv)) return undefined
  return { kid, kty, crv, algorithm: named, cryptoKey: importer({ kty, ...material }) }
}

/** Whether the key is of the type and curve of `algorithm`. What the JWK's own `alg` says is a separate question. */
export function hasTypeOf(key: VerificationKey, algorithm: JwsAlgorithm): boolean {
  const row = jwsAlgorithm(algorithm)
  return key.kty === row.kty && key.crv === row.crv
}

function namedAlgorithm(alg: unknown): JwsAlgorithm | undefined | 'foreign' {
  if (alg === undefined) return undefined
  const name = typeof alg === 'string' && Object.hasOwn(misnomers, alg) ? misnomers[alg] : alg
  return isJwsAlgorithm(name) ? name : 'foreign'
}

function publicMembers(kty: 'RSA' | 'EC' | 'OKP', members: Members): Material | undefined {
  const material: { -readonly [member in keyof Material]: string } = {}
  for (const name of publicMemberNames[kty]) {
    const value = members[name]
    if (typeof value !== 'string' || value === '') return undefined
    material[name] = value
  }
  return kty === 'RSA' && !isSoundRsa(material) ? undefined : material
}

function isSoundRsa({ n = '', e = '' }: Material): boolean {
  const bits = bitLength(n)
  if (bits === undefined || bits < rsaBits.min || bits > rsaBits.max) return false
  // e = 1 makes every message its own signature; an even e is no RSA exponent (RFC 8017 §3.1).
  const exponentBits = bitLength(e)
  return exponentBits !== undefined && exponentBits >= 2 && exponentBits <= 64 && isOdd(e)
}

/** Length of a Base64urlUInt in bits (RFC 7518 §2), or `undefined` when it is not canonical base64url. */
function bitLength(text: string): number | undefined {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) return undefined
  const first = bytes.findIndex(octet => octet !== 0)
  return first < 0 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24)
}

function isOdd(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url')
  return ((bytes[bytes.length - 1] ?? 0) & 1) === 1
}

function importer(jwk: Material & { readonly kty: string }): (algorithm: JwsAlgorithm) => Promise<webcrypto.CryptoKey> {
  const imported = new Map<JwsAlgorithm, Promise<webcrypto.CryptoKey>>()
  return algorithm => {
    const known = imported.get(algorithm)
    if (known !== undefined) return known
    const key = importJWK(jwk, algorithm).then(made => {
      if (made instanceof Uint8Array) throw new TypeError('a symmetric key')
      return made
    })
    imported.set(algorithm, key)
    return key
  }
}
