import type {
  BulkheadOptions,
  CircuitBreakerOptions,
  DayQuota,
  RateLimit,
  RateStanding,
  RetryOptions,
  TimeoutOptions,
} from './options.ts'

/** What is asked for. They apply from the outside in: retry, circuit breaker, bulkhead, timeout. */
export interface ResiliencePolicies {
  readonly retry?: RetryOptions | undefined
  readonly circuitBreaker?: CircuitBreakerOptions | undefined
  readonly bulkhead?: BulkheadOptions | undefined
  readonly timeout?: TimeoutOptions | undefined
}

/** One piece of work, as far as the policies must know it. */
export interface GuardedWork {
  /** Aborts when the caller no longer waits. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970: no retry begins after it. Default: there is none. */
  readonly deadline?: number | undefined
  /** Keeps state apart under one name, such as the host that is asked. Metrics name only `name`. */
  readonly key?: string | undefined
}

export type CircuitStatus = 'closed' | 'open' | 'half_open'

/** A circuit breaker that is in use. */
export interface CircuitState {
  readonly name: string
  readonly key: string
  readonly status: CircuitStatus
}

/** Keeps failing dependencies from taking everything else with them. Its state belongs to this process. */
export interface Resilience {
  /**
   * Runs `work` under the policies. State (circuits, bulkheads, retry budgets) is kept by `name` and `key`; one name has the same options everywhere.
   * The signal that the work gets also aborts at its timeout.
   * @throws {MmfError} `circuit_open`, `overloaded` (the bulkhead is full), `deadline_exceeded` (the timeout, or the work's own signal); what the work throws
   */
  execute<T>(
    name: string,
    policies: ResiliencePolicies,
    work: (signal: AbortSignal) => Promise<T>,
    about: GuardedWork,
  ): Promise<T>
  /**
   * Counts one call of `key` against a limit that holds for all instances together, and says how the caller stands.
   * @throws {MmfError} `quota_exceeded` with the seconds to wait; `overloaded`, `database_unavailable`: a call that cannot be counted is not let in
   */
  limit(
    name: string,
    limit: RateLimit | DayQuota,
    about: { readonly key: string; readonly signal: AbortSignal },
  ): Promise<RateStanding>
  /** Circuits that are not closed. */
  openCircuits(): readonly CircuitState[]
}
