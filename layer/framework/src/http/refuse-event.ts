import { type ForeignEvent, unsupportedEvent } from './event-kind.ts'
import type { HttpResult, LambdaContext } from './lambda-types.ts'
import type { HttpPlatform } from './platform.ts'
import { toProblem } from './problem.ts'

/**
 * Refuses an event of another shape, with what was expected. Where its sender answers HTTP with what is returned (a load balancer, payload format 1.0), that
 * is a problem document, so that no client sees a bare 500 or 502. In any other case it is thrown: a source that takes returning for done (a queue, a stream, an
 * asynchronous call) keeps the event or files it as a dead letter.
 * @throws {MmfError} `event_unsupported`
 */
export async function refuseEvent(
  event: ForeignEvent,
  context: LambdaContext,
  platform: HttpPlatform,
): Promise<HttpResult> {
  const error = unsupportedEvent(event)
  const correlationId = platform.ids.next()
  const logger = platform.observability.logger.child({ correlationId, requestId: context.awsRequestId })
  logger.error('an event of another shape was refused', { code: error.code, shape: event.shape })
  platform.observability.metrics.count('mmf_errors_total', { operation: 'none', code: error.code })
  await platform.observability.flush()
  if (!event.answered) throw error
  const { status, headers, problem } = toProblem(error, correlationId, correlationId)
  return { statusCode: status, headers: { ...headers }, body: JSON.stringify(problem), isBase64Encoded: false }
}
