import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpFunction, HttpResult } from '@mmf/framework/http'
import { httpEvent } from './http-event.ts'
import { lambdaContext } from './lambda-context.ts'
import { readBody } from './read-body.ts'

export interface GatewayOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** Time of one request, in milliseconds. */
  readonly requestTimeoutMs: number
  /** The function that serves a path. */
  readonly handlerFor: (method: string, path: string) => HttpFunction
  /** Told of what no function could answer. */
  readonly onFailure: (error: unknown) => void
}

export interface Gateway {
  readonly url: string
  /** Takes no new requests, waits for those in flight, at most `timeoutMs`. Says whether all finished. */
  stop(timeoutMs: number): Promise<boolean>
}

/** Serves the functions over HTTP on this machine, each request as the event a deployed function would get. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  let inFlight = 0
  const server = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 60_000 },
    (request, response) => {
      inFlight += 1
      response.on('close', () => {
        inFlight -= 1
      })
      answer(request, response, options).catch(error => {
        options.onFailure(error)
        response.destroy()
      })
    },
  )
  server.listen(options.port, options.host)
  await once(server, 'listening')
  return {
    url: addressOf(server),
    async stop(timeoutMs) {
      server.close()
      server.closeIdleConnections()
      const deadline = Date.now() + timeoutMs
      while (inFlight > 0 && Date.now() < deadline) {
        await new Promise(resolve => setTimeout(resolve, 20))
        server.closeIdleConnections()
      }
      const finished = inFlight === 0
      server.closeAllConnections()
      return finished
    },
  }
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function answer(request: IncomingMessage, response: ServerResponse, options: GatewayOptions): Promise<void> {
  const body = await readBody(request)
  if (body === undefined) return send(response, tooLarge, true)
  const requestId = randomUUID()
  const event = httpEvent(request, body, requestId, new Date())
  const handler = options.handlerFor(event.requestContext.http.method, event.rawPath)
  try {
    send(response, await handler(event, lambdaContext(requestId, options.requestTimeoutMs)), false)
  } catch (error) {
    // As API Gateway does when a function fails outside its own error handling.
    options.onFailure(error)
    send(response, { statusCode: 500, headers: json, body: '{"message":"Internal Server Error"}' }, false)
  }
}

const json = { 'content-type': 'application/json' }

const tooLarge: HttpResult = {
  statusCode: 413,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({
    type: 'urn:mmf:error:payload_too_large',
    title: 'The body is too large',
    status: 413,
    code: 'payload_too_large',
    detail: 'the gateway takes at most 10 MiB',
  }),
}

function send(response: ServerResponse, result: HttpResult, close: boolean): void {
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded = false } = result
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  response.writeHead(statusCode, {
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    'content-length': bytes.length,
    ...(close ? { connection: 'close' } : {}),
  })
  response.end(bytes)
}
