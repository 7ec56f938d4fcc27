import type { DayQuota, RateLimit } from './options.ts'

/** What was taken. Times in microseconds since 1970. */
export interface Counter {
  /** When all that was taken will have been given back (GCRA's theoretical arrival time; of a quota the end of its day). */
  readonly arrival: number
  /** Of a quota: how many were taken on its day. */
  readonly used?: number | undefined
}

interface Taken {
  readonly granted: number
  /** The counter after it. */
  readonly next: Counter
  /** What is left for others after it. */
  readonly remaining: number
  /** Where nothing was granted: when there is one again. */
  readonly until: number
}

/** The arithmetic of one limit. It keeps nothing itself. */
export interface Meter {
  /** Most that may be at once, and the seconds in which that much comes back: `q` and `w` of `RateLimit-Policy`. */
  readonly quota: number
  readonly windowSeconds: number
  /** For the caller: what is allowed, in words. */
  readonly words: string
  /** Most that one instance may take ahead. */
  readonly maxAhead: number
  /** Stands in the id of the counter: another window has another counter. */
  window(now: number): string
  take(counter: Counter | undefined, wanted: number, now: number): Taken
}

/** A token bucket, as the generic cell rate algorithm: one number for each caller. */
export function rateMeter({ requestsPerSecond, burst }: RateLimit): Meter {
  // Rounded up: never more than the rate.
  const interval = Math.ceil(1e6 / requestsPerSecond)
  return {
    quota: burst,
    windowSeconds: Math.max(1, Math.ceil((burst * interval) / 1e6)),
    words: `${requestsPerSecond} a second, ${burst} at once`,
    maxAhead: Math.min(100, Math.floor(burst / 10)),
    window: () => '',
    take(counter, wanted, now) {
      const arrival = Math.max(counter?.arrival ?? now, now)
      const free = Math.max(0, Math.floor((now + interval * burst - arrival) / interval))
      const granted = Math.min(wanted, free)
      return {
        granted,
        next: { arrival: arrival + granted * interval },
        remaining: free - granted,
        until: arrival - interval * (burst - 1),
      }
    },
  }
}

const dayMicroseconds = 86_400_000_000

/** So many on each day of UTC. */
export function dayMeter({ requestsPerDay }: DayQuota): Meter {
  const endOf = (now: number) => (Math.floor(now / dayMicroseconds) + 1) * dayMicroseconds
  return {
    quota: requestsPerDay,
    windowSeconds: 86_400,
    words: `${requestsPerDay} a day`,
    maxAhead: Math.min(100, Math.floor(requestsPerDay / 100)),
    window: now => ` ${new Date(now / 1000).toISOString().slice(0, 10)}`,
    take(counter, wanted, now) {
      const used = counter?.used ?? 0
      const granted = Math.max(0, Math.min(wanted, requestsPerDay - used))
      const until = endOf(now)
      return {
        granted,
        next: { arrival: until, used: used + granted },
        remaining: Math.max(0, requestsPerDay - used - granted),
        until,
      }
    },
  }
}
