import { MmfError, type Service } from '@mmf/framework'
import type { Subscriber } from '@mmf/framework/embedded'
import type {
  FunctionHandler,
  HandlerDefinition,
  HttpPlatform,
  LambdaContext,
  PlatformFactory,
} from '@mmf/framework/http'
import type { ServiceTransport } from '@mmf/framework/internal'
import { lambdaContext } from './lambda-context.ts'
import type { LocalSchedule } from './schedules.ts'

/** What every file in `handlers/` exports. */
export interface HandlerModule {
  readonly definition: HandlerDefinition
  readonly create: (platform: PlatformFactory) => FunctionHandler
}

export interface LocalFunctions {
  /** The function that serves this path; the platform function for a path that none has. */
  readonly handlerFor: (path: string) => FunctionHandler
  /** Carries calls between services: through JSON, as Lambda Invoke would. */
  readonly invoke: ServiceTransport
  /** One subscriber for each event type that a function handles. */
  readonly subscribers: readonly Subscriber[]
  /** Operations to be run at regular times. */
  readonly schedules: readonly LocalSchedule[]
  /** Boots every function. @throws what a boot throws */
  boot(): Promise<void>
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
  const routes = functions.flatMap(fn => pathsOf(fn.services).map(path => ({ path, handler: fn.handler })))
  const newContext = () => lambdaContext(platform().ids.next(), timeoutMs)

  return {
    handlerFor: path => routes.find(route => route.path.test(path))?.handler ?? fallback.handler,
    async invoke(call) {
      const target = functions.find(({ services }) => services.some(service => service.name === call.service))
      if (target === undefined) throw new MmfError('service_unavailable', { detail: call.service })
      return JSON.parse(JSON.stringify(await target.handler(JSON.parse(JSON.stringify(call)), newContext())))
    },
    subscribers: functions.flatMap(fn => subscribersOf(fn, newContext)),
    schedules: functions.flatMap(fn => schedulesOf(fn, newContext)),
    async boot() {
      await Promise.all(functions.map(({ handler }) => handler.boot()))
    },
  }
}

function servicesOf(definition: HandlerDefinition): readonly Service[] {
  if ('platformOf' in definition) return []
  return definition.plugin.services.filter(service => definition.services.includes(service.name))
}

function pathsOf(services: readonly Service[]): RegExp[] {
  const operations = services.flatMap(service => Object.values(service.operations))
  return operations.flatMap(({ http }) => (http === undefined ? [] : [pattern(http.path)]))
}

const pattern = (path: string) => new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{[^}]*\}/g, '[^/]+')}$`)

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
