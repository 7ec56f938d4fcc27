import type { Clock } from '../clock/clock.ts'
import type { Logger, Metrics } from '../observability/observability.ts'

/** What all policies of a process share. */
export interface PolicyParts {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Pick<Logger, 'warn' | 'info'>
  /** Waits; rejects with the signal's reason when it aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** From 0 up to, not including, 1. */
  readonly random: () => number
}

/** Whose state it is. */
export interface PolicyName {
  readonly name: string
  readonly key: string
}
