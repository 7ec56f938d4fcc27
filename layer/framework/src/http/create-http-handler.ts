import middy from '@middy/core'
import type { AnyOperation } from '../operation/operation.ts'
import { operationsOf } from '../plugin/define-plugin.ts'
import { type BoundOperation, bindOperations } from './bind-operations.ts'
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
import type { HandlerDefinition, HttpPlatform, PlatformFactory } from './platform.ts'
import { createRouter } from './router.ts'

export interface HttpHandler {
  (event: HttpEvent, context: LambdaContext): Promise<HttpResult>
  /** Builds everything the first request would build. Lambda calls it during init. @throws what the boot throws */
  boot(): Promise<void>
}

/**
 * The handler of one Lambda function: boots once, then route → authenticate → authorize → decode → operation → encode for each event.
 * A failed boot is not remembered: the next request tries again.
 */
export function createHttpHandler(definition: HandlerDefinition, factory: PlatformFactory): HttpHandler {
  let booted: ReturnType<typeof boot> | undefined
  const ready = () => {
    booted ??= boot(definition, factory).catch(error => {
      booted = undefined
      throw error
    })
    return booted
  }
  const handler = async (event: HttpEvent, context: LambdaContext) => (await ready())(event, context)
  return Object.assign(handler, { boot: async () => void (await ready()) })
}

async function boot(definition: HandlerDefinition, factory: PlatformFactory) {
  const platform = await factory(definition)
  const bound = await bindOperations(definition, platform)
  return stack(platform, bound, 'platformOf' in definition ? definition.platformOf.flatMap(operationsOf) : [])
}

/** Middy runs `before` in this order and `onError` in the reverse one, so the log line sees the finished answer. */
function stack(platform: HttpPlatform, bound: readonly BoundOperation[], elsewhere: readonly AnyOperation[]) {
  const byOperation = new Map(bound.map(b => [b.operation, b]))
  const of = (operation: AnyOperation): BoundOperation => {
    const found = byOperation.get(operation)
    if (found === undefined) throw new TypeError(`${operation.name} is not bound`)
    return found
  }
  const router = createRouter([...byOperation.keys()], elsewhere)
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
