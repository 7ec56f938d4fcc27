import type { IncomingMessage } from 'node:http'
import type { HttpEvent } from '@mmf/framework/http'

/** What API Gateway passes on as text; every other body becomes base64. */
const textTypes =
  /^(?:text\/|application\/(?:[\w.+-]*\+)?(?:json|xml)(?:\s*;|$)|application\/javascript|application\/x-www-form-urlencoded)/i

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The request as an HTTP API event, payload format 2.0: the shape a deployed function receives. */
export function httpEvent(request: IncomingMessage, body: Buffer, requestId: string, now: Date): HttpEvent {
  const url = new URL(request.url ?? '/', 'http://local')
  const headers = joinedHeaders(request)
  const { cookie, ...others } = headers
  const method = request.method ?? 'GET'
  const isText = textTypes.test(headers['content-type'] ?? '')
  const query = queryParameters(url)
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: others,
    ...(query === undefined ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: headers['host'] ?? '',
      domainPrefix: 'local',
      http: {
        method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

/** Lower-case names; repeated headers joined by a comma (payload format 2.0 has no multi-value headers). */
function joinedHeaders(request: IncomingMessage): Record<string, string> {
  const joined: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(request.headersDistinct)) {
    if (value !== undefined) joined[name] = value.join(name === 'cookie' ? '; ' : ',')
  }
  return joined
}

function queryParameters(url: URL): Record<string, string> | undefined {
  const parameters: Record<string, string> = Object.create(null)
  for (const [name, value] of url.searchParams) {
    parameters[name] = Object.hasOwn(parameters, name) ? `${parameters[name]},${value}` : value
  }
  return url.search.length > 1 ? parameters : undefined
}

/** `22/Nov/2026:12:51:12 +0000`, as API Gateway writes `time`. */
function commonLogTime(now: Date): string {
  const [year, month = '01', day] = now.toISOString().slice(0, 10).split('-')
  return `${day}/${months[Number(month) - 1]}/${year}:${now.toISOString().slice(11, 19)} +0000`
}
