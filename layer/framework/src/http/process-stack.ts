import middy from '@middy/core'
import { withGrants } from '../contract/access.ts'
import type { Call } from '../contract/call.ts'
import type { BoundOperation } from './bind-operations.ts'
import { loggerOf } from './decisions.ts'
import type { Exchange, Trigger } from './exchange.ts'
import type { LambdaContext } from './lambda-types.ts'
import { authorizeRequest } from './middleware/authorize.ts'
import { exchangeOf, type HttpContext } from './middleware/middleware.ts'
import { observeWork } from './middleware/observe-work.ts'
import { trace } from './middleware/trace.ts'
import type { HttpPlatform } from './platform.ts'

/** An operation to be run, and what set it going. */
interface Work {
  readonly trigger: Exclude<Trigger, 'http'>
  readonly bound: BoundOperation
  readonly wire: unknown
  /** With the principal: that of the caller, or the process. */
  readonly call: Call
}

export type ProcessStack = (work: Work, context: LambdaContext) => Promise<unknown>

/**
 * span → authorize → operation → log and metrics, in Middy: the way of calls, events and schedules, with the steps of the HTTP stack that do not
 * depend on HTTP. There is no other way to an operation from outside this function.
 */
export function createProcessStack(platform: HttpPlatform): ProcessStack {
  const stack = middy<Work, unknown, Error, HttpContext>({ timeoutEarlyInMillis: 0 })
    .use(observeWork(platform))
    .use(trace(platform))
    .use(authorizeRequest())
    .handler((work: Work, context: HttpContext) => run(work, exchangeOf({ context })))
  // Lambda's own object is left as it is: the exchange goes onto a derived one.
  return async (work, context) => stack(work, Object.assign(Object.create(context), { exchange: exchangeFor(work) }))
}

function exchangeFor({ trigger, bound, wire, call }: Work): Exchange {
  const { operation, context } = bound
  const { correlationId, requestId, signal, deadline, span } = call
  return {
    trigger,
    started: performance.now(),
    correlationId,
    requestId,
    signal,
    deadline,
    span,
    logger: loggerOf(call.logger, operation, context),
    operation,
    context,
    wireInput: wire,
    principal: call.principal === undefined ? undefined : withGrants(call.principal, context.plugin.roles),
  }
}

/** With the context of the exchange: the configuration that the work began with. */
function run({ call }: Work, { operation, context, wireInput, span }: Exchange): Promise<unknown> {
  if (operation === undefined || context === undefined) throw new TypeError('work has an operation and a context')
  const tracedAs = operation.declares.trace?.operationName
  return operation.invoke(wireInput, { context, call: { ...call, span, tracedAs } })
}
