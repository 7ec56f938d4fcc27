import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { MmfError } from '@mmf/framework'
import type { HttpEvent, HttpFunction, HttpResult } from '@mmf/framework/http'
import { type ByteBudget, createByteBudget } from './byte-budget.ts'
import { checkHead } from './check-head.ts'
import { endSocket, endUnread } from './close-cleanly.ts'
import { asGatewayError, gatewayProblem, rawProblem } from './gateway-problem.ts'
import { httpEvent } from './http-event.ts'
import { lambdaContext } from './lambda-context.ts'
import { overloaded, readBody } from './read-body.ts'
import { createTlsServer, isUnsecured, secureContext, type TlsMaterial, type TlsOptions } from './tls/tls-server.ts'

/** What strangers can take of this machine. Times in milliseconds. */
export interface GatewayLimits {
  /** Connections, and requests in flight. Some more connections are answered 503; beyond those they are closed. */
  readonly maxConnections: number
  /** Of bodies, over all requests. */
  readonly maxBytesInFlight: number
  /** Largest body that is read before its sender is known. */
  readonly maxStrangerBodyBytes: number
  /** From the first byte of a request to its last. */
  readonly receiveTimeoutMs: number
  /** Silence within a request, and before the next one. */
  readonly idleTimeoutMs: number
}

export interface GatewayOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** Time of one request, in milliseconds. */
  readonly requestTimeoutMs: number
  /** Time that the most patient function may take; default that of one request. */
  readonly longestRequestMs?: number | undefined
  readonly limits: GatewayLimits
  /** Without it HTTP is spoken. */
  readonly tls?: TlsOptions | undefined
  /** Verifies the credential of a request with a larger body, of which the event has none. @throws {MmfError} as the function would */
  readonly admit: (event: HttpEvent, signal: AbortSignal) => Promise<void>
  /** The function that serves a path. */
  readonly handlerFor: (method: string, path: string) => HttpFunction
  /** Answers what is for no function, with the body still unread; false where it is not for it either. */
  readonly direct?:
    | ((request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<boolean>)
    | undefined
  /** Called with what no function could answer. */
  readonly onFailure: (error: unknown) => void
}

export interface Gateway {
  readonly url: string
  /** New connections get this; those that are there stay as they are. @throws {TypeError} where HTTP is spoken, and what OpenSSL refuses */
  renewTls(material: TlsMaterial): void
  /** Takes no new requests, waits for those in flight, at most `timeoutMs`. Says whether all finished. */
  stop(timeoutMs: number): Promise<boolean>
}

/** What is going on in one gateway. */
interface Traffic {
  inFlight: number
  stopping: boolean
  readonly budget: ByteBudget
  /** The last request on each connection. */
  readonly last: WeakMap<Socket, { readonly request: IncomingMessage; readonly response: ServerResponse }>
  readonly connections: Set<Socket>
  /** Connections that have got their last answer. */
  readonly ended: WeakSet<Socket>
}

/** Connections over the limit that still get an answer. */
const spareConnections = 64

/** How long what follows a refusal is read and thrown away, at the most. */
const lingerMs = (limits: GatewayLimits) => Math.min(limits.idleTimeoutMs, 2000)

/** Serves the functions over HTTP on this machine, each request as the event a deployed function would get. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { limits, tls } = options
  const traffic: Traffic = {
    inFlight: 0,
    stopping: false,
    budget: createByteBudget(limits.maxBytesInFlight),
    last: new WeakMap(),
    connections: new Set(),
    ended: new WeakSet(),
  }
  const serverOptions = {
    maxHeaderSize: 16_384,
    headersTimeout: Math.min(limits.idleTimeoutMs, limits.receiveTimeoutMs),
    requestTimeout: limits.receiveTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    // How late these times may be noticed.
    connectionsCheckingInterval: Math.min(1000, limits.idleTimeoutMs),
    // Refused here instead, with a body.
    requireHostHeader: false,
  }
  const tlsServer = tls === undefined ? undefined : createTlsServer(serverOptions, tls, limits.idleTimeoutMs)
  const server: Server = tlsServer ?? createServer(serverOptions)
  // The size of the headers bounds their number; Node's own limit would leave out the further ones in silence.
  server.maxHeadersCount = 0
  server.maxConnections = limits.maxConnections + spareConnections
  // A client that does not read its answer.
  server.setTimeout((options.longestRequestMs ?? options.requestTimeoutMs) + limits.idleTimeoutMs)
  server.on('connection', socket => {
    traffic.connections.add(socket)
    socket.once('close', () => traffic.connections.delete(socket))
  })
  const serve = (request: IncomingMessage, response: ServerResponse, early?: MmfError) => {
    traffic.inFlight += 1
    traffic.last.set(request.socket, { request, response })
    response.on('close', () => {
      traffic.inFlight -= 1
    })
    answer(request, response, options, traffic, early).catch(error => {
      // A client that went away before its request was whole is no failure of the platform.
      if (request.complete) options.onFailure(error)
      response.destroy()
    })
  }
  server.on('request', (request, response) => serve(request, response))
  server.on('checkContinue', (request, response) => serve(request, response))
  server.on('checkExpectation', (request, response) =>
    serve(request, response, new MmfError('expectation_failed', { detail: 'allowed: 100-continue' })),
  )
  server.on('connect', (_request, socket) =>
    endSocket(socket as Socket, rawProblem(new MmfError('method_not_allowed'), randomUUID()), lingerMs(limits)),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuseUnreadable(error, socket as Socket, limits, traffic),
  )
  server.listen(options.port, options.host)
  await once(server, 'listening')
  return {
    url: addressOf(server, tls === undefined ? 'http' : 'https'),
    renewTls(material) {
      if (tls === undefined || tlsServer === undefined) throw new TypeError('this gateway speaks HTTP')
      tlsServer.setSecureContext(secureContext({ ...tls, material }))
    },
    stop: timeoutMs => stop(server, traffic, timeoutMs),
  }
}

/** What Node could not read as a request, or not in time. */
const unreadable: Readonly<Record<string, MmfError>> = {
  HPE_HEADER_OVERFLOW: new MmfError('headers_too_large', { detail: 'at most 16 KiB' }),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new MmfError('payload_too_large', { detail: 'chunk extensions of at most 16 KiB' }),
  ERR_HTTP_REQUEST_TIMEOUT: new MmfError('request_timeout', { detail: 'it did not arrive in time' }),
}
const malformed = new MmfError('malformed_request', { detail: 'this is no HTTP/1.1 request' })

