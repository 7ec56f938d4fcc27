import type { Call } from '../contract/call.ts'
import { principalOfCall } from '../contract/own-principals.ts'
import type { ServiceCall, ServiceReply } from '../contract/service-call.ts'
import { defined } from '../defined.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { parseTraceparent, remoteSpan } from '../observability/trace-context.ts'
import type { BoundOperation } from './bind-operations.ts'
import type { LambdaContext } from './lambda-types.ts'
import type { HttpPlatform } from './platform.ts'
import { asMmfError } from './problem.ts'
import type { ProcessStack } from './process-stack.ts'
import { timeLeft } from './time-left.ts'

/** Runs an operation for another service, with its own concerns and for the same principal. Errors come back as data. */
export async function serveCall(
  request: ServiceCall,
  context: LambdaContext,
  platform: HttpPlatform,
  bound: readonly BoundOperation[],
  stack: ProcessStack,
): Promise<ServiceReply> {
  const { correlationId } = request
  const requestId = context.awsRequestId
  const logger = platform.observability.logger.child({ correlationId, requestId })
  const trace = parseTraceparent(request.traceparent)
  const call: Call = {
    correlationId,
    requestId,
    logger,
    ...timeLeft(context, request.deadline),
    span: trace === undefined ? undefined : remoteSpan(trace),
  }
  const name = `${request.service}.${request.operation}`
  try {
    const found = bound.find(({ operation }) => `${operation.service}.${operation.name}` === name)
    if (found === undefined) throw await unknownCallee(name, call, platform)
    const principal = principalOfCall(request.principal)
    return {
      output: await stack(
        { trigger: 'call', bound: found, wire: request.input, call: { ...call, principal } },
        context,
      ),
    }
  } catch (thrown) {
    const { code, detail, members, errors } = asMmfError(thrown)
    return { error: { code, members, errors, ...defined({ detail }) } }
  }
}

/** No operation, so no stack: what it would have logged is logged here. */
async function unknownCallee(name: string, { logger }: Call, { observability }: HttpPlatform): Promise<MmfError> {
  const error = new MmfError('service_unknown', { detail: `${name} is not served here` })
  logger.error('call', { operation: name, code: error.code })
  await observability.flush()
  return error
}
