import type { Call } from '../contract/call.ts'
import type { ServiceCall, ServiceReply } from '../contract/service-call.ts'
import { defined } from '../defined.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { parseTraceparent, remoteSpan } from '../observability/trace-context.ts'
import type { BoundOperation } from './bind-operations.ts'
import type { LambdaContext } from './lambda-types.ts'
import type { HttpPlatform } from './platform.ts'
import { asMmfError } from './problem.ts'
import { timeLeft } from './time-left.ts'

/** Runs an operation for another service, with its own concerns and for the same principal. Errors come back as data. */
export async function serveCall(
  request: ServiceCall,
  context: LambdaContext,
  platform: HttpPlatform,
  bound: readonly BoundOperation[],
): Promise<ServiceReply> {
  const { correlationId, principal } = request
  const requestId = context.awsRequestId
  const logger = platform.observability.logger.child({ correlationId, requestId })
  const trace = parseTraceparent(request.traceparent)
  const call: Call = {
    correlationId,
    requestId,
    logger,
    ...timeLeft(context, request.deadline),
    span: trace === undefined ? undefined : remoteSpan(trace),
    principal,
  }
  const name = `${request.service}.${request.operation}`
  try {
    const found = bound.find(({ operation }) => `${operation.service}.${operation.name}` === name)
    if (found === undefined) throw new MmfError('service_unknown', { detail: `${name} is not served here` })
    const output = await found.operation.invoke(request.input, { context: found.context, call })
    logger.info('call', { operation: name })
    return { output }
  } catch (thrown) {
    const error = asMmfError(thrown)
    logger[error.entry.expose ? 'info' : 'error']('call', { operation: name, code: error.code, error: thrown })
    const { code, detail, members, errors } = error
    return { error: { code, members, errors, ...defined({ detail }) } }
  } finally {
    await platform.observability.flush()
  }
}
