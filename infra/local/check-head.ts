import type { IncomingMessage } from 'node:http'
import { MmfError } from '@mmf/framework'

/** uri-host with an optional port (RFC 9110 §7.2, RFC 3986 §3.2.2); empty where the target has no authority. */
const hostForm = /^(?:\[[\dA-Fa-f:.]+\]|[\w.~!$&'()*+;=%-]*)(?::\d*)?$/

/**
 * One `Host`, of the form of a host (RFC 9112 §3.2): of two, one would be believed here and the other by a proxy before it. HTTP/1.0 may
 * leave it out.
 * @throws {MmfError} `malformed_request`
 */
export function checkHead(request: IncomingMessage): void {
  const hosts = request.headersDistinct['host'] ?? []
  const [host] = hosts
  if (hosts.length > 1) throw malformed(`${hosts.length} Host headers; one is expected`)
  if (host === undefined && request.httpVersion !== '1.0') throw malformed('no Host header; one is expected')
  if (host !== undefined && !hostForm.test(host)) throw malformed('the Host header has no form of a host')
}

const malformed = (detail: string) => new MmfError('malformed_request', { detail })
