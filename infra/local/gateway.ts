import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpFunction, HttpResult } from '@mmf/framework/http'
import { gatewayProblem } from './gateway-problem.ts'
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
  /** Answers what is for no function, with the body still unread; false where it is not for it either. */
  readonly direct?: (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<boolean>
  /** Told of what no function could answer. */
  readonly onFailure: (error: unknown) => void
}

export interface Gateway {
  readonly url: string
  /** Takes no new requests, waits for those in flight, at most `timeoutMs`. Says whether all finished. */
  stop(timeoutMs: number): Promise<boolean>
}

/** What is going on in one gateway. */
interface Traffic {
  inFlight: number
  stopping: boolean
}

/** Serves the functions over HTTP on this machine, each request as the event a deployed function would get. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const traffic: Traffic = { inFlight: 0, stopping: false }
  const server = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 60_000 },
    (request, response) => {
      traffic.inFlight += 1
      response.on('close', () => {
        traffic.inFlight -= 1
      })
      answer(request, response, options, traffic).catch(error => {
        // A client that went away before its request was whole is nobody's failure.
        if (request.complete) options.onFailure(error)
        response.destroy()
      })
    },
  )
  server.listen(options.port, options.host)
  await once(server, 'listening')
  return { url: addressOf(server), stop: timeoutMs => stop(server, traffic, timeoutMs) }
}

async function stop(server: Server, traffic: Traffic, timeoutMs: number): Promise<boolean> {
  traffic.stopping = true
  server.close()
  server.closeIdleConnections()
  const deadline = performance.now() + timeoutMs
  while (traffic.inFlight > 0 && performance.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 20))
    server.closeIdleConnections()
  }
  const finished = traffic.inFlight === 0
  server.closeAllConnections()
  return finished
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: GatewayOptions,
  traffic: Traffic,
): Promise<void> {
  const requestId = randomUUID()
  // A connection that was kept alive can still bring new requests: they are for whoever starts next.
  if (traffic.stopping) return send(response, gatewayProblem('shutting_down', 'ask again', requestId), true)
  if (await options.direct?.(request, response, requestId)) return
  const body = await readBody(request)
  if (body === undefined) {
    return send(response, gatewayProblem('payload_too_large', 'the gateway takes at most 10 MiB', requestId), true)
  }
  const event = httpEvent(request, body, requestId, new Date())
  const handler = options.handlerFor(event.requestContext.http.method, event.rawPath)
  const result = await handler(event, lambdaContext(requestId, options.requestTimeoutMs)).catch((error: unknown) => {
    // As API Gateway does when a function fails outside its own error handling.
    options.onFailure(error)
    return { statusCode: 500, headers: json, body: '{"message":"Internal Server Error"}' }
  })
  send(response, result, traffic.stopping)
}

const json = { 'content-type': 'application/json' }

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
