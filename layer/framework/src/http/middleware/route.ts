import type { AnyOperation } from '../../contract/operation/operation.ts'
import type { PluginContext } from '../../contract/plugin-context.ts'
import { loggerOf } from '../decisions.ts'
import { routedPath } from '../routed-path.ts'
import type { Router } from '../router.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/** Finds the operation. From here on the path of the event is the route's own. @throws {MmfError} `route_not_found`, `method_not_allowed` */
export function route(
  router: Router,
  contextOf: (operation: AnyOperation) => PluginContext,
  basePath: string,
): HttpMiddleware {
  return {
    before(request) {
      const exchange = exchangeOf(request)
      const { prefix, path } = routedPath(request.event, { basePath, isRoute: router.has })
      if (prefix !== '') request.event = { ...request.event, rawPath: path }
      const { operation, params } = router.match(request.event.requestContext.http.method, path)
      exchange.basePath = prefix
      exchange.operation = operation
      exchange.params = params
      exchange.context = contextOf(operation)
      exchange.logger = loggerOf(exchange.logger, operation, exchange.context)
      exchange.logger.debug('route matched', () => ({ route: operation.http?.path, basePath: prefix, params }))
    },
  }
}
