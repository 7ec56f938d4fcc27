import { MmfError } from '../../errors/mmf-error.ts'
import type { HttpPlatform } from '../platform.ts'
import { wireInput } from '../wire-input.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/** Reads body, query and path into the operation's wire input. @throws {MmfError} `malformed_json` and its kin */
export function decode(platform: HttpPlatform): HttpMiddleware {
  return {
    before(request) {
      const exchange = exchangeOf(request)
      exchange.wireInput = wireInput(request.event, exchange, platform.maxBodyBytes)
      const key = request.event.headers['idempotency-key']
      const ifNoneMatch = request.event.headers['if-none-match']
      const { basePath, operation, principal, correlationId, requestId, signal, deadline, logger, span } = exchange
      if (key !== undefined && operation?.declares.idempotent === undefined) {
        throw new MmfError('idempotency_key_invalid', { detail: 'this operation takes no Idempotency-Key' })
      }
      exchange.call = {
        correlationId,
        requestId,
        signal,
        deadline,
        logger,
        ...(basePath === undefined || basePath === '' ? {} : { basePath }),
        span,
        tracedAs: operation?.declares.trace?.operationName,
        principal,
        idempotencyKey: key,
        ifNoneMatch,
      }
    },
  }
}
