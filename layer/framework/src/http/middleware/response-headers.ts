import { exchangeOf, type HttpMiddleware, type HttpRequest } from './middleware.ts'

/** An API answer is never a page: nothing may sniff, frame or script it. */
const fixed = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
} as const

/** Adds the security headers and the correlation id to every answer. */
export function responseHeaders(): HttpMiddleware {
  const add = (request: HttpRequest) => {
    if (request.response === null || request.response === undefined) return
    const { correlationId, addedHeaders, limitFields } = exchangeOf(request)
    request.response.headers = {
      // First: what the platform and the operation say cannot be replaced.
      ...addedHeaders,
      'cache-control': 'no-store',
      ...fixed,
      ...limitFields,
      ...request.response.headers,
      'x-correlation-id': correlationId,
    }
  }
  return { after: add, onError: add }
}
