import { lookup } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { createAddressPolicy } from './address-policy.ts'
import type { Egress, EgressRequest, EgressResponse } from './egress.ts'
import { exchange } from './http-exchange.ts'
import { readBody } from './read-body.ts'
import { checkTarget, type Resolve, type ResolvedAddress, type TargetRules } from './target.ts'

export interface EgressOptions {
  /** `example.org` exactly, `*.example.org` for what is below it. Absent: every public host. */
  readonly allowHosts?: readonly string[] | undefined
  /** Default `false`. A list of subnets opens those; `true` opens all but the metadata services. For tests and closed networks. */
  readonly allowPrivate?: boolean | readonly string[] | undefined
  /** Time limit of a request: name, connection, redirects and body together. Default 10,000 ms. */
  readonly timeoutMs?: number | undefined
  /** Size limit of a body, unpacked. Default 10 MB. */
  readonly maxBytes?: number | undefined
  /** Default 3. */
  readonly maxRedirects?: number | undefined
  /** Default: the system's resolver. */
  readonly resolve?: Resolve | undefined
  /** PEM certificates of authorities to trust instead of the well-known ones. */
  readonly ca?: string | undefined
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

interface Limits {
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly maxRedirects: number
}

/**
 * Outgoing HTTP for addresses that others name (CRLs, OCSP responders, AIA, PKD sources): against servers that hang, drip, send without end
 * or lead inward (server-side request forgery). Each hop is checked after the name is resolved and connects to a checked address.
 *
 * @throws {TypeError} for a limit that is no whole number, or a subnet that is none
 */
export function createEgress(options: EgressOptions = {}): Egress {
  const { allowHosts, allowPrivate = false, resolve = systemResolve, ca } = options
  const limits = {
    timeoutMs: options.timeoutMs ?? 10_000,
    maxBytes: options.maxBytes ?? 10_000_000,
    maxRedirects: options.maxRedirects ?? 3,
  }
  const mistake = Object.entries(limits).find(([, value]) => !Number.isSafeInteger(value) || value < 0)
  if (mistake !== undefined) throw new TypeError(`egress: ${mistake[0]} must be a whole number, not ${mistake[1]}`)
  const rules: TargetRules = { allowHosts, addresses: createAddressPolicy(allowPrivate), resolve }
  return { request: (url, request = {}) => timed(url, request, { ...rules, refuses: request.refuses }, limits, ca) }
}

const systemResolve: Resolve = async hostname => {
  const found = await lookup(hostname, { all: true })
  return found.map(({ address, family }): ResolvedAddress => ({ address, family: family === 6 ? 6 : 4 }))
}

/** The smaller one; what is no number changes nothing. */
function tightened(limit: number, asked: number | undefined): number {
  return asked !== undefined && asked < limit ? asked : limit
}

/** Runs the whole request under one time limit, and names what ended it. */
async function timed(
  url: string,
  request: EgressRequest,
  rules: TargetRules,
  limits: Limits,
  ca: string | undefined,
): Promise<EgressResponse> {
  const timeoutMs = tightened(limits.timeoutMs, request.timeoutMs)
  const maxBytes = tightened(limits.maxBytes, request.maxBytes)
  const abort = new AbortController()
  const late = new MmfError('egress_timeout', { detail: `no complete answer within ${timeoutMs} ms` })
  const timer = setTimeout(() => abort.abort(late), timeoutMs)
  const onAbort = () => abort.abort(new MmfError('deadline_exceeded', { cause: request.signal?.reason }))
  if (request.signal?.aborted === true) onAbort()
  request.signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const work = follow(url, request, rules, { ...limits, maxBytes }, { signal: abort.signal, ca })
    return await orAborted(work, abort.signal)
  } finally {
    clearTimeout(timer)
    request.signal?.removeEventListener('abort', onAbort)
    // Whatever is still open is closed: a connection, a half-read body.
    abort.abort(late)
  }
}

/** Name resolution and a sink cannot be interrupted; the caller need not wait for them. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function follow(
  first: string,
  request: EgressRequest,
  rules: TargetRules,
  limits: Limits,
  { signal, ca }: { readonly signal: AbortSignal; readonly ca: string | undefined },
): Promise<EgressResponse> {
  const { method = 'GET', body } = request
  let target = await checkTarget(first, rules)
  const { origin } = target.url
  for (let redirects = 0; ; redirects++) {
    const headers = headersFor(request, target.url.origin === origin)
    const message = await failing(exchange(target, { method, headers, body, signal, ca }))
    const { location } = message.headers
    if (!redirectStatuses.has(message.statusCode ?? 0) || location === undefined) {
      return await answer(message, target.url, limits.maxBytes, request.sink)
    }
    message.destroy()
    const next = nextUrl(target.url, location, method)
    if (redirects >= limits.maxRedirects) throw redirectRefused(`more than ${limits.maxRedirects} redirects`)
    target = await checkTarget(next, rules)
    if (signal.aborted) throw signal.reason
  }
}

function headersFor({ headers = {}, body }: EgressRequest, isFirstOrigin: boolean): Record<string, string> {
  const { accept = '*/*' } = headers
  const own = isFirstOrigin ? headers : {}
  const length = body === undefined ? {} : { 'content-length': String(body.length) }
  return { 'user-agent': 'marty', ...own, accept, 'accept-encoding': 'identity', connection: 'close', ...length }
}

function nextUrl(from: URL, location: string, method: 'GET' | 'POST'): URL {
  if (method === 'POST') throw redirectRefused('a POST is not redirected')
  const next = URL.parse(location, from.href)
  if (next === null) throw redirectRefused('the location is not a URL')
  if (from.protocol === 'https:' && next.protocol !== 'https:') throw redirectRefused('from https to something weaker')
  return next
}

async function answer(
  message: IncomingMessage,
  url: URL,
  maxBytes: number,
  sink: EgressRequest['sink'],
): Promise<EgressResponse> {
  const chunks: Uint8Array[] = []
  let sinkFailure: { readonly error: unknown } | undefined
  const take = async (chunk: Uint8Array) => {
    if (sink === undefined) chunks.push(chunk)
    else {
      try {
        await sink(chunk)
      } catch (error) {
        sinkFailure = { error }
        throw error
      }
    }
  }
  try {
    const size = await failing(readBody(message, maxBytes, take))
    const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value)] as const)
    return {
      status: message.statusCode ?? 0,
      headers: Object.fromEntries(headers),
      url: url.href,
      body: Buffer.concat(chunks),
      size,
    }
  } catch (error) {
    throw sinkFailure === undefined ? error : sinkFailure.error
  } finally {
    message.destroy()
  }
}

/** Errors of sockets, TLS, HTTP and zlib under one code; ours pass. */
async function failing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (isMmfError(cause)) throw cause
    throw new MmfError('egress_failed', { cause })
  }
}

function redirectRefused(detail: string): MmfError {
  return new MmfError('egress_redirect_refused', { detail })
}
