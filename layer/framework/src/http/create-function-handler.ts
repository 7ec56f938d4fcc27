import type { ServiceCall, ServiceReply } from '../contract/service-call.ts'
import { bindOperations } from './bind-operations.ts'
import { eventKind, type ForeignEvent } from './event-kind.ts'
import { createHttpStack } from './http-stack.ts'
import type { HttpEvent, HttpResult, LambdaContext } from './lambda-types.ts'
import type { HandlerDefinition, PlatformFactory } from './platform.ts'
import { createProcessStack } from './process-stack.ts'
import { refuseEvent } from './refuse-event.ts'
import { serveCall } from './serve-call.ts'
import { type EventBridgeEvent, serveEvent } from './serve-event.ts'
import { type ScheduleEvent, serveSchedule } from './serve-schedule.ts'

/** A function as the HTTP API sees it. */
export type HttpFunction = (event: HttpEvent, context: LambdaContext) => Promise<HttpResult>

/** The handler of one Lambda function: HTTP requests, calls from other services, events, and schedules. */
export interface FunctionHandler {
  (event: HttpEvent, context: LambdaContext): Promise<HttpResult>
  (event: ServiceCall, context: LambdaContext): Promise<ServiceReply>
  (event: EventBridgeEvent | ScheduleEvent, context: LambdaContext): Promise<void>
  /** Builds everything the first request would build. Lambda calls it during init. @throws what the boot throws */
  boot(): Promise<void>
}

/**
 * Boots once, then serves. A failed boot is not remembered: the next event tries again. What kind of event it is follows from its
 * shape, which its sender does not choose: API Gateway always writes payload 2.0, and only those who may invoke the function send others. What is of
 * another shape is refused by {@link refuseEvent}.
 */
export function createFunctionHandler(definition: HandlerDefinition, factory: PlatformFactory): FunctionHandler {
  let booted: ReturnType<typeof boot> | undefined
  const ready = () => {
    booted ??= boot(definition, factory).catch(error => {
      booted = undefined
      throw error
    })
    return booted
  }
  const handler = async (event: HttpEvent | ServiceCall | EventBridgeEvent | ScheduleEvent, context: LambdaContext) => {
    const serve = await ready()
    await serve.beforeEvent?.()
    const kind = eventKind(event)
    return typeof kind === 'string' ? serve[kind](event as never, context) : serve.foreign(kind, context)
  }
  return Object.assign(handler as FunctionHandler, { boot: async () => void (await ready()) })
}

async function boot(definition: HandlerDefinition, factory: PlatformFactory) {
  const platform = await factory(definition)
  const bound = await bindOperations(definition, platform)
  const stack = createProcessStack(platform)
  return {
    beforeEvent: platform.beforeEvent,
    http: createHttpStack(definition, platform, bound),
    foreign: (event: ForeignEvent, context: LambdaContext) => refuseEvent(event, context, platform),
    call: (call: ServiceCall, context: LambdaContext) => serveCall(call, context, platform, bound, stack),
    event: (event: EventBridgeEvent, context: LambdaContext) => serveEvent(event, context, platform, bound, stack),
    schedule: (event: ScheduleEvent, context: LambdaContext) => serveSchedule(event, context, platform, bound, stack),
  }
}
