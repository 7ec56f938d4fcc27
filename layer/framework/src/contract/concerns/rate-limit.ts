import type { RateLimit } from '../../resilience/options.ts'
import type { Call } from '../call.ts'
import { type Concern, concern } from '../operation/concern.ts'
import { checkNumber } from './check-option.ts'

export interface RateLimitOptions<Input> {
  /** In the long run, above 0; default 10. 0.1 is one call in ten seconds. */
  readonly requestsPerSecond?: number
  /** Calls that may come at once after a pause; default `requestsPerSecond`, at least 1. */
  readonly burstSize?: number
  /** Who or what is limited; default the principal, and one limit for all anonymous callers together. */
  readonly key?: (asked: { input: Input; call: Call }) => string
}

const keyOfPrincipal = ({ principal }: Call): string =>
  principal === undefined ? 'anonymous' : `principal ${principal.subject}`

/**
 * Limits calls with a token bucket that all instances share: 429 `quota_exceeded` with `retry-after`. It fails closed: what cannot be counted is not let in.
 * @throws {MmfError} `concern_invalid` when it is declared, `quota_exceeded`, `overloaded`, `database_unavailable` when it runs
 */
export function rateLimit<Input, Output>(options: RateLimitOptions<Input> = {}): Concern<Input, Output> {
  const { requestsPerSecond = 10, key = ({ call }) => keyOfPrincipal(call) } = options
  checkNumber('rateLimit', 'requestsPerSecond', requestsPerSecond, { min: 0.0001, max: 100_000, whole: false })
  const { burstSize: burst = Math.max(1, Math.floor(requestsPerSecond)) } = options
  checkNumber('rateLimit', 'burstSize', burst, { min: 1, max: 1_000_000 })
  const limit: RateLimit = { requestsPerSecond, burst }
  return concern({ rateLimit: limit }, async (next, input, invocation) => {
    const { context, call, operation } = invocation
    const about = { key: key({ input, call }), signal: call.signal }
    await context.resilience.limit(operation?.name ?? 'method', limit, about)
    return next(input, invocation)
  })
}
