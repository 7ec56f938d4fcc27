import { createHash } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { insert, put } from '../database/write.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Metrics } from '../observability/observability.ts'
import type { RateLimit } from './options.ts'
import { rateLimitTable } from './rate-limit-table.ts'

export interface RateLimiterParts {
  readonly database: Database<typeof rateLimitTable, typeof rateLimitTable>
  readonly clock: Clock
  readonly metrics: Metrics
}

/** Takes one from the bucket of `key`. @throws {MmfError} `quota_exceeded` with `retry-after`, `overloaded`, `database_unavailable` */
export type TakeToken = (
  name: string,
  limit: RateLimit,
  about: { readonly key: string; readonly signal: AbortSignal },
) => Promise<void>

/** Times that another instance may come first before this caller is turned away. */
const maxTries = 8
/** Keys that this process remembers to be over their limit. */
const maxRemembered = 1_000

/**
 * One token bucket for all instances, as the generic cell rate algorithm: one number per key, changed by a conditional write. It fails closed: without the
 * table no caller gets in. Who is over the limit is refused from memory, so that a flood costs the table nothing.
 */
export function createRateLimiter({ database, clock, metrics }: RateLimiterParts): TakeToken {
  const refusedUntil = new Map<string, number>()

  const refuse = (name: string, id: string, limit: RateLimit, until: number, now: number): MmfError => {
    refusedUntil.delete(id)
    refusedUntil.set(id, until)
    const [oldest] = refusedUntil.keys()
    if (refusedUntil.size > maxRemembered && oldest !== undefined) refusedUntil.delete(oldest)
    metrics.count('mmf_resilience_refusals_total', { policy: 'rate_limit', name })
    const seconds = Math.max(1, Math.ceil((until - now) / 1e6))
    return new MmfError('quota_exceeded', {
      detail: `${limit.requestsPerSecond} a second, ${limit.burst} at once; again in ${seconds} s`,
      headers: { 'retry-after': String(seconds) },
    })
  }

  return async (name, limit, { key, signal }) => {
    const id = `${name} ${createHash('sha256').update(key).digest('base64url')}`
    const interval = Math.round(1e6 / limit.requestsPerSecond)
    for (let attempt = 0; attempt < maxTries; attempt += 1) {
      const now = clock.now().getTime() * 1000
      const until = refusedUntil.get(id)
      if (until !== undefined && until > now) throw refuse(name, id, limit, until, now)
      refusedUntil.delete(id)
      const row = await database.get(rateLimitTable, { id }, { signal })
      const arrival = Math.max(row?.arrival ?? now, now)
      const allowedAt = arrival - interval * (limit.burst - 1)
      if (allowedAt > now) throw refuse(name, id, limit, allowedAt, now)
      const next = { id, arrival: arrival + interval, expires: Math.ceil((arrival + interval) / 1e6) + 1 }
      const write =
        row === undefined ? insert(rateLimitTable, next) : put(rateLimitTable, next, { when: { arrival: row.arrival } })
      if (await unlessConflict(database.write(write, { signal }))) return
    }
    throw new MmfError('overloaded', { detail: `${name}: too many callers at the same time` })
  }
}
