import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { ResolvedAddress, Target } from './target.ts'

export interface ExchangeOptions {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  readonly signal: AbortSignal
  /** Certificates of authorities to trust instead of the well-known ones. */
  readonly ca: string | undefined
}

/** Bytes of all headers of an answer. */
const maxHeaderBytes = 16_384

/**
 * One request and the head of its answer, over a connection of its own to one of the checked addresses: the name is not looked up
 * again, so what DNS says a moment later cannot lead inward. TLS still checks the certificate against the name.
 */
export async function exchange({ url, addresses }: Target, options: ExchangeOptions): Promise<IncomingMessage> {
  const { method, headers, body, signal, ca } = options
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const common = {
    method,
    headers,
    signal,
    lookup: pinned(addresses),
    agent: false as const,
    maxHeaderSize: maxHeaderBytes,
  }
  const request: ClientRequest =
    url.protocol === 'https:'
      ? requestHttps(url, { ...common, ...(ca !== undefined && { ca }) })
      : requestHttp(url, common)
  request.on('response', resolve)
  request.on('error', reject)
  request.end(body)
  return promise
}

/** A lookup that knows its answer. `net` asks for all addresses or for one. */
function pinned(addresses: readonly [ResolvedAddress, ...ResolvedAddress[]]): LookupFunction {
  return (_hostname, { all }, callback) => {
    if (all === true) callback(null, [...addresses])
    else callback(null, addresses[0].address, addresses[0].family)
  }
}
