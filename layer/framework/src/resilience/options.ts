/** Try again what failed for a reason that may pass. */
export interface RetryOptions {
  /** Tries in all, the first one included: 2 to 10; default 3. */
  readonly maxAttempts?: number
  /** Milliseconds before the second try, on average twice that before the next one; default 1,000. */
  readonly baseDelayMs?: number
  /** Longest wait between two tries, in milliseconds; default 60,000. */
  readonly maxDelayMs?: number
  /** Whether this error may pass; default: see {@link mayPass}. */
  readonly when?: (error: unknown) => boolean
}

/** Leave alone what keeps failing, for a while. */
export interface CircuitBreakerOptions {
  /** Failures within the window that open the circuit; default 5. Not used where `failureRate` is given. */
  readonly failureThreshold?: number
  /** Instead: the part of the calls within the window that fail, above 0 and at most 1. */
  readonly failureRate?: number
  /** With `failureRate`: fewer calls within the window never open the circuit; default 10. */
  readonly minimumCalls?: number
  /** Seconds that a failure counts; default 60. */
  readonly windowSeconds?: number
  /** Seconds that the circuit stays open before it is tried again; default 60. */
  readonly openSeconds?: number
  /** Calls that are let through to try, and must all succeed before the circuit closes; default 3. */
  readonly successThreshold?: number
  /** Whether this error says that the dependency fails; default: see {@link isFailure}. */
  readonly when?: (error: unknown) => boolean
}

/** No more than so many at once. */
export interface BulkheadOptions {
  /** Default 10. */
  readonly maxConcurrent?: number
  /** Callers that may wait for their turn; default 100. 0 refuses at once. */
  readonly maxWaiting?: number
  /** Longest wait for a turn, in milliseconds; default 30,000. */
  readonly maxWaitMs?: number
}

/** Give up what takes too long. */
export interface TimeoutOptions {
  /** Default 30,000. */
  readonly timeoutMs?: number
}

/** The defaults of every policy. */
export const resilienceDefaults = {
  retry: { maxAttempts: 3, baseDelayMs: 1_000, maxDelayMs: 60_000 },
  circuitBreaker: { failureThreshold: 5, minimumCalls: 10, windowSeconds: 60, openSeconds: 60, successThreshold: 3 },
  bulkhead: { maxConcurrent: 10, maxWaiting: 100, maxWaitMs: 30_000 },
  timeout: { timeoutMs: 30_000 },
  /** A retry takes one from the budget of its name, each first try gives a tenth back; it begins full. */
  retryBudget: { capacity: 10, perCall: 0.1 },
} as const

/** So many calls in the long run, and so many at once. */
export interface RateLimit {
  /** Above 0; a fraction is one call in several seconds. */
  readonly requestsPerSecond: number
  /** Calls that may come at once after a pause. */
  readonly burst: number
}

/** So many calls on each day of UTC. */
export interface DayQuota {
  readonly requestsPerDay: number
}

/** How a caller stands with one limit. */
export interface RateStanding {
  readonly policy: 'rate' | 'day'
  /** Most that may be at once, and the seconds in which that much comes back. */
  readonly quota: number
  readonly windowSeconds: number
  readonly remaining: number
  /** Until everything is there again; of a caller who is refused: until there is one again. */
  readonly resetSeconds: number
}
