import { defined } from '../../defined.ts'
import { flushMetrics } from '../flush-metrics.ts'
import type { HttpPlatform } from '../platform.ts'
import { exchangeOf, type HttpMiddleware, type HttpRequest } from './middleware.ts'

/** One log line and the request metrics for every answer, also for errors; then flushes. */
export function observe(platform: HttpPlatform): HttpMiddleware {
  const { metrics } = platform.observability
  async function record(request: HttpRequest): Promise<void> {
    const { operation, started, logger, principal, errorCode } = exchangeOf(request)
    const status = String(request.response?.statusCode ?? 500)
    const name = operation === undefined ? 'none' : `${operation.service}.${operation.name}`
    const seconds = (performance.now() - started) / 1000
    metrics.count('mmf_requests_total', { operation: name, status })
    metrics.duration('mmf_request_duration_seconds', { operation: name }, seconds)
    if (errorCode !== undefined) metrics.count('mmf_errors_total', { operation: name, code: errorCode })
    logger.info('request', {
      operation: name,
      method: request.event.requestContext.http.method,
      path: request.event.rawPath,
      status: Number(status),
      durationMs: Math.round(seconds * 1e6) / 1000,
      ...defined({ subject: principal?.subject, callerKey: principal?.credential, code: errorCode }),
    })
    await flushMetrics(platform.observability, logger)
  }
  return { after: record, onError: record }
}
