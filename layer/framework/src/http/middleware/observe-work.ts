import { defined } from '../../defined.ts'
import { scheduleFailures } from '../../derive/alarms-of.ts'
import { flushMetrics } from '../flush-metrics.ts'
import type { HttpPlatform } from '../platform.ts'
import { asMmfError } from '../problem.ts'
import { type AnyMiddleware, exchangeOf } from './middleware.ts'

/** One log line and the metrics for every operation that a call, an event or a schedule set going; then flushes. */
export function observeWork(platform: HttpPlatform): AnyMiddleware {
  const { metrics } = platform.observability
  async function record(request: Parameters<NonNullable<AnyMiddleware['after']>>[0], thrown?: unknown): Promise<void> {
    const { operation, started, logger, trigger } = exchangeOf(request)
    const name = operation === undefined ? 'none' : `${operation.service}.${operation.name}`
    const seconds = (performance.now() - started) / 1000
    const error = thrown === undefined ? undefined : asMmfError(thrown)
    const outcome = error === undefined ? 'success' : 'error'
    metrics.count('mmf_invocations_total', { operation: name, trigger, outcome })
    metrics.duration('mmf_invocation_duration_seconds', { operation: name, trigger }, seconds)
    if (error !== undefined) metrics.count('mmf_errors_total', { operation: name, code: error.code })
    // Counted also where it did not fail: the alarm rings until a run succeeds.
    if (trigger === 'schedule') metrics.count(scheduleFailures, { operation: name }, error === undefined ? 0 : 1)
    // What a caller asks for wrongly is its mistake; an event or a schedule that fails is ours.
    const isExpected = error === undefined || (trigger === 'call' && error.entry.expose)
    logger[isExpected ? 'info' : 'error'](trigger, {
      operation: name,
      durationMs: Math.round(seconds * 1e6) / 1000,
      ...defined({ code: error?.code, error: thrown }),
    })
    await flushMetrics(platform.observability, logger)
  }
  return { after: request => record(request), onError: request => record(request, request.error) }
}
