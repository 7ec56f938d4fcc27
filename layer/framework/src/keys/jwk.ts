import { createPublicKey, type KeyObject } from 'node:crypto'
import { MmfError } from '../errors/mmf-error.ts'
import { algorithmsOf, isKeySpec } from './key-specs.ts'
import type { KeyVersion } from './keys.ts'
import { signingAlgorithm } from './signing-algorithms.ts'

/** A public signing key as JSON (RFC 7517): members of RSA, EC (RFC 7518 §6), OKP (RFC 8037 §2, Ed25519) or AKP (RFC 9964 §3, ML-DSA). */
export interface PublicJwk {
  readonly kty: 'RSA' | 'EC' | 'OKP' | 'AKP'
  /** `<keyId>.<version>` */
  readonly kid: string
  readonly use: 'sig'
  readonly key_ops: readonly ['verify']
  /** Left out where the key serves several algorithms (RSA). */
  readonly alg?: string
  readonly n?: string
  readonly e?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly pub?: string
}

export interface PublicJwkSet {
  readonly keys: readonly PublicJwk[]
}

type JwkMembers = Partial<Record<'kty' | 'n' | 'e' | 'crv' | 'x' | 'y' | 'pub', string>>

/** The public key of a version as a JWK. @throws {MmfError} `database_row_invalid` when it cannot be read. */
export function toJwk(version: KeyVersion): PublicJwk {
  const members = importKey(version).export({ format: 'jwk' }) as JwkMembers
  const { kty, n, e, crv, x, y, pub } = members
  const algorithms = isKeySpec(version.keySpec) ? algorithmsOf(version.keySpec) : []
  const [only] = algorithms
  const head = {
    kid: `${version.keyId}.${version.version}`,
    use: 'sig',
    key_ops: ['verify'],
    ...(only !== undefined && algorithms.length === 1 && { alg: signingAlgorithm(only).jwa }),
  } as const
  if (kty === 'RSA' && n !== undefined && e !== undefined) return { kty, ...head, n, e }
  if (kty === 'EC' && crv !== undefined && x !== undefined && y !== undefined) return { kty, ...head, crv, x, y }
  if (kty === 'OKP' && crv !== undefined && x !== undefined) return { kty, ...head, crv, x }
  if (kty === 'AKP' && pub !== undefined) return { kty, ...head, pub }
  throw new MmfError('database_row_invalid', { detail: `the key ${head.kid} has no JWK form` })
}

/** A key set of every version that verifies; revoked ones are left out, since a JWK has no member that would say so. */
export function toJwkSet(versions: readonly KeyVersion[]): PublicJwkSet {
  return { keys: versions.filter(version => version.state !== 'revoked').map(toJwk) }
}

function importKey({ keyId, version, publicKey }: KeyVersion): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  } catch (cause) {
    throw new MmfError('database_row_invalid', { detail: `the key ${keyId}.${version} cannot be read`, cause })
  }
}
