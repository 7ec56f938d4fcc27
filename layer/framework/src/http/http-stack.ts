import middy from '@middy/core'
import type { AnyOperation } from '../contract/operation/operation.ts'
import { operationsOf } from '../derive/declared.ts'
import type { BoundOperation } from './bind-operations.ts'
import { dispatch } from './dispatch.ts'
import type { HttpEvent, HttpResult } from './lambda-types.ts'
import { authenticate } from './middleware/authenticate.ts'
import { authorizeRequest } from './middleware/authorize.ts'
import { correlation } from './middleware/correlation.ts'
import { decode } from './middleware/decode.ts'
import { gatewaySteps } from './middleware/gateway-step.ts'
import { headWithoutBody } from './middleware/head-without-body.ts'
import { limitCallers } from './middleware/limit-callers.ts'
import { exchangeOf, type HttpContext } from './middleware/middleware.ts'
import { observe } from './middleware/observe.ts'
import { problemResponse } from './middleware/problem.ts'
import { responseHeaders } from './middleware/response-headers.ts'
import { route } from './middleware/route.ts'
import { takeTurn } from './middleware/take-turn.ts'
import { trace } from './middleware/trace.ts'
import type { HandlerDefinition, HttpPlatform } from './platform.ts'
import { createRouter } from './router.ts'

/**
 * route → span → steps of the plugin → authenticate → authorize → limits of the caller → steps of the plugin → turn → decode → operation → encode, in Middy. `before` runs in this order and `onError` in the reverse one,
 * so the log line sees the finished answer.
 */
export function createHttpStack(
  definition: HandlerDefinition,
  platform: HttpPlatform,
  bound: readonly BoundOperation[],
) {
  const byOperation = new Map(bound.map(b => [b.operation, b]))
  const of = (operation: AnyOperation): BoundOperation => {
    const found = byOperation.get(operation)
    if (found === undefined) throw new TypeError(`${operation.name} is not bound`)
    return found
  }
  // The platform function also answers for paths of other functions, where only the method is wrong.
  const elsewhere = 'platformOf' in definition ? definition.platformOf.flatMap(operationsOf) : []
  const router = createRouter([...byOperation.keys()], elsewhere)
  // The platform has its own deadline (see correlation), so Middy's early timeout stays off.
  return middy<HttpEvent, HttpResult, Error, HttpContext>({ timeoutEarlyInMillis: 0 })
    .use(correlation(platform))
    .use(observe(platform))
    .use(headWithoutBody())
    .use(responseHeaders())
    .use(problemResponse(platform))
    .use(route(router, operation => of(operation).context, platform.basePath ?? ''))
    .use(trace(platform))
    .use([...gatewaySteps('before_authentication', definition, platform)])
    .use(authenticate(platform, (operation, context) => of(operation).policyOf(context)))
    .use(authorizeRequest())
    .use(limitCallers(platform))
    .use([...gatewaySteps('after_authentication', definition, platform)])
    .use(takeTurn(platform))
    .use(decode(platform))
    .handler((event: HttpEvent, context: HttpContext) => dispatch(event, exchangeOf({ context }), platform))
}