function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket, limits: GatewayLimits, traffic: Traffic) {
  // What follows is unreadable too; it is being thrown away.
  if (traffic.ended.has(socket)) return
  // TLS itself has answered what it did not like; there is no HTTP yet to answer in.
  if (isUnsecured(socket)) return void socket.destroy()
  const last = traffic.last.get(socket)
  const isAnswered = last === undefined || last.response.writableFinished
  // Of two answers on one connection the client could not say which is whose: one that is under way, or owed to a whole request, comes first.
  const isOwed = !isAnswered && (last.response.headersSent || last.request.complete)
  if (!socket.writable || error.code === 'ECONNRESET' || isOwed) return void socket.destroy()
  traffic.ended.add(socket)
  endSocket(socket, rawProblem(unreadable[error.code ?? ''] ?? malformed, randomUUID()), lingerMs(limits))
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

function addressOf(server: Server, scheme: 'http' | 'https'): string {
  const { address, family, port } = server.address() as AddressInfo
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** Answers one request. What stands in its way is refused, with the rest of it unread. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: GatewayOptions,
  traffic: Traffic,
  early?: MmfError,
): Promise<void> {
  const requestId = randomUUID()
  const refuse = (error: unknown) => {
    if (response.destroyed) return
    const refusal = asGatewayError(error)
    if (!refusal.entry.expose) options.onFailure(error)
    send(request, response, gatewayProblem(refusal, requestId), { close: true, lingerMs: lingerMs(options.limits) })
  }
  try {
    if (early !== undefined) throw early
    // A connection that was kept alive can still bring new requests: they are for the next process.
    if (traffic.stopping) throw new MmfError('shutting_down', { detail: 'ask again' })
    checkHead(request)
    checkLoad(traffic, options.limits)
  } catch (error) {
    return refuse(error)
  }
  if (await options.direct?.(request, response, requestId)) return
  let release = () => {}
  response.once('close', () => release())
  let body: Buffer
  try {
    const held = await readBody(request, bodyRules(request, response, options, traffic, requestId))
    release = held.release
    body = held.bytes
  } catch (error) {
    return refuse(error)
  }
  if (response.destroyed) return release()
  const event = httpEvent(request, body, requestId, new Date())
  const handler = options.handlerFor(event.requestContext.http.method, event.rawPath)
  const result = await handler(event, lambdaContext(requestId, options.requestTimeoutMs)).catch((error: unknown) => {
    // As API Gateway does when a function fails outside its own error handling.
    options.onFailure(error)
    return { statusCode: 500, headers: json, body: '{"message":"Internal Server Error"}' }
  })
  send(request, response, result, { close: traffic.stopping, lingerMs: lingerMs(options.limits) })
}

/** @throws {MmfError} `overloaded` */
function checkLoad({ inFlight, connections }: Traffic, { maxConnections }: GatewayLimits): void {
  if (connections.size > maxConnections) throw overloaded('too many connections are open')
  // Pipelined requests are more than connections.
  if (inFlight > maxConnections) throw overloaded('too many requests are in flight')
}

function bodyRules(
  request: IncomingMessage,
  response: ServerResponse,
  options: GatewayOptions,
  traffic: Traffic,
  requestId: string,
) {
  const { limits, admit, requestTimeoutMs } = options
  return {
    strangerBytes: limits.maxStrangerBodyBytes,
    admit: () =>
      admit(httpEvent(request, Buffer.alloc(0), requestId, new Date()), AbortSignal.timeout(requestTimeoutMs)),
    budget: traffic.budget,
    idleMs: limits.idleTimeoutMs,
    goOn() {
      if (request.headers.expect !== undefined) response.writeContinue()
    },
  }
}

const json = { 'content-type': 'application/json' }

function send(
  request: IncomingMessage,
  response: ServerResponse,
  result: HttpResult,
  { close, lingerMs: linger }: { readonly close: boolean; readonly lingerMs: number },
): void {
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded = false } = result
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  response.writeHead(statusCode, {
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    // The answer to HEAD says how long that to GET would be.
    'content-length': request.method === 'HEAD' ? String(headers['content-length'] ?? bytes.length) : bytes.length,
    ...(close ? { connection: 'close' } : {}),
  })
  if (request.complete) response.end(bytes)
  else endUnread(request, response, bytes, linger)
}
