import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import type { TestContext } from 'node:test'

/** A server on loopback that is gone when the test ends. */
export interface LoopbackServer {
  readonly port: number
  /** `http://127.0.0.1:<port>` or https. */
  readonly origin: string
  /** Requests, or connections of a plain TCP server. */
  readonly hits: () => number
  /** Resolves when no connection is open any more. */
  readonly closed: () => Promise<void>
}

export async function httpServer(
  context: TestContext,
  listener: RequestListener,
  host = '127.0.0.1',
): Promise<LoopbackServer> {
  const server = createServer(listener)
  return listening(context, server, 'http', 'request', host)
}

export async function tlsServer(
  context: TestContext,
  identity: { key: string; cert: string },
  listener: RequestListener,
): Promise<LoopbackServer> {
  return listening(context, createTlsServer(identity, listener), 'https', 'request')
}

export async function tcpServer(context: TestContext, onConnection: (socket: Socket) => void): Promise<LoopbackServer> {
  const server = createTcpServer(socket => {
    socket.on('error', () => {})
    // A socket that nobody reads does not notice that the other side has gone.
    socket.resume()
    onConnection(socket)
  })
  return listening(context, server, 'http', 'connection')
}

async function listening(
  context: TestContext,
  server: Server | TcpServer,
  scheme: 'http' | 'https',
  hit: 'request' | 'connection',
  host = '127.0.0.1',
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  let hits = 0
  server.on(hit, () => {
    hits++
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  context.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const closed = async () => {
    // events.once would reject when the connection is reset, which is one way to close.
    await Promise.all([...sockets].map(socket => new Promise(resolve => socket.once('close', resolve))))
  }
  return { port, origin: `${scheme}://${host}:${port}`, hits: () => hits, closed }
}
