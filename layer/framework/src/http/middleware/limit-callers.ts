import type { BaseConfig } from '../../config/base-schema.ts'
import type { Principal } from '../../contract/call.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import type { DayQuota, RateLimit } from '../../resilience/options.ts'
import { rateLimitFields } from '../../resilience/rate-limit-fields.ts'
import type { HttpPlatform } from '../platform.ts'
import { countRefusal } from './count-refusal.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

interface CallerLimit {
  /** Of the counter; it is bounded by what the configuration names. */
  readonly name: string
  readonly limit: RateLimit | DayQuota
}

/**
 * Counts a request against the limits of its principal, before anything of it is parsed. Who is refused by authentication or authorization has used
 * up nothing, and public operations, health above all, ask no counter. It fails closed: a request that cannot be counted is not served.
 * @throws {MmfError} `quota_exceeded`, `overloaded`, `database_unavailable`
 */
export function limitCallers(platform: HttpPlatform): HttpMiddleware {
  return {
    async before(request) {
      const exchange = exchangeOf(request)
      const { operation, context, principal, signal } = exchange
      if (operation === undefined || context === undefined || principal === undefined) return
      const path = [context.plugin.name, operation.service, operation.name]
      const standings = []
      for (const { name, limit } of limitsOf(principal, path, platform.rateLimits())) {
        try {
          standings.push(await platform.resilience.limit(name, limit, { key: principal.subject, signal }))
        } catch (error) {
          const reason = isMmfError(error, 'quota_exceeded') ? reasonOf(limit) : 'not_counted'
          countRefusal(platform, exchange, reason)
          throw error
        }
      }
      exchange.limitFields = rateLimitFields(standings)
    },
  }
}

const reasonOf = (limit: RateLimit | DayQuota) => ('requestsPerDay' in limit ? 'day_quota' : 'rate_limit')

/** The narrowest rate that names the operation, and the quota of the principal. */
function limitsOf(
  { method, subject }: Principal,
  path: readonly string[],
  { callers, api_key_requests_per_day, requests_per_day }: BaseConfig['rate_limits'],
): readonly CallerLimit[] {
  const names = [path.join('.'), path.slice(0, 2).join('.'), path[0] ?? '', '*']
  const name = names.find(candidate => Object.hasOwn(callers, candidate))
  const rate = name === undefined ? undefined : callers[name]
  const own = Object.hasOwn(requests_per_day, subject) ? requests_per_day[subject] : undefined
  const requestsPerDay = own ?? (method === 'api_key' ? api_key_requests_per_day : undefined)
  return [
    ...(rate === undefined ? [] : [{ name: `callers ${name}`, limit: rateOf(rate) }]),
    ...(requestsPerDay === undefined ? [] : [{ name: 'day', limit: { requestsPerDay } }]),
  ]
}

function rateOf({
  requests_per_second: requestsPerSecond,
  burst = Math.max(1, Math.floor(2 * requestsPerSecond)),
}: BaseConfig['rate_limits']['callers'][string]): RateLimit {
  return { requestsPerSecond, burst }
}
