import type { Exchange } from '../exchange.ts'
import type { HttpPlatform } from '../platform.ts'

/** Why a request was refused that could have been served. */
export type Refusal = 'rate_limit' | 'day_quota' | 'not_counted' | 'no_turn'

/** Counts a request that was refused unread, by the kind of its principal and by what it would have been. */
export function countRefusal(
  { observability }: Pick<HttpPlatform, 'observability'>,
  { principal, operation }: Exchange,
  reason: Refusal,
): void {
  const labels = { method: principal?.method ?? 'none', load: operation?.http?.load ?? 'verify', reason }
  observability.metrics.count('mmf_refused_requests_total', labels)
}
