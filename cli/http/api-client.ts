import { defined } from '@mmf/framework'
import { exchange } from './exchange.ts'

/** What the server refused: its problem (RFC 9457) in one line, for people. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string | undefined

  constructor(status: number, problem: { readonly code?: string; readonly title?: string; readonly detail?: string }) {
    const { code, title = `the server answered ${status}`, detail } = problem
    super(`${code === undefined ? '' : `${code}: `}${title}${detail === undefined ? '' : `: ${detail}`}`)
    this.name = 'ApiError'
    this.status = status
    this.code = code
  }
}

/** The server does not answer. */
export class UnreachableError extends Error {}

export interface ApiClientOptions {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string
  readonly token: string | undefined
  /** The `Host` of requests, where it is another than that of the address: an emulator, a tunnel, a private endpoint. */
  readonly host?: string | undefined
}

interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface ApiClient {
  /** @throws {ApiError} for every status of 300 and above; {UnreachableError} */
  request(method: 'GET' | 'POST', path: string, body?: object): Promise<ApiAnswer>
  /** The same, for an answer in JSON. */
  json<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T>
}

/** Time for one request, in milliseconds. */
const timeoutMs = 60_000

/** The HTTP API, as the commands use it. Redirects are not followed: a token goes to no other host. */
export function createApiClient({ url, token, host }: ApiClientOptions): ApiClient {
  const base = url.replace(/\/+$/, '')
  async function request(method: 'GET' | 'POST', path: string, body?: object): Promise<ApiAnswer> {
    const sent = body === undefined ? undefined : JSON.stringify(body)
    const answer = await answered(base, () =>
      exchange(base + path, {
        method,
        body: sent,
        signal: AbortSignal.timeout(timeoutMs),
        headers: defined({
          host,
          authorization: token === undefined ? undefined : `Bearer ${token}`,
          'content-type': sent === undefined ? undefined : 'application/json',
          'content-length': sent === undefined ? undefined : String(Buffer.byteLength(sent)),
        }),
      }),
    )
    if (answer.status >= 300) throw new ApiError(answer.status, problemOf(answer.text))
    return answer
  }
  return {
    request,
    json: async (method, path, body) => JSON.parse((await request(method, path, body)).text),
  }
}

async function answered<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { message, cause: reason } = cause instanceof Error ? cause : new Error(String(cause))
    const why = reason instanceof Error && reason.message !== '' ? reason.message : message
    throw new UnreachableError(`${url} does not answer: ${why}`, { cause })
  }
}

function problemOf(text: string): { code?: string; title?: string; detail?: string } {
  try {
    const problem: unknown = JSON.parse(text)
    return typeof problem === 'object' && problem !== null ? problem : {}
  } catch {
    // Something between here and the server answered: its status says enough.
    return {}
  }
}
