import type { Principal } from '../../contract/call.ts'
import { tokenError } from './bearer-token.ts'
import type { ClaimRules, GrantRules } from './claim-rules.ts'
import { type Claims, checkDemand, textsAt, valueAt, wrong } from './claim-values.ts'

/** OpenID Connect Core §2: `sub` has at most 255 characters. */
const maxSubject = 255

/**
 * The principal of a verified token. Required: `iss`, audience, subject, `iat`, `exp` (RFC 7519 §4.1); `nbf` is honoured. Roles and
 * permissions are read where the rules of the issuer say, and mean what its maps say.
 *
 * A token is good from `nbf - leeway` on and before `exp + leeway`; one issued in the future is not valid yet.
 *
 * @param leewaySeconds tolerated difference of clocks
 * @param now in milliseconds since 1970
 * @throws {MmfError} `token_claim_invalid` (its member `claim` names which), `token_expired`, `token_not_yet_valid`
 */
export function principalOf(claims: Claims, rules: ClaimRules, leewaySeconds: number, now: number): Principal {
  checkIssuer(claims, rules)
  checkAudience(claims, rules)
  const subject = subjectOf(claims, rules)
  checkTimes(claims, leewaySeconds, now / 1000)
  for (const demand of rules.demands) checkDemand(claims, demand)
  const granted = { roles: new Set<string>(), permissions: new Set<string>() }
  addGrants(granted, claims, rules.roles, 'roles')
  addGrants(granted, claims, rules.permissions, 'permissions')
  return {
    subject,
    issuer: rules.issuer,
    roles: [...granted.roles],
    permissions: [...granted.permissions],
    method: 'jwt',
  }
}

function checkIssuer(claims: Claims, { accepted, inIssuer }: ClaimRules): void {
  const issuer = valueAt(claims, ['iss'])
  if (typeof issuer !== 'string' || !accepted.includes(issuer)) throw wrong(['iss'], 'the token is from another issuer')
  for (const name of inIssuer) {
    const value = valueAt(claims, [name])
    if (typeof value !== 'string' || value === '' || !issuer.split('/').includes(value)) {
      throw wrong([name], 'it must be the one that iss names')
    }
  }
}

/** RFC 7519 §4.1.3: an audience that does not name us refuses the token, whatever another claim says. */
function checkAudience(claims: Claims, { audienceSources, audience }: ClaimRules): void {
  let isNamed = false
  for (const source of audienceSources) {
    const texts = textsAt(claims, source)
    if (texts === undefined) continue
    isNamed = texts.some(text => audience.includes(text))
    if (!isNamed) throw wrong(source.path, 'the token is for another audience')
  }
  if (!isNamed) throw wrong(audienceSources[0]?.path ?? ['aud'], 'an audience is required')
}

function subjectOf(claims: Claims, { subject: path, subjectPrefix, foreignPrefixes }: ClaimRules): string {
  const subject = valueAt(claims, path)
  if (typeof subject !== 'string' || subject === '' || subject.length > maxSubject) {
    throw wrong(path, `a string of 1 to ${maxSubject} characters is required`)
  }
  // It becomes a key of rows, and a lone surrogate has no UTF-8.
  if (!subject.isWellFormed()) throw wrong(path, 'it must be well-formed Unicode')
  if (foreignPrefixes.some(prefix => subject.startsWith(prefix))) {
    throw wrong(path, 'it has the form of a subject of another issuer or credential')
  }
  return `${subjectPrefix}${subject}`
}

function checkTimes(claims: Claims, leeway: number, now: number): void {
  const expires = seconds(claims, 'exp')
  const issued = seconds(claims, 'iat')
  const notBefore = valueAt(claims, ['nbf']) === undefined ? issued : seconds(claims, 'nbf')
  if (now >= expires + leeway) throw tokenError('token_expired')
  if (now < Math.max(issued, notBefore) - leeway) throw tokenError('token_not_yet_valid')
}

/** A NumericDate (RFC 7519 §2). */
function seconds(claims: Claims, name: string): number {
  const value = valueAt(claims, [name])
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong([name], 'a number of seconds is required')
  return value
}

interface Granted {
  readonly roles: Set<string>
  readonly permissions: Set<string>
}

function addGrants(granted: Granted, claims: Claims, rules: GrantRules, kind: keyof Granted): void {
  for (const source of rules.sources) {
    for (const value of textsAt(claims, source) ?? []) {
      const grant = rules.map.get(value)
      for (const role of grant?.roles ?? []) granted.roles.add(role)
      for (const permission of grant?.permissions ?? []) granted.permissions.add(permission)
      if (grant === undefined && rules.acceptUnmapped) granted[kind].add(value)
    }
  }
}
