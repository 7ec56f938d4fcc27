import { isMmfError, MmfError, type PluginHealth, type PluginReadiness, type Service } from '@mmf/framework'
import type { Subscriber } from '@mmf/framework/embedded'
import type {
  FunctionHandler,
  HandlerDefinition,
  HttpFunction,
  HttpPlatform,
  LambdaContext,
  PlatformFactory,
} from '@mmf/framework/http'
import type { ServiceTransport } from '@mmf/framework/internal'
import { gatewayProblem } from './gateway-problem.ts'
import { lambdaContext } from './lambda-context.ts'
import { type LocalRoute, localRouter } from './local-routes.ts'
import type { LocalSchedule } from './schedules.ts'

/** What every file in `handlers/` exports. */
export interface HandlerModule {
  readonly definition: HandlerDefinition
  readonly create: (platform: PlatformFactory) => FunctionHandler
}

export interface LocalFunctions {
  /** The function that serves this route; the platform function for a path that none has. */
  readonly handlerFor: (method: string, path: string) => HttpFunction
  /** Carries calls between services: through JSON, as Lambda Invoke would. */
  readonly invoke: ServiceTransport
  /** One subscriber for each event type that a function handles. */
  readonly subscribers: readonly Subscriber[]
  /** Operations to be run at regular times. */
  readonly schedules: readonly LocalSchedule[]
  /**
   * Boots every function. One that fails is reported to `onFailure` and boots anew with its next request; the others serve.
   * @throws what the boot of the platform's own function throws, or of the only other one
   */
  boot(onFailure: (service: string, error: unknown) => void): Promise<void>
  /** The health of a plugin as the function of this service sees it. @throws what the function throws when it cannot boot */
  health(plugin: string, service: string): Promise<PluginHealth>
  /** What the services of a plugin can do now, as the function of this service sees it. @throws what the function throws when it cannot boot */
  readiness(plugin: string, service: string): Promise<PluginReadiness>
  /** Runs the hooks that stop plugins. */
  stop(): Promise<void>
}

interface LocalFunction {
  readonly handler: FunctionHandler
  readonly services: readonly Service[]
  readonly isPlatform: boolean
}

/** The functions of this deployment, each over the same platform. */
export function localFunctions(
  modules: readonly HandlerModule[],
  platform: () => HttpPlatform,
  timeoutMs: number,
): LocalFunctions {
  const functions: readonly LocalFunction[] = modules.map(({ definition, create }) => ({
    handler: create(async () => platform()),
    services: servicesOf(definition),
    isPlatform: 'platformOf' in definition,
  }))
  const fallback = functions.find(({ isPlatform }) => isPlatform)
  if (fallback === undefined) throw new TypeError('no platform function')
  const route = localRouter(functions.flatMap(routesOf))
  const newContext = () => lambdaContext(platform().ids.next(), timeoutMs)

  return {
    handlerFor: (method, path) => route(method, path) ?? fallback.handler,
    async invoke(call) {
      const target = functions.find(({ services }) => services.some(service => service.name === call.service))
      if (target === undefined) throw new MmfError('service_unavailable', { detail: call.service })
      return JSON.parse(JSON.stringify(await target.handler(JSON.parse(JSON.stringify(call)), newContext())))
    },
    subscribers: functions.flatMap(fn => subscribersOf(fn, newContext)),
    schedules: functions.flatMap(fn => schedulesOf(fn, newContext)),
    async boot(onFailure) {
      await fallback.handler.boot()
      const others = functions.filter(({ isPlatform }) => !isPlatform)
      const boots = await Promise.allSettled(others.map(({ handler }) => handler.boot()))
      const failed = boots.flatMap((boot, index) =>
        boot.status === 'rejected' ? [{ name: nameOf(others[index]), reason: boot.reason }] : [],
      )
      // With one function that serves, the others are shown unhealthy; with none there is nothing to serve.
      if (failed.length > 0 && failed.length === others.length) throw failed[0]?.reason
      for (const { name, reason } of failed) onFailure(name, reason)
    },
    async health(plugin, service) {
      const target = functions.find(({ services }) => services.some(({ name }) => name === service))
      const health = await target?.handler({ mmf: 'health' }, newContext())
      const found = health?.[plugin]
      if (found === undefined) throw new MmfError('service_unavailable', { detail: `${plugin}.${service}` })
      return found
    },
    async readiness(plugin, service) {
      const target = functions.find(({ services }) => services.some(({ name }) => name === service))
      const readiness = await target?.handler({ mmf: 'ready' }, newContext())
      const found = readiness?.[plugin]
      if (found === undefined) throw new MmfError('service_unavailable', { detail: `${plugin}.${service}` })
      return found
    },
    async stop() {
      await Promise.all(functions.map(({ handler }) => handler.stop()))
    },
  }
}

const nameOf = (fn: LocalFunction | undefined): string => fn?.services.map(({ name }) => name).join('+') ?? ''

/** A function that cannot boot answers 503, in the form of all errors; it tries again with each request until it has booted. */
function onceBooted({ handler }: LocalFunction): HttpFunction {
  let booted = false
  return async (event, context) => {
    if (booted) return handler(event, context)
    try {
      await handler.boot()
      booted = true
    } catch (error) {
      const cause = isMmfError(error) ? error.code : 'the function did not start'
      const refused = new MmfError('service_unavailable', { detail: cause, cause: error })
      return gatewayProblem(refused, context.awsRequestId)
    }
    return handler(event, context)
  }
}

function servicesOf(definition: HandlerDefinition): readonly Service[] {
  if ('platformOf' in definition) return []
  return definition.plugin.services.filter(service => definition.services.includes(service.name))
}

function routesOf(fn: LocalFunction): LocalRoute<HttpFunction>[] {
  const operations = fn.services.flatMap(service => Object.values(service.operations))
  const target = onceBooted(fn)
  return operations.flatMap(({ http }) =>
    http === undefined ? [] : [{ method: http.method, path: http.path, target }],
  )
}

function schedulesOf({ handler, services }: LocalFunction, newContext: () => LambdaContext): LocalSchedule[] {
  return services
    .flatMap(service => Object.values(service.operations))
    .flatMap(({ service, name, declares: { schedule } }) => {
      if (schedule === undefined) return []
      const operation = `${service}.${name}`
      return [{ operation, ...schedule, run: () => handler({ mmf: 'schedule', operation }, newContext()) }]
    })
}

/** Events of an asynchronous handler that run at the same time; a handler that is not keeps their order. */
const asyncConcurrency = 8

/** As EventBridge would: one delivery per function and event type, repeated as often as its most patient handler wants. */
function subscribersOf(
  { handler, services }: LocalFunction,
  newContext: () => ReturnType<typeof lambdaContext>,
): Subscriber[] {
  const handlers = services
    .flatMap(service => Object.values(service.operations))
    .flatMap(({ declares: { event } }) => (event === undefined ? [] : [event]))
  const name = services.map(service => service.name).join('+')
  return [...Map.groupBy(handlers, event => event.eventType)].map(([eventType, declared]) => ({
    name: `${name}:${eventType}`,
    eventType,
    retryAttempts: Math.max(...declared.map(event => event.retryAttempts)),
    concurrency: declared.every(event => event.asyncProcessing) ? asyncConcurrency : 1,
    handler: event => handler({ 'detail-type': event.type, source: event.source, detail: event }, newContext()),
  }))
}
