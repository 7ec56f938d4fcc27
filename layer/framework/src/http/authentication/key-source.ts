import { MmfError } from '../../errors/mmf-error.ts'
import { challenge } from './bearer-token.ts'
import { jsonObject } from './compact-jws.ts'
import type { JwsAlgorithm } from './jws-algorithms.ts'
import { hasTypeOf, type VerificationKey, verificationKey } from './verification-key.ts'

/** Where the token verifier gets an issuer's public keys. */
export interface KeySource {
  /**
   * The key for a token whose header names `kid` and `algorithm`.
   *
   * @throws {MmfError} `token_key_unknown`, `token_algorithm_refused` (the key is for another algorithm), `token_issuer_unavailable`,
   *   `deadline_exceeded`
   */
  find(
    kid: string | undefined,
    algorithm: JwsAlgorithm,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<VerificationKey>
}

/** A JWK Set, read. */
export interface KeySet {
  /** The key, or why there is none. Only `token_key_unknown` may change by fetching the set again. */
  select(kid: string | undefined, algorithm: JwsAlgorithm): VerificationKey | MmfError
}

/** More keys than this are no rotation but a mistake. */
const maxKeys = 100

/**
 * Reads a JWK Set (RFC 7517 §5). Keys that may not verify signatures stay in it as entries that match nothing, so that a `kid` shared
 * with one of them is still ambiguous.
 *
 * @returns the set, or `undefined` when `json` is none
 */
export function keySet(json: unknown): KeySet | undefined {
  const keys = typeof json === 'object' && json !== null ? (json as { keys?: unknown }).keys : undefined
  if (!Array.isArray(keys) || keys.length > maxKeys) return undefined
  const entries = keys.map(jwk => ({ kid: kidOf(jwk), key: verificationKey(jwk) }))
  return { select: (kid, algorithm) => select(entries, kid, algorithm) }
}

/** The key set in the bytes of a JWKS document. */
export function parseKeySet(bytes: Uint8Array): KeySet | undefined {
  const json = jsonObject(bytes)
  return typeof json === 'string' ? undefined : keySet(json)
}

interface Entry {
  readonly kid: unknown
  readonly key: VerificationKey | undefined
}

function select(entries: readonly Entry[], kid: string | undefined, algorithm: JwsAlgorithm) {
  const unknown = (detail: string) => refusal('token_key_unknown', detail)
  if (kid === undefined) {
    const fitting = entries.flatMap(({ key }) => (key !== undefined && fits(key, algorithm) ? [key] : []))
    const [only] = fitting
    if (only !== undefined && fitting.length === 1) return only
    return unknown(`the token names no kid and ${fitting.length} keys of the issuer fit`)
  }
  const named = entries.filter(entry => entry.kid === kid)
  if (named.length > 1) return unknown('the issuer publishes this kid more than once')
  const key = named[0]?.key
  if (key === undefined) return unknown('the issuer publishes no signature key with this kid')
  if (!fits(key, algorithm)) return refusal('token_algorithm_refused', 'the key with this kid is for another algorithm')
  return key
}

/** RFC 8725 §3.1: a key that names an algorithm is used with exactly that one. */
function fits(key: VerificationKey, algorithm: JwsAlgorithm): boolean {
  return hasTypeOf(key, algorithm) && (key.algorithm === undefined || key.algorithm === algorithm)
}

function refusal(code: 'token_key_unknown' | 'token_algorithm_refused', detail: string): MmfError {
  return new MmfError(code, { detail, headers: challenge(code) })
}

function kidOf(jwk: unknown): unknown {
  return typeof jwk === 'object' && jwk !== null ? (jwk as { kid?: unknown }).kid : undefined
}
