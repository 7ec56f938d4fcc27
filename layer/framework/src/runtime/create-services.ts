import * as z from 'zod'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { AnyOperation } from '../contract/operation/operation.ts'
import { principalOfPlugin } from '../contract/own-principals.ts'
import type { ServiceAccount } from '../contract/platform-context.ts'
import type { PluginContext } from '../contract/plugin-context.ts'
import type { RemoteServices, ServiceAddress } from '../contract/remote-service.ts'
import type { ServiceScope } from '../contract/scope.ts'
import type { Service } from '../contract/service.ts'
import type { ServiceCall, ServiceReply, ServiceTransport } from '../contract/service-call.ts'
import type { Services } from '../contract/services.ts'
import { defined } from '../defined.ts'
import { scopeCovers } from '../derive/scope-covers.ts'
import { catalogue, type ErrorCode } from '../errors/catalogue.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { isIdentified, outgoingTrace } from '../observability/trace-context.ts'

interface ServicesOptions {
  readonly plugin: Pick<PluginDefinition, 'name'>
  readonly scope: ServiceScope
  readonly contextOf: (service: Service) => PluginContext
  readonly transport?: ServiceTransport | undefined
  /** Services of other deployments; default none. */
  readonly remote?: RemoteServices | undefined
  /** Of the plugin's own services, by name. */
  readonly addresses?: (() => Readonly<Record<string, ServiceAddress>>) | undefined
  /** Default: nothing in its own name. */
  readonly account?: ServiceAccount | undefined
}

export function createServices(options: ServicesOptions): Services {
  const { plugin, scope, contextOf, transport, remote, addresses, account } = options
  // A grant's type names what a caller needs to know; what it holds is the operation.
  const declared = new Map(
    scope.calls.map(grant => [grant.operation, { ...grant, operation: grant.operation as AnyOperation }]),
  )
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
    async call(callee, input, given, { as = 'caller' } = {}) {
      const call = as === 'service' ? { ...given, principal: principalOfPlugin(plugin.name, account) } : given
      const grant = declared.get(callee)
      if (grant === undefined) {
        throw new MmfError('access_undeclared', {
          detail: `${callee.service}.${callee.name} is not declared with calls`,
        })
      }
      const { operation, plugin: owner = plugin.name } = grant
      // An operation of another plugin runs with that one's configuration, in its own function.
      const name = `${owner}.${operation.service}`
      const isRemote = remote?.has(name) === true
      if (!isRemote && owner === plugin.name && scopeCovers(scope, operation.scope))
        return operation.call(input, { context: calleeContext(operation), call })
      const message: ServiceCall = {
        mmf: 'call',
        plugin: owner,
        service: operation.service,
        operation: operation.name,
        input: z.encode(operation.input, input),
        correlationId: call.correlationId,
        deadline: call.deadline,
        ...(isIdentified(call.span) ? { traceparent: outgoingTrace(call.span).traceparent } : {}),
        ...defined({ principal: call.principal }),
      }
      const { signal } = call
      const address = owner === plugin.name ? addresses?.()[operation.service] : undefined
      if (isRemote) return decoded(await remote.call(name, operation, address, message, { signal }), operation)
      if (transport === undefined) throw new MmfError('service_unavailable', { detail: 'no way to other functions' })
      return decoded(await transport(message, { signal }), operation)
    },
  }
}

const decoded = (reply: ServiceReply, { output }: AnyOperation): never =>
  z.decode(output, answerOf(reply) as never) as never

/** An error of the other side is thrown here as what it was there. */
function answerOf(reply: ServiceReply): unknown {
  if ('output' in reply) return reply.output
  const { code, ...options } = reply.error
  if (!Object.hasOwn(catalogue, code))
    throw new MmfError('internal_error', { detail: `the other function answered ${code}` })
  throw new MmfError(code as ErrorCode, options)
}
