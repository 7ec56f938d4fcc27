import type { Span } from '../../observability/observability.ts'
import { isPlatformService } from '../decisions.ts'
import type { HttpPlatform } from '../platform.ts'
import { type AnyMiddleware, exchangeOf } from './middleware.ts'

/**
 * The span of the operation, from before it is known who asks until the answer is made. It has the name that the operation's `traceOperation`
 * declares, which then opens no second one. The platform's own routes have none: health is asked for all the time.
 */
export function trace({ observability }: HttpPlatform): AnyMiddleware {
  return {
    async before(request) {
      const exchange = exchangeOf(request)
      const { operation, context, trigger } = exchange
      if (operation === undefined || context === undefined || isPlatformService(context)) return
      const { service, name, declares } = operation
      const tags = { plugin: context.plugin.name, service, operation: `${service}.${name}`, trigger }
      const begun = Promise.withResolvers<Span>()
      const done = Promise.withResolvers<void>()
      const work = (span: Span) => {
        begun.resolve(span)
        return done.promise
      }
      const spanName = declares.trace?.operationName ?? `${service}.${name}`
      // What ends the span is the request's own error, and answered as such.
      const ended = observability.tracer.span(spanName, tags, work, exchange.span).catch(() => {})
      exchange.endSpan = error => {
        if (error === undefined) done.resolve()
        else done.reject(error)
        return ended
      }
      // A tracer that fails before it has a span fails no request.
      const span = await Promise.race([begun.promise, ended])
      if (span !== undefined) exchange.span = span
    },
    async after(request) {
      await exchangeOf(request).endSpan?.()
    },
    async onError(request) {
      await exchangeOf(request).endSpan?.(request.error ?? new Error('failed without an error'))
    },
  }
}
