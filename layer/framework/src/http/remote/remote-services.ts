import { request as requestHttp } from 'node:http'
import { Agent, request as requestHttps } from 'node:https'
import type { BaseConfig } from '../../config/base-schema.ts'
import type { RemoteServices, ServiceAddress } from '../../contract/remote-service.ts'
import type { ServiceCall } from '../../contract/service-call.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { remoteReply } from './remote-reply.ts'
import { type RemoteRequest, remoteRequest } from './remote-request.ts'

type Settings = BaseConfig['remote_services']
type RemoteSettings = Settings[string]

/** Bytes of one answer, as much as a function on AWS may answer. */
const maxAnswerBytes = 6_291_456

/**
 * The services that `remote_services` names. Each is asked as this deployment: with the token and the client certificate that stand there, not with those
 * of the caller, whose rights are checked here. Redirects are not followed, and nothing is sent without TLS but to this machine.
 */
export function createRemoteServices(settings: Settings): Pick<RemoteServices, 'call'> {
  const agents = new Map<string, Agent>()
  const agentOf = (service: string, remote: RemoteSettings): Agent => {
    const { client_certificate: cert, client_key: key, ca } = remote
    const agent =
      agents.get(service) ??
      new Agent({ keepAlive: true, maxSockets: 15, minVersion: 'TLSv1.2', cert, key: key?.reveal(), ca })
    agents.set(service, agent)
    return agent
  }
  return {
    async call(service, operation, address, call, { signal }) {
      const remote = settings[service]
      const url = remote?.url ?? address?.url
      if (remote === undefined || url === undefined) throw refused(service, 'has no address')
      if (operation.http === undefined) throw refused(service, `${operation.name} has no route`)
      const request = remoteRequest(operation.http, url, call.input)
      if (request.url.protocol !== 'https:' && !isThisMachine(request.url))
        throw refused(service, 'is not asked without TLS')
      const exchange = { headers: headersOf(remote, call), agent: agentOf(service, remote) }
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs(address, call))])
      const { status, text } = await send(request, exchange, limit).catch((cause: unknown) => {
        if (signal.aborted) throw new MmfError('deadline_exceeded', { cause })
        throw isMmfError(cause) ? cause : new MmfError('service_unavailable', { detail: service, cause })
      })
      return remoteReply(service, status, text)
    },
  }
}

const refused = (service: string, detail: string): MmfError =>
  new MmfError('service_unavailable', { detail: `${service} ${detail}` })

const isThisMachine = ({ hostname }: URL): boolean => hostname === '127.0.0.1' || hostname === '[::1]'

/** At least a millisecond: a signal without time would never fire. */
function timeoutMs(address: ServiceAddress | undefined, call: ServiceCall): number {
  const left = Math.max(1, call.deadline - Date.now())
  return address?.timeoutSeconds === undefined ? left : Math.min(left, address.timeoutSeconds * 1000)
}

function headersOf({ token }: RemoteSettings, { correlationId, traceparent }: ServiceCall): Record<string, string> {
  return {
    accept: 'application/json',
    'x-correlation-id': correlationId,
    ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
    ...(traceparent !== undefined && { traceparent }),
  }
}

async function send(
  { method, url, body }: RemoteRequest,
  { headers, agent }: { readonly headers: Record<string, string>; readonly agent: Agent },
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const isTls = url.protocol === 'https:'
  const type =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const options = { method, headers: { ...headers, ...type }, signal }
  const request = isTls ? requestHttps(url, { ...options, agent }) : requestHttp(url, options)
  request.end(body)
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  request.on('error', reject)
  request.on('response', async answer => {
    try {
      const pieces: Buffer[] = []
      let size = 0
      for await (const piece of answer) {
        size += piece.length
        if (size > maxAnswerBytes) throw refused(url.host, `answered more than ${maxAnswerBytes} bytes`)
        pieces.push(piece)
      }
      resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') })
    } catch (error) {
      request.destroy()
      reject(error)
    }
  })
  return promise
}
