import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { JwksFetch } from './jwks-cache.ts'

/**
 * As much of `fetch` as a key set needs, over Node's own HTTP. The global one is undici, and loading that costs the first request of every
 * function 20 ms. A redirect is an answer like any other, and not followed.
 */
export const plainFetch: JwksFetch = async (url, { signal, headers }) => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const start = url.startsWith('https:') ? requestHttps : requestHttp
  const request = start(url, { headers: { ...headers, 'accept-encoding': 'identity' }, signal, agent: false })
  request.on('response', resolve)
  request.on('error', reject)
  request.end()
  const message = await promise
  return { status: message.statusCode ?? 0, body: message }
}
