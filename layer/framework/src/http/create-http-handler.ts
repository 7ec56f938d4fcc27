import middy from '@middy/core'
import type { CommonPluginConfig } from '../config/plugin-config.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { AnyOperation } from '../operation/operation.ts'
import { createServiceContext } from '../plugin/create-plugin-context.ts'
import { operationsOf, type PluginDefinition } from '../plugin/define-plugin.ts'
import type { PluginContext } from '../plugin/plugin-context.ts'
import type { Service } from '../plugin/service.ts'
import { openTransport, type TransportPolicy } from '../plugin/transport-policy.ts'
import { dispatch } from './dispatch.ts'
import type { HttpEvent, HttpResult, LambdaContext } from './lambda-types.ts'
import { authenticate } from './middleware/authenticate.ts'
import { authorizeRequest } from './middleware/authorize.ts'
import { correlation } from './middleware/correlation.ts'
import { decode } from './middleware/decode.ts'
import { exchangeOf, type HttpContext } from './middleware/middleware.ts'
import { observe } from './middleware/observe.ts'
import { problemResponse } from './middleware/problem.ts'
import { responseHeaders } from './middleware/response-headers.ts'
import { route } from './middleware/route.ts'
import { platformService } from './platform/platform-service.ts'
import { platformViews, type RunningPlugin } from './platform/platform-views.ts'
import type { HandlerDefinition, HttpPlatform, PlatformFactory } from './platform.ts'
import { createRouter } from './router.ts'

export interface HttpHandler {
  (event: HttpEvent, context: LambdaContext): Promise<HttpResult>
  /** Builds everything the first request would build. Lambda calls it during init. @throws what the boot throws */
  boot(): Promise<void>
}

interface Bound {
  readonly operation: AnyOperation
  readonly context: PluginContext
  readonly policy: TransportPolicy
}

/**
 * The handler of one Lambda function: boots once, then route → authenticate → authorize → decode → operation → encode for each event.
 * A failed boot is not remembered: the next request tries again.
 */
export function createHttpHandler(definition: HandlerDefinition, factory: PlatformFactory): HttpHandler {
  let booted: ReturnType<typeof bootHandler> | undefined
  const ready = () => {
    booted ??= bootHandler(definition, factory).catch(error => {
      booted = undefined
      throw error
    })
    return booted
  }
  const handler = async (event: HttpEvent, context: LambdaContext) => (await ready())(event, context)
  return Object.assign(handler, { boot: async () => void (await ready()) })
}

async function bootHandler(definition: HandlerDefinition, factory: PlatformFactory) {
  const platform = await factory(definition)
  if ('platformOf' in definition) {
    const bound = await bindPlatform(definition.platformOf, platform)
    return stack(platform, bound, definition.platformOf.flatMap(operationsOf))
  }
  return stack(platform, await bindServices(definition, platform), [])
}

/** Middy runs `before` in this order and `onError` in the reverse one, so the log line sees the finished answer. */
function stack(platform: HttpPlatform, bound: readonly Bound[], elsewhere: readonly AnyOperation[]) {
  const byOperation = new Map(bound.map(b => [b.operation, b]))
  const of = (operation: AnyOperation): Bound => {
    const found = byOperation.get(operation)
    if (found === undefined) throw new TypeError(`${operation.name} is not bound`)
    return found
  }
  const router = createRouter(
    bound.map(b => b.operation),
    elsewhere,
  )
  // The platform has its own deadline (see correlation), so Middy's early timeout stays off.
  return middy<HttpEvent, HttpResult, Error, HttpContext>({ timeoutEarlyInMillis: 0 })
    .use(correlation(platform))
    .use(observe(platform))
    .use(responseHeaders())
    .use(problemResponse(platform))
    .use(route(router, operation => of(operation).context))
    .use(authenticate(platform, operation => of(operation).policy))
    .use(authorizeRequest())
    .use(decode(platform))
    .handler((event: HttpEvent, context: HttpContext) => dispatch(event, exchangeOf({ context }), platform))
}

interface BoundPlugin extends RunningPlugin {
  readonly policy: TransportPolicy
}

async function bindPlugin(plugin: PluginDefinition, platform: HttpPlatform): Promise<BoundPlugin> {
  const config = await platform.pluginConfig(plugin.name)
  const contexts = new Map(plugin.services.map(s => [s.name, createServiceContext(platform, plugin, s, config)]))
  return {
    plugin,
    policy: plugin.transport?.(config as CommonPluginConfig) ?? openTransport,
    contextOf: service => {
      const context = contexts.get(service.name)
      if (context === undefined) throw new MmfError('service_unknown', { detail: service.name })
      return context
    },
  }
}

const bind = (service: Service, context: PluginContext, policy: TransportPolicy): Bound[] =>
  Object.values(service.operations).map(operation => ({ operation, context, policy }))

async function bindServices(
  definition: { readonly plugin: PluginDefinition; readonly services: readonly string[] },
  platform: HttpPlatform,
): Promise<Bound[]> {
  const { plugin, contextOf, policy } = await bindPlugin(definition.plugin, platform)
  return definition.services.flatMap(name => {
    const service = plugin.services.find(s => s.name === name)
    if (service === undefined)
      throw new MmfError('service_unknown', { detail: `${plugin.name} has no service ${name}` })
    return bind(service, contextOf(service), policy)
  })
}

async function bindPlatform(plugins: readonly PluginDefinition[], platform: HttpPlatform): Promise<Bound[]> {
  const bound = await Promise.all(plugins.map(plugin => bindPlugin(plugin, platform)))
  const service = platformService(platformViews(bound, platform))
  const host = { name: 'platform', version: '1', metricPrefix: 'mmf' }
  const context = createServiceContext(platform, { ...host, services: [] } as unknown as PluginDefinition, service, {})
  return bind(service, context, openTransport)
}
