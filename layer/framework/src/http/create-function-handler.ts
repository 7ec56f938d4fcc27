import type { ServiceCall, ServiceReply } from '../contract/service-call.ts'
import { sharedReadiness } from '../health/check-readiness.ts'
import type { PluginHealth, PluginReadiness } from '../health/health.ts'
import { bindOperations } from './bind-operations.ts'
import type { QueueDeliveries } from './deliveries.ts'
import { eventKind, type ForeignEvent } from './event-kind.ts'
import { flushMetrics } from './flush-metrics.ts'
import { createHttpStack } from './http-stack.ts'
import type { HttpEvent, HttpResult, LambdaContext } from './lambda-types.ts'
import type { HandlerDefinition, PlatformFactory } from './platform.ts'
import { createProcessStack } from './process-stack.ts'
import { refuseEvent } from './refuse-event.ts'
import { renewed } from './renewed.ts'
import { serveCall } from './serve-call.ts'
import { type DeliveriesAnswer, serveDeliveries } from './serve-deliveries.ts'
import { type EventBridgeEvent, serveEvent } from './serve-event.ts'
import { type ScheduleEvent, serveSchedule } from './serve-schedule.ts'
import { workInHand } from './work-in-hand.ts'

/** A function as the HTTP API sees it. */
export type HttpFunction = (event: HttpEvent, context: LambdaContext) => Promise<HttpResult>

/** The handler of one Lambda function: HTTP requests, calls from other services, events, and schedules. */
export interface FunctionHandler {
  (event: HttpEvent, context: LambdaContext): Promise<HttpResult>
  (event: ServiceCall, context: LambdaContext): Promise<ServiceReply>
  (event: QueueDeliveries, context: LambdaContext): Promise<DeliveriesAnswer>
  (event: EventBridgeEvent | ScheduleEvent, context: LambdaContext): Promise<void>
  (event: HealthQuestion, context: LambdaContext): Promise<FunctionHealth>
  (event: ReadinessQuestion, context: LambdaContext): Promise<FunctionReadiness>
  /** Builds everything the first request would build. Lambda calls it during init. @throws what the boot throws */
  boot(): Promise<void>
  /** Stops the plugin of the function: its hooks run. A function that never booted has nothing to stop. */
  stop(): Promise<void>
}

/** Asks a function for the health of the plugins it holds. */
interface HealthQuestion {
  readonly mmf: 'health'
}

/** Asks a function whether its services can do their work, and how old what they rely on is. */
interface ReadinessQuestion {
  readonly mmf: 'ready'
}

/** By plugin. */
type FunctionReadiness = Readonly<Record<string, PluginReadiness>>

/** By plugin: its services as far as this function has them. */
type FunctionHealth = Readonly<Record<string, PluginHealth>>

/**
 * Boots once, then serves, and boots anew when a secret was rotated. A failed boot is not remembered: the next event tries again. What kind of event it is follows from its
 * shape, which its sender does not choose: API Gateway always writes payload 2.0, and only those who may invoke the function send others. What is of
 * another shape is refused by {@link refuseEvent}.
 */
export function createFunctionHandler(definition: HandlerDefinition, factory: PlatformFactory): FunctionHandler {
  let last: Awaited<ReturnType<typeof boot>> | undefined
  const ready = renewed(async () => {
    const next = await boot(definition, factory)
    // Requests that it serves still go on with it; those that come are served by the next one meanwhile.
    last?.work.retire()
    last = next
    return next
  })
  type Event =
    | HttpEvent
    | ServiceCall
    | EventBridgeEvent
    | ScheduleEvent
    | QueueDeliveries
    | HealthQuestion
    | ReadinessQuestion
  const handler = async (event: Event, context: LambdaContext) => {
    let serve = await ready()
    while (!serve.work.begin()) serve = await ready()
    try {
      await serve.beforeEvent?.()
      const kind = eventKind(event)
      return await (typeof kind === 'string' ? serve[kind](event as never, context) : serve.foreign(kind, context))
    } finally {
      serve.work.end()
    }
  }
  return Object.assign(handler as FunctionHandler, {
    boot: async () => void (await ready()),
    async stop() {
      await last?.stop()
    },
  })
}

async function boot(definition: HandlerDefinition, factory: PlatformFactory) {
  const platform = await factory(definition)
  const { operations: bound, manager } = await bindOperations(definition, platform)
  const stack = createProcessStack(platform)
  const { logger } = platform.observability
  const stop = async () => {
    await manager.stopAllPlugins()
    // No request follows that would write out what was counted.
    await flushMetrics(platform.observability, logger)
  }
  const event = (one: EventBridgeEvent, context: LambdaContext) => serveEvent(one, context, platform, bound, stack)
  return {
    beforeEvent: platform.beforeEvent,
    outdated: async () => (await platform.outdated?.()) ?? false,
    stays: (error: unknown) => logger.error('it goes on with its old secrets', { error }),
    work: workInHand(() => {
      stop().catch(error => logger.error('what was replaced did not stop', { error }))
    }),
    http: createHttpStack(definition, platform, bound),
    foreign: (event: ForeignEvent, context: LambdaContext) => refuseEvent(event, context, platform),
    call: (call: ServiceCall, context: LambdaContext) => serveCall(call, context, platform, bound, stack),
    event,
    deliveries: (queued: QueueDeliveries, context: LambdaContext) => serveDeliveries(queued, context, platform, event),
    health: (): Promise<FunctionHealth> => manager.getHealthStatus(),
    ready: sharedReadiness((): Promise<FunctionReadiness> => manager.getReadiness(), {
      clock: platform.clock,
      maxAgeMs: () => platform.readinessMaxAgeMs,
    }),
    stop,
    schedule: (event: ScheduleEvent, context: LambdaContext) => serveSchedule(event, context, platform, bound, stack),
  }
}
