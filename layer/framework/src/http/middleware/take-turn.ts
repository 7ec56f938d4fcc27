import type { HttpPlatform } from '../platform.ts'
import { countRefusal } from './count-refusal.ts'
import { exchangeOf, type HttpMiddleware, type HttpRequest } from './middleware.ts'

/**
 * Waits for a turn, before anything of the request is parsed. The platform's own operations, health above all, need none: they are asked where there is
 * too much to do. It is the last step but decoding, so that no step can end the request in between and keep the turn.
 * @throws {MmfError} `overloaded`, `deadline_exceeded`
 */
export function takeTurn(platform: HttpPlatform): HttpMiddleware {
  const release = (request: HttpRequest) => exchangeOf(request).releaseTurn?.()
  return {
    async before(request) {
      const exchange = exchangeOf(request)
      const { operation, context, deadline, signal } = exchange
      if (platform.admission === undefined || operation === undefined || context?.plugin.name === 'platform') return
      try {
        exchange.releaseTurn = await platform.admission.enter(operation.http?.load ?? 'verify', { deadline, signal })
      } catch (error) {
        countRefusal(platform, exchange, 'no_turn')
        throw error
      }
    },
    after: release,
    onError: release,
  }
}
