import type { Call } from '../contract/call.ts'
import { handlesEvent } from '../contract/concerns/handles-event.ts'
import { principalOfEvent } from '../contract/own-principals.ts'
import type { CloudEvent } from '../events/events.ts'
import { parseTraceparent, remoteSpan } from '../observability/trace-context.ts'
import type { BoundOperation } from './bind-operations.ts'
import type { LambdaContext } from './lambda-types.ts'
import type { HttpPlatform } from './platform.ts'
import type { ProcessStack } from './process-stack.ts'
import { timeLeft } from './time-left.ts'

/** What EventBridge delivers: our CloudEvent is its detail. */
export interface EventBridgeEvent {
  readonly 'detail-type': string
  readonly source: string
  readonly detail: CloudEvent
}

/**
 * Runs every operation that handles this event, in the trace of who published it. One that fails does not keep back the others; the first failure is thrown at the end,
 * so that the sender delivers again. Handlers see an event at least once and must bear a repetition.
 * @throws what a handler throws
 */
export async function serveEvent(
  { detail }: EventBridgeEvent,
  context: LambdaContext,
  platform: HttpPlatform,
  bound: readonly BoundOperation[],
  stack: ProcessStack,
): Promise<void> {
  const requestId = context.awsRequestId
  const correlationId = detail.correlationid
  const logger = platform.observability.logger.child({
    correlationId,
    requestId,
    eventId: detail.id,
    eventType: detail.type,
  })
  const principal = principalOfEvent(detail.type)
  const trace = parseTraceparent(detail.traceparent)
  const span = trace === undefined ? undefined : remoteSpan(trace)
  const call: Call = { correlationId, requestId, logger, principal, span, ...timeLeft(context) }
  const failures: unknown[] = []
  for (const one of bound.filter(({ operation }) => handlesEvent(operation, detail.type))) {
    try {
      await stack({ trigger: 'event', bound: one, wire: detail, call }, context)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
