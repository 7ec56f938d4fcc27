import { authorize } from '../../contract/concerns/authorize.ts'
import { authorizationFields } from '../decisions.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/** Decides from the declaration before anything is parsed, so that strangers learn nothing of the schema. */
export function authorizeRequest(): HttpMiddleware {
  return {
    before(request) {
      const { operation, principal, logger } = exchangeOf(request)
      const auth = operation?.declares.auth
      try {
        authorize(auth, principal)
        logger.debug('authorized', () => authorizationFields(auth, principal))
      } catch (error) {
        logger.debug('not authorized', () => ({ ...authorizationFields(auth, principal), error }))
        throw error
      }
    },
  }
}
