import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defined } from '@mmf/framework'

/** A server on loopback that others fetch from. What it answers can be changed at any time. */
export interface SourceServer {
  readonly url: string
  answer: RequestListener
  /** Requests so far, and what the last one carried. */
  readonly seen: { count: number; ifNoneMatch: string | undefined; authorization: string | undefined }
  stop(): Promise<void>
}

export async function startSource(): Promise<SourceServer> {
  const seen: SourceServer['seen'] = { count: 0, ifNoneMatch: undefined, authorization: undefined }
  const http = createServer((request, response) => {
    seen.count += 1
    seen.ifNoneMatch = request.headers['if-none-match']
    seen.authorization = request.headers.authorization
    server.answer(request, response)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const server: SourceServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/source`,
    answer: (_request, response) => void response.writeHead(404).end(),
    seen,
    async stop() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return server
}

/** Outgoing requests to 127.0.0.1 and the public network, not to the rest of this machine. */
export const loopbackOnly = { MMF__egress__allow_private: '["127.0.0.1/32"]' }

/** Answers with these bytes; with an ETag, and 304 to whoever has it. */
export function serving(content: Uint8Array, etag?: string): RequestListener {
  return (request, response) => {
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end()
      return
    }
    response.writeHead(200, defined({ etag })).end(content)
  }
}

/** Sources that must not be believed, and the code that answers for each. */
export const badSources: readonly (readonly [name: string, code: string, answer: RequestListener])[] = [
  ['hangs', 'egress_timeout', () => {}],
  [
    'redirects inward',
    'egress_refused',
    (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.2:9/' }).end(),
  ],
  [
    'redirects to the metadata service',
    'egress_refused',
    (_request, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end(),
  ],
  [
    'redirects for ever',
    'egress_redirect_refused',
    (request, response) => void response.writeHead(302, { location: request.url ?? '/' }).end(),
  ],
  [
    'says it sends too much',
    'egress_too_large',
    (_request, response) => tooMuch(response, { 'content-length': '99999999' }),
  ],
  ['sends too much', 'egress_too_large', (_request, response) => tooMuch(response, {})],
  ['has nothing there', 'egress_failed', (_request, response) => void response.writeHead(404).end('none')],
  ['answers nothing', 'egress_failed', (_request, response) => void response.writeHead(200).end()],
  ['says 304 to who has nothing', 'egress_failed', (_request, response) => void response.writeHead(304).end()],
  [
    'breaks off',
    'egress_failed',
    (_request, response) => void response.writeHead(200).write('0', () => response.destroy()),
  ],
]

/** Goes on until nobody reads any more. */
function tooMuch(response: Parameters<RequestListener>[1], headers: Record<string, string>): void {
  const piece = Buffer.alloc(65_536, 0x30)
  response.writeHead(200, headers)
  response.on('error', () => {})
  const more = () => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  more()
}
