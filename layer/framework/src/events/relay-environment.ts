import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import type { Logger, Metrics } from '../observability/observability.ts'
import type { Backoff } from './backoff.ts'

/** How long delivered rows are kept by default: 7 days. */
export const defaultRetentionSeconds = 7 * 86_400

/** What the parts of a relay share. */
export interface RelayEnvironment {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  /** Where dead letters and rows that cannot be read are counted. */
  readonly metrics?: Pick<Metrics, 'count'> | undefined
  /** How long one attempt may take, in milliseconds. */
  readonly leaseMs: number
  readonly backoff: Backoff
  /** How long delivered rows are kept, in seconds. */
  readonly retentionSeconds: number
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

/** RFC 3339, so many milliseconds from now. */
export function after({ clock }: Pick<RelayEnvironment, 'clock'>, milliseconds: number): string {
  return new Date(clock.now().getTime() + Math.ceil(milliseconds)).toISOString()
}

/** When a row delivered now is to vanish, in seconds since 1970. */
export function expiry({ clock, retentionSeconds }: Pick<RelayEnvironment, 'clock' | 'retentionSeconds'>): number {
  return Math.floor(clock.now().getTime() / 1000) + retentionSeconds
}
