import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { type Blobs, isMmfError, type MmfError } from '@mmf/framework'
import { type BlobUrls, serveBlobUrl } from '@mmf/framework/embedded'
import { endUnread } from './close-cleanly.ts'
import { asGatewayError, gatewayProblem } from './gateway-problem.ts'

/** Where presigned URLs of blobs are served: what S3 does for a deployed environment. */
export const blobPath = '/blobs'

const lingerMs = 2000

/** Answers presigned URLs. Bodies are streamed both ways, however large they are. */
export function blobServer(blobs: Blobs, urls: BlobUrls) {
  return async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<boolean> => {
    const { method = 'GET', url = '/' } = request
    if (!url.startsWith(`${blobPath}/`)) return false
    // The gateway leaves it to us to ask for the body (RFC 9110 §10.1.1).
    if (request.headers.expect !== undefined) response.writeContinue()
    try {
      const headers = Object.fromEntries(
        Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(',')]),
      )
      const answer = await serveBlobUrl(blobs, urls, { method, url, headers, body: request })
      response.writeHead(answer.status, { ...answer.headers, 'x-content-type-options': 'nosniff' })
      if (answer.body === undefined) response.end()
      else await pipeline(answer.body, response)
    } catch (error) {
      // An answer that has begun can only be cut off, so that no client takes it for whole.
      if (response.headersSent) response.destroy()
      else refuse(request, response, asGatewayError(error), requestId)
      if (!isMmfError(error)) throw error
    }
    return true
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, error: MmfError, requestId: string): void {
  const { statusCode, headers = {}, body = '' } = gatewayProblem(error, requestId)
  const bytes = Buffer.from(body)
  const length = { 'content-length': bytes.length, connection: 'close' }
  response.writeHead(statusCode ?? 500, { ...(headers as Record<string, string>), ...length })
  // What is left of the body is thrown away.
  if (request.complete) response.end(bytes)
  else endUnread(request, response, bytes, lingerMs)
}
