import { authorize } from '../../contract/concerns/authorize.ts'
import { refuseBeyondLimits } from '../../contract/covers-operation.ts'
import { authorizationFields } from '../decisions.ts'
import { type AnyMiddleware, exchangeOf } from './middleware.ts'

/** Decides from the declaration before anything is parsed, so that strangers learn nothing of the schema. */
export function authorizeRequest(): AnyMiddleware {
  return {
    before(request) {
      const { operation, principal, logger, trigger } = exchangeOf(request)
      const auth = operation?.declares.auth
      const { event, schedule } = operation?.declares ?? {}
      // Without a word about access only the relay or the schedule can reach it, and what they bring is the platform's own.
      if (auth === undefined && ((trigger === 'event' && event) || (trigger === 'schedule' && schedule))) return
      try {
        authorize(auth, principal)
        if (trigger === 'http' && operation !== undefined) refuseBeyondLimits(principal, operation)
        logger.debug('authorized', () => authorizationFields(auth, principal))
      } catch (error) {
        logger.debug('not authorized', () => ({ ...authorizationFields(auth, principal), error }))
        throw error
      }
    },
  }
}
