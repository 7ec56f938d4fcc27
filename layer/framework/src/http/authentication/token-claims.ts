import type { Principal } from '../../plugin/call.ts'
import { tokenError } from './bearer-token.ts'

/** What the claims of a token are held against. */
export interface ClaimRules {
  readonly issuer: string
  /** One of these must be in `aud`. */
  readonly audience: readonly string[]
  /** Tolerated difference of clocks, in seconds. */
  readonly leewaySeconds: number
}

/** OpenID Connect Core §2: `sub` has at most 255 characters. */
const MAX_SUBJECT = 255

interface Claims {
  readonly iss?: unknown
  readonly aud?: unknown
  readonly sub?: unknown
  readonly nbf?: unknown
  readonly scope?: unknown
  readonly [claim: string]: unknown
}

/**
 * The principal of a verified token. Required: `iss`, `aud`, `sub`, `iat`, `exp` (RFC 7519 §4.1); `nbf` is honoured. `roles` and
 * `permissions` are lists of strings; the words of `scope` (RFC 8693 §4.2) count as permissions too.
 *
 * A token is good from `nbf - leeway` on and before `exp + leeway`; one issued in the future is not valid yet.
 *
 * @param now in milliseconds since 1970
 * @throws {MmfError} `token_claim_invalid` (its member `claim` names which), `token_expired`, `token_not_yet_valid`
 */
export function principalOf(claims: Claims, rules: ClaimRules, now: number): Principal {
  if (claims.iss !== rules.issuer) throw wrong('iss', 'the token is from another issuer')
  if (!audienceOf(claims).some(name => rules.audience.includes(name))) {
    throw wrong('aud', 'the token is for another audience')
  }
  const subject = claims.sub
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_SUBJECT) {
    throw wrong('sub', `a string of 1 to ${MAX_SUBJECT} characters is required`)
  }
  checkTimes(claims, rules.leewaySeconds, now / 1000)
  const permissions = [...strings(claims, 'permissions'), ...scopeOf(claims)]
  return {
    subject,
    issuer: rules.issuer,
    roles: [...new Set(strings(claims, 'roles'))],
    permissions: [...new Set(permissions)],
    method: 'jwt',
  }
}

function checkTimes(claims: Claims, leeway: number, now: number): void {
  const expires = seconds(claims, 'exp')
  const issued = seconds(claims, 'iat')
  const notBefore = claims.nbf === undefined ? issued : seconds(claims, 'nbf')
  if (now >= expires + leeway) throw tokenError('token_expired')
  if (now < Math.max(issued, notBefore) - leeway) throw tokenError('token_not_yet_valid')
}

/** A NumericDate (RFC 7519 §2). */
function seconds(claims: Claims, name: string): number {
  const value = claims[name]
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, 'a number of seconds is required')
  return value
}

function audienceOf(claims: Claims): readonly string[] {
  const audience = claims.aud
  return typeof audience === 'string' ? [audience] : strings(claims, 'aud')
}

function scopeOf(claims: Claims): readonly string[] {
  const scope = claims.scope
  if (scope === undefined) return []
  if (typeof scope !== 'string') throw wrong('scope', 'a string is expected')
  return scope.split(' ').filter(word => word !== '')
}

function strings(claims: Claims, name: string): readonly string[] {
  const value = claims[name]
  if (value === undefined) return []
  if (!Array.isArray(value) || !value.every(entry => typeof entry === 'string')) {
    throw wrong(name, 'a list of strings is expected')
  }
  return value
}

function wrong(claim: string, detail: string) {
  return tokenError('token_claim_invalid', `${claim}: ${detail}`, { claim })
}
