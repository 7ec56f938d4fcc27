import type { RateStanding } from './options.ts'

/**
 * The fields that tell a client how it stands, as structured fields (RFC 9651) of draft-ietf-httpapi-ratelimit-headers-09 §3 and §4: the policy
 * (`q` in `w` seconds) and what is left of it (`r` for the next `t` seconds).
 */
export function rateLimitFields(standings: readonly RateStanding[]): Readonly<Record<string, string>> {
  if (standings.length === 0) return {}
  return {
    'ratelimit-policy': standings
      .map(({ policy, quota, windowSeconds }) => `"${policy}";q=${quota};w=${windowSeconds}`)
      .join(', '),
    ratelimit: standings
      .map(({ policy, remaining, resetSeconds }) => `"${policy}";r=${remaining};t=${resetSeconds}`)
      .join(', '),
  }
}
