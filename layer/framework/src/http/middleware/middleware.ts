import type middy from '@middy/core'
import type { Context } from 'aws-lambda'
import type { Exchange } from '../exchange.ts'
import type { HttpEvent, HttpResult } from '../lambda-types.ts'

/** Lambda's context with the exchange of this request on it, so that middlewares and the handler share it. */
export type HttpContext = Context & { exchange?: Exchange }
/** A step of every stack, whatever set the operation going. */
export type AnyMiddleware = middy.MiddlewareObj<unknown, unknown, Error, HttpContext>
/** A step of the HTTP stack. */
export type HttpMiddleware = middy.MiddlewareObj<HttpEvent, HttpResult, Error, HttpContext>
export type HttpRequest = middy.Request<HttpEvent, HttpResult, Error, HttpContext>

/** The exchange of this request. The first middleware sets it, so its absence is a bug of the stack. */
export function exchangeOf({ context }: { readonly context: HttpContext }): Exchange {
  if (context.exchange === undefined) throw new TypeError('the correlation middleware must come first')
  return context.exchange
}
