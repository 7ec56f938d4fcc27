import { incomingTrace, remoteSpan } from '../../observability/trace-context.ts'
import type { HttpPlatform } from '../platform.ts'
import { timeLeft } from '../time-left.ts'
import type { HttpMiddleware } from './middleware.ts'

/** What a client may choose as its correlation id; anything else is replaced by ours. */
const acceptable = /^[\w.:-]{1,128}$/

/** Opens the exchange: ids, a logger that carries them, and a signal that aborts shortly before Lambda ends the call. */
export function correlation(platform: HttpPlatform): HttpMiddleware {
  return {
    before(request) {
      const { event, context } = request
      const trace = incomingTrace(event.headers)
      const requested = event.headers['x-correlation-id'] ?? ''
      const requestId = event.requestContext.requestId
      const correlationId = acceptable.test(requested) ? requested : platform.ids.next()
      const exchange = {
        correlationId,
        requestId,
        trigger: 'http' as const,
        started: performance.now(),
        logger: platform.observability.logger.child({ correlationId, requestId }),
        ...timeLeft(context),
        span: trace === undefined ? undefined : remoteSpan(trace),
      }
      // Lambda's own object is left as it is: the exchange goes onto a derived one.
      request.context = Object.assign(Object.create(context), { exchange })
    },
  }
}
