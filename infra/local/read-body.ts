import type { IncomingMessage } from 'node:http'

/** What an HTTP API takes at the most: 10 MB. The functions have their own, lower limit. */
const gatewayLimitBytes = 10 * 1024 * 1024

/** A larger body is read and thrown away up to here, so that the client gets to see the answer instead of a broken connection. */
const drainLimitBytes = 64 * 1024 * 1024

/** The whole body, or undefined when it is larger than the gateway's limit. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > drainLimitBytes) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > drainLimitBytes) return undefined
    if (size <= gatewayLimitBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  return size > gatewayLimitBytes ? undefined : Buffer.concat(chunks, size)
}
