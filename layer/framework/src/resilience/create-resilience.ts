import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import type { Observability } from '../observability/observability.ts'
import { memoryCounters, tableCounters } from './counters.ts'
import type { Policies } from './policies.ts'
import { createRateLimiter } from './rate-limiter.ts'
import type { Resilience } from './resilience.ts'

export interface ResilienceParts {
  readonly clock: Clock
  /** With `rateLimitTable` opened, where an operation limits its callers. */
  readonly database: Database
  readonly observability: Pick<Observability, 'metrics' | 'logger'>
  /** Whether this process is the only one that counts callers: rates are then kept in its memory. Default false. */
  readonly countsAlone?: boolean | undefined
  /** Default: real time. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
  /** Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** The resilience port of a process. The library under it is loaded by the first policy that is used, so that no start waits for it. */
export function createResilience({ clock, database, observability, ...rest }: ResilienceParts): Resilience {
  const { sleep = (ms, signal) => wait(ms, undefined, { signal }), random = Math.random } = rest
  const { metrics, logger } = observability
  let loaded: Policies | undefined
  const shared = tableCounters(database)
  const counters = { rates: rest.countsAlone ? memoryCounters(clock) : shared, quotas: shared }
  return {
    limit: createRateLimiter({ counters, ahead: rest.countsAlone !== true, clock, metrics }),
    async execute(name, policies, work, about) {
      if (loaded === undefined) {
        const module = await import('./policies.ts')
        loaded ??= new module.Policies({ clock, metrics, logger, sleep, random })
      }
      return loaded.execute(name, policies, work, about)
    },
    openCircuits: () => loaded?.openCircuits() ?? [],
  }
}
