import { compactVerify } from 'jose/jws/compact/verify'
import { parseStrictJson } from '../../json/strict-json.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from './jws-algorithms.ts'
import type { VerificationKey } from './verification-key.ts'

/** A JWS in compact serialization, read but not verified. */
export interface CompactJws {
  readonly text: string
  readonly header: JwsHeader
  readonly payload: Uint8Array
}

export interface JwsHeader {
  /** As the token says; not necessarily an algorithm we know. */
  readonly alg: string
  readonly kid: string | undefined
  readonly typ: string | undefined
}

const compact = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)$/

/**
 * Reads the compact serialization (RFC 7515 §3.1, §5.2) strictly: exactly three parts of canonical base64url, without padding, white
 * space or unused bits; a header that is a UTF-8 JSON object. `crit` and `b64` (RFC 7515 §4.1.11, RFC 7797) are refused, since no
 * extension is understood here. Keys that the header carries or points to (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
 *
 * @returns the JWS, or the reason why it is none: a text that holds no part of the input but the path of a member that is refused
 */
export function parseCompactJws(text: string): CompactJws | string {
  const parts = compact.exec(text)
  if (parts === null) return 'three parts of base64url, separated by dots, are expected'
  const [, first = '', second = '', third = ''] = parts
  const header = decode(first)
  const payload = decode(second)
  if (header === undefined || payload === undefined || decode(third) === undefined) {
    return 'a part is not canonical base64url'
  }
  const members = jsonObject(header)
  if (typeof members === 'string') return `the header ${members}`
  const { alg, kid, typ } = members
  if (typeof alg !== 'string') return 'the header has no alg'
  if (kid !== undefined && typeof kid !== 'string') return 'kid is not a string'
  if (typ !== undefined && typeof typ !== 'string') return 'typ is not a string'
  if ('crit' in members || 'b64' in members) return 'the header asks for an extension (crit, b64)'
  return { text, header: { alg, kid, typ }, payload }
}

/**
 * Whether the signature of `jws` is the key's under the algorithm of the header. The caller has decided that this key may verify this
 * algorithm.
 */
export async function signatureVerifies(jws: CompactJws, key: VerificationKey): Promise<boolean> {
  const { alg } = jws.header
  if (!isJwsAlgorithm(alg)) return false
  try {
    await compactVerify(jws.text, await key.cryptoKey(alg), { algorithms: [alg] satisfies JwsAlgorithm[] })
    return true
  } catch {
    // Whatever jose objects to, a wrong signature or a key that is none, the signature is not proven.
    return false
  }
}

/** Bounds of a token's parts, which have 8 KB, and of a JWK Set, which has 64. */
const limits = { depth: 16, members: 5000, elements: 5000 } as const

/**
 * The JSON object in `bytes`, or why they are none, to be read after the name of what was read. Not-UTF-8 is refused, not repaired, and so is a
 * member that is there twice: RFC 7515 §4 and RFC 7519 §4 let a reader take the last one, and readers differ.
 */
export function jsonObject(bytes: Uint8Array): Record<string, unknown> | string {
  const text = utf8(bytes)
  if (text === undefined) return 'is not UTF-8'
  const result = parseStrictJson(text, limits)
  if ('fault' in result) {
    const { kind, reason, path } = result.fault
    return kind === 'syntax' ? 'is not a JSON object' : `has a member that is refused: ${path ?? ''}: ${reason}`
  }
  const { value } = result
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Record<string, unknown>) : 'is not a JSON object'
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function decode(part: string): Uint8Array | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}
