import type { HttpMiddleware, HttpRequest } from './middleware.ts'

/** The answer to HEAD is that to GET without its body; its headers say what GET would have (RFC 9110 §9.3.2, §8.6). */
export function headWithoutBody(): HttpMiddleware {
  const strip = (request: HttpRequest) => {
    const { response, event } = request
    if (event.requestContext.http.method !== 'HEAD' || response === null || response === undefined) return
    const { body, isBase64Encoded = false, ...rest } = response
    if (body === undefined) return
    const length = Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8')
    request.response = { ...rest, headers: { ...rest.headers, 'content-length': String(length) } }
  }
  return { after: strip, onError: strip }
}
