import * as z from 'zod'
import { catalogue, type ErrorCode } from '../errors/catalogue.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { isIdentified, outgoingTrace } from '../observability/trace-context.ts'
import type { AnyOperation, Operation } from '../operation/operation.ts'
import type { Call } from './call.ts'
import type { PluginDefinition, ServiceScope } from './define-plugin.ts'
import type { PluginContext } from './plugin-context.ts'
import { scopeCovers } from './scope-covers.ts'
import type { Service } from './service.ts'
import type { ServiceReply, ServiceTransport } from './service-call.ts'

type InputOf<O> = O extends Operation<infer I, z.ZodType> ? z.output<I> : never
type OutputOf<O> = O extends Operation<z.ZodType, infer R> ? z.output<R> : never

/** Calls to other services, by reference to their operations. `Callable` are those the scope declares with `calls`. */
export interface Services<Callable extends AnyOperation = AnyOperation> {
  /**
   * Runs the operation with its own concerns, for the same principal: in this process where the callee touches nothing that this
   * service may not touch, else in the callee's own function.
   * @throws {MmfError} `access_undeclared`; `service_unavailable` when the other function does not answer; what the operation throws
   */
  call<O extends Callable>(operation: O, input: InputOf<O>, call: Call): Promise<OutputOf<O>>
}

interface ServicesOptions {
  readonly plugin: Pick<PluginDefinition, 'name'>
  readonly scope: ServiceScope
  readonly contextOf: (service: Service) => PluginContext
  readonly transport?: ServiceTransport
}

export function createServices({ plugin, scope, contextOf, transport }: ServicesOptions): Services {
  const declared = new Set(scope.calls.map(grant => grant.operation))
  const contexts = new Map<AnyOperation, PluginContext>()

  /** The callee's own context, made from the operation alone: this function need not hold the rest of that service. */
  function calleeContext(operation: AnyOperation): PluginContext {
    const existing = contexts.get(operation)
    if (existing !== undefined) return existing
    const context = contextOf({ name: operation.service, description: '', operations: { callee: operation } })
    contexts.set(operation, context)
    return context
  }

  return {
    async call(operation, input, call) {
      if (!declared.has(operation)) {
        throw new MmfError('access_undeclared', {
          detail: `${operation.service}.${operation.name} is not declared with calls`,
        })
      }
      if (scopeCovers(scope, operation.scope)) return operation.call(input, { context: calleeContext(operation), call })
      if (transport === undefined) throw new MmfError('service_unavailable', { detail: 'no way to other functions' })
      const reply = await transport(
        {
          mmf: 'call',
          plugin: plugin.name,
          service: operation.service,
          operation: operation.name,
          input: z.encode(operation.input, input),
          correlationId: call.correlationId,
          deadline: call.deadline,
          ...(isIdentified(call.span) ? { traceparent: outgoingTrace(call.span).traceparent } : {}),
          ...(call.principal === undefined ? {} : { principal: call.principal }),
        },
        { signal: call.signal },
      )
      return z.decode(operation.output, answerOf(reply) as never) as never
    },
  }
}

/** An error of the other side is thrown here as what it was there. */
function answerOf(reply: ServiceReply): unknown {
  if ('output' in reply) return reply.output
  const { code, ...options } = reply.error
  if (!Object.hasOwn(catalogue, code))
    throw new MmfError('internal_error', { detail: `the other function answered ${code}` })
  throw new MmfError(code as ErrorCode, options)
}
