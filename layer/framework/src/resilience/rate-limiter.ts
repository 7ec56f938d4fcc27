import { createHash } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Metrics } from '../observability/observability.ts'
import type { Counters } from './counters.ts'
import { type Counter, dayMeter, type Meter, rateMeter } from './meters.ts'
import type { DayQuota, RateLimit, RateStanding } from './options.ts'
import { rateLimitFields } from './rate-limit-fields.ts'

export interface RateLimiterParts {
  readonly counters: {
    readonly rates: Counters
    /** Of whole days: they outlive a process. */
    readonly quotas: Counters
  }
  /** Whether an instance may take several ahead of their use, because each look at the counters costs something. Default true. */
  readonly ahead?: boolean | undefined
  readonly clock: Clock
  readonly metrics: Metrics
}

/**
 * Takes one from the bucket of `key`, and says what is left.
 * @throws {MmfError} `quota_exceeded` with `retry-after` and the RateLimit fields, `overloaded`, `database_unavailable`
 */
export type TakeToken = (
  name: string,
  limit: RateLimit | DayQuota,
  about: { readonly key: string; readonly signal: AbortSignal },
) => Promise<RateStanding>

/** Times that another instance may come first before this caller is turned away. */
const maxTries = 8
/** Keys of which this process remembers something. What is forgotten was taken and not used: never too much is let in. */
const maxRemembered = 10_000
/** What was taken ahead is good for ten seconds. */
const aheadMicroseconds = 10_000_000

/** What one process knows of one counter. */
interface Held {
  /** As it was after the last write of this process. Others only take more, so a refusal by it is right. */
  known?: Counter | undefined
  /** Taken ahead and not used yet. */
  ahead: number
  aheadUntil: number
  /** How many the last look took. */
  size: number
  remaining: number
  refusedUntil: number
  /** A look at the counter that is under way: the callers of one process do not compete for it. */
  looking?: Promise<void> | undefined
}

/**
 * Counts callers for all instances together. Each look at the counter takes a few ahead, twice as many where the last ones were used up, at most a tenth
 * of the burst: most calls of a busy caller cost nothing, and a caller over the limit is refused from memory. It fails closed: without the
 * counter no caller gets in.
 */
export function createRateLimiter({ counters, ahead = true, clock, metrics }: RateLimiterParts): TakeToken {
  const held = new Map<string, Held>()
  const heldOf = (id: string): Held => {
    const known = held.get(id) ?? { ahead: 0, aheadUntil: 0, size: 0, remaining: 0, refusedUntil: 0 }
    held.delete(id)
    held.set(id, known)
    const [oldest] = held.keys()
    if (held.size > maxRemembered && oldest !== undefined) held.delete(oldest)
    return known
  }
  const now = () => clock.now().getTime() * 1000

  return async (name, limit, { key, signal }) => {
    const isQuota = 'requestsPerDay' in limit
    const meter = isQuota ? dayMeter(limit) : rateMeter(limit)
    const store = isQuota ? counters.quotas : counters.rates
    const hash = createHash('sha256').update(key).digest('base64url')
    let tries = 0
    while (tries < maxTries) {
      const time = now()
      const id = `${name}${meter.window(time)} ${hash}`
      const own = heldOf(id)
      if (own.refusedUntil > time) throw refusal(name, meter, isQuota, own.refusedUntil - time, metrics)
      if (own.ahead > 0 && own.aheadUntil > time) {
        own.ahead -= 1
        return standing(meter, isQuota, own, time)
      }
      if (own.looking !== undefined) {
        await own.looking
        continue
      }
      tries += 1
      const look = lookAt(own, { id, meter, store, time, signal, maxAhead: ahead ? meter.maxAhead : 1 })
      own.looking = look.then(
        () => {},
        () => {},
      )
      try {
        if (await look) return standing(meter, isQuota, own, time)
      } finally {
        own.looking = undefined
      }
    }
    throw new MmfError('overloaded', {
      detail: `${name}: too many callers at the same time`,
      headers: { 'retry-after': '1' },
    })
  }
}

interface Look {
  readonly id: string
  readonly meter: Meter
  readonly store: Counters
  readonly time: number
  readonly signal: AbortSignal
  readonly maxAhead: number
}

/** Takes one and some ahead. False where another instance came first, or nothing is left: `own` says which. */
async function lookAt(own: Held, { id, meter, store, time, signal, maxAhead }: Look): Promise<boolean> {
  const wasUsedUp = own.size > 0 && own.ahead === 0
  const size = wasUsedUp ? Math.max(1, Math.min(own.size * 2, maxAhead)) : 1
  const known = own.known ?? (await store.read(id, signal))
  const { granted, next, remaining, until } = meter.take(known, size, time)
  if (granted === 0) {
    own.known = known
    own.refusedUntil = until
    return false
  }
  if (!(await store.replace(id, known, next, signal))) {
    own.known = undefined
    return false
  }
  Object.assign(own, { known: next, ahead: granted - 1, aheadUntil: time + aheadMicroseconds, size, remaining })
  return true
}

const secondsOf = (microseconds: number) => Math.max(1, Math.ceil(microseconds / 1e6))

function standing(meter: Meter, isQuota: boolean, own: Held, time: number): RateStanding {
  return {
    policy: isQuota ? 'day' : 'rate',
    quota: meter.quota,
    windowSeconds: meter.windowSeconds,
    remaining: own.remaining + own.ahead,
    resetSeconds: secondsOf((own.known?.arrival ?? time) - time),
  }
}

function refusal(name: string, meter: Meter, isQuota: boolean, wait: number, metrics: Metrics): MmfError {
  const policy = isQuota ? 'day' : 'rate'
  metrics.count('mmf_resilience_refusals_total', { policy: isQuota ? 'day_quota' : 'rate_limit', name })
  const seconds = secondsOf(wait)
  const { quota, windowSeconds } = meter
  return new MmfError('quota_exceeded', {
    detail: `${meter.words}; again in ${seconds} s`,
    headers: {
      'retry-after': String(seconds),
      ...rateLimitFields([{ policy, quota, windowSeconds, remaining: 0, resetSeconds: seconds }]),
    },
  })
}
