import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What still comes in after an answer is read and thrown away up to here, so that the client gets to see the answer. */
const drainLimitBytes = 64 * 1024 * 1024

/**
 * Ends a response whose request was not read to its end: a socket that is closed with bytes unread resets the connection, and the answer with it
 * (RFC 9112 §9.6). So the answer goes out whole, the rest is thrown away for a time, and then the connection ends.
 */
export function endUnread(request: IncomingMessage, response: ServerResponse, bytes: Buffer, lingerMs: number): void {
  response.write(bytes)
  let drained = 0
  const end = () => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, lingerMs)
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length
    if (drained > drainLimitBytes) end()
  })
  request.once('end', end).once('close', end).once('error', end)
  request.resume()
}

/** The same for a connection without a response: writes, half-closes, and ends it when the other side has, or after a time. */
export function endSocket(socket: Socket, text: string, lingerMs: number): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.once('end', () => socket.destroy())
  socket.end(text)
  socket.resume()
}
