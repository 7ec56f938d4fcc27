import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { type Blobs, isMmfError, type MmfError } from '@mmf/framework'
import { type BlobUrls, serveBlobUrl } from '@mmf/framework/embedded'
import { asGatewayError, gatewayProblem } from './gateway-problem.ts'

/** Where presigned URLs of blobs are served: what S3 does for a deployed environment. */
export const blobPath = '/blobs'

/** Answers presigned URLs. Bodies are streamed both ways, however large they are. */
export function blobServer(blobs: Blobs, urls: BlobUrls) {
  return async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<boolean> => {
    const { method = 'GET', url = '/' } = request
    if (!url.startsWith(`${blobPath}/`)) return false
    try {
      const headers = Object.fromEntries(
        Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(',')]),
      )
      const answer = await serveBlobUrl(blobs, urls, { method, url, headers, body: request })
      response.writeHead(answer.status, { ...answer.headers, 'x-content-type-options': 'nosniff' })
      if (answer.body === undefined) response.end()
      else await pipeline(answer.body, response)
    } catch (error) {
      // An answer that has begun can only be cut off, so that nobody takes it for whole.
      if (response.headersSent) response.destroy()
      else refuse(response, asGatewayError(error), requestId)
      if (!isMmfError(error)) throw error
    }
    return true
  }
}

function refuse(response: ServerResponse, error: MmfError, requestId: string): void {
  const { statusCode, headers = {}, body = '' } = gatewayProblem(error, requestId)
  // What is left of the body is not read.
  response.writeHead(statusCode ?? 500, { ...(headers as Record<string, string>), connection: 'close' })
  response.end(body)
}
