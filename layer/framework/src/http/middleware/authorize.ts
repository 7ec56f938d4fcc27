import { authorize } from '../../contract/concerns/authorize.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/** Decides from the declaration before anything is parsed, so that strangers learn nothing of the schema. */
export function authorizeRequest(): HttpMiddleware {
  return {
    before(request) {
      const { operation, principal } = exchangeOf(request)
      authorize(operation?.declares.auth, principal)
    },
  }
}
