import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { defined } from '@mmf/framework'
import type { HttpEvent } from '@mmf/framework/http'
import { peerCertificate } from './tls/peer-certificate.ts'

/** What API Gateway passes on as text; every other body becomes base64. */
const textTypes =
  /^(?:text\/|application\/(?:[\w.+-]*\+)?(?:json|xml)(?:\s*;|$)|application\/javascript|application\/x-www-form-urlencoded)/i

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The request as an HTTP API event, payload format 2.0: the shape a deployed function receives. */
export function httpEvent(request: IncomingMessage, body: Buffer, requestId: string, now: Date): HttpEvent {
  const { path, query } = splitTarget(request.url ?? '/')
  const headers = joinedHeaders(request)
  const { cookie, ...others } = headers
  const method = request.method ?? 'GET'
  // Text that is not UTF-8 stays as it is, so that the function sees what is wrong with it.
  const isText = textTypes.test(headers['content-type'] ?? '') && isUtf8(body)
  const parameters = queryParameters(query)
  const clientCert = peerCertificate(request.socket)
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...defined({ cookies: cookie?.split('; ') }),
    headers: others,
    ...defined({ queryStringParameters: parameters }),
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      ...(clientCert === undefined ? {} : { authentication: { clientCert } }),
      domainName: headers['host'] ?? '',
      domainPrefix: 'local',
      http: {
        method,
        path,
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

/**
 * Path and query of a request target (RFC 9112 §3.2): `/path?query`, or the absolute form that proxies send. Nothing is resolved or
 * normalised: `//host/path` is a path, and `/a/../b` is not `/b`.
 */
function splitTarget(target: string): { path: string; query: string } {
  const [, rest = target] = /^https?:\/\/[^/?#]*(.*)$/is.exec(target) ?? []
  const at = rest.indexOf('?')
  const path = at === -1 ? rest : rest.slice(0, at)
  return { path: path === '' ? '/' : path, query: at === -1 ? '' : rest.slice(at + 1) }
}

function queryParameters(query: string): Record<string, string> | undefined {
  const parameters: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = Object.hasOwn(parameters, name) ? `${parameters[name]},${value}` : value
  }
  return query === '' ? undefined : parameters
}

/** `22/Nov/2026:12:51:12 +0000`, as API Gateway writes `time`. */
function commonLogTime(now: Date): string {
  const [year, month = '01', day] = now.toISOString().slice(0, 10).split('-')
  return `${day}/${months[Number(month) - 1]}/${year}:${now.toISOString().slice(11, 19)} +0000`
}
