import type { HttpPlatform } from '../platform.ts'
import { asMmfError, toProblem } from '../problem.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/** Turns whatever was thrown into problem+json. What is not exposed goes to the log under an error id. */
export function problemResponse(platform: HttpPlatform): HttpMiddleware {
  return {
    onError(request) {
      const exchange = exchangeOf(request)
      const error = asMmfError(request.error)
      exchange.errorCode = error.code
      const errorId = platform.ids.next()
      const { status, headers, problem } = toProblem(error, exchange.correlationId, errorId)
      if (!error.entry.expose) exchange.logger.error(error.message, { errorId, code: error.code, error: request.error })
      request.response = { statusCode: status, headers: { ...headers }, body: JSON.stringify(problem) }
    },
  }
}
