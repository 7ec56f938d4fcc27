import type { AnyOperation } from '../../operation/operation.ts'
import type { PluginContext } from '../../plugin/plugin-context.ts'
import type { Router } from '../router.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/** Finds the operation. @throws {MmfError} `route_not_found`, `method_not_allowed` */
export function route(router: Router, contextOf: (operation: AnyOperation) => PluginContext): HttpMiddleware {
  return {
    before(request) {
      const exchange = exchangeOf(request)
      const { operation, params } = router.match(request.event.requestContext.http.method, request.event.rawPath)
      exchange.operation = operation
      exchange.params = params
      exchange.context = contextOf(operation)
    },
  }
}
