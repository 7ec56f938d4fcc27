import { defined } from '@mmf/framework'
import type { ExitName } from '../exit-codes.ts'
import { Failure, type FieldFinding, failure } from '../failure.ts'
import { type Exchanged, exchange } from './exchange.ts'

export interface ApiClientOptions {
  /** With its base path, if it has one: `http://127.0.0.1:8080`. */
  readonly url: string
  /** A token, or what gets one when the first request needs it. */
  readonly token?: string | (() => Promise<string | undefined>) | undefined
  /** The `Host` of requests, where it is another than that of the address: an emulator, a tunnel, a private endpoint. */
  readonly host?: string | undefined
}

interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** A public route: no token is sent, nor asked for. */
  readonly isPublic?: boolean
  /** A status of 400 and above whose body is an answer all the same. */
  readonly answers?: number
  /** What an answer in JSON must have; one without it is none of this API. */
  readonly members?: readonly string[]
}

interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

type Method = 'GET' | 'POST' | 'DELETE'

export interface ApiClient {
  /** @throws {Failure} for every status of 400 and above with the code of the server; `server_unreachable`, `answer_unexpected` */
  request(method: Method, path: string, body?: object, options?: RequestOptions): Promise<ApiAnswer>
  /** The same, for an answer in JSON. */
  json<T>(method: Method, path: string, body?: object, options?: RequestOptions): Promise<T>
}

/** Time for one request, in milliseconds. */
const timeoutMs = 60_000

/** The HTTP API, as the commands use it. Redirects are not followed: a token goes to no other host. */
export function createApiClient({ url, token, host }: ApiClientOptions): ApiClient {
  const base = url.replace(/\/+$/, '')
  let known: Promise<string | undefined> | undefined
  const tokenOf = () => {
    known ??= typeof token === 'function' ? token() : Promise.resolve(token)
    return known
  }
  async function request(
    method: Method,
    path: string,
    body?: object,
    { headers = {}, isPublic = false, answers }: RequestOptions = {},
  ): Promise<ApiAnswer> {
    const bearer = isPublic ? undefined : await tokenOf()
    const sent = body === undefined ? undefined : JSON.stringify(body)
    const answer = await answered(base, () =>
      exchange(base + path, {
        method,
        body: sent,
        signal: AbortSignal.timeout(timeoutMs),
        headers: defined({
          ...headers,
          host,
          authorization: bearer === undefined ? undefined : `Bearer ${bearer}`,
          'content-type': sent === undefined ? undefined : 'application/json',
          'content-length': sent === undefined ? undefined : String(Buffer.byteLength(sent)),
        }),
      }),
    )
    const { status, text } = answer
    if (status >= 300 && (status < 400 || !isJson(answer))) {
      throw unexpected(base, `status ${status} and ${answer.headers.get('content-type') ?? 'no content type'}`)
    }
    if (status >= 400 && status !== answers) throw refusalOf(status, text)
    return answer
  }
  return {
    request,
    async json(method, path, body, options) {
      const { text, headers } = await request(method, path, body, options)
      const answer = parsed(text)
      if (answer === undefined)
        throw unexpected(base, `no JSON but ${headers.get('content-type') ?? 'no content type'}`)
      const missing = (options?.members ?? []).filter(name => !Object.hasOwn(answer, name))
      if (missing.length > 0) throw unexpected(base, `JSON without ${missing.join(', ')}`)
      return answer as never
    },
  }
}

const isJson = ({ headers }: Exchanged) => /[/+]json\b/i.test(headers.get('content-type') ?? '')

const unexpected = (base: string, what: string, cause?: unknown): Failure =>
  failure(
    'answer_unexpected',
    `${base} answers ${what}: is this the address of the API, and nothing in between?`,
    cause,
  )

async function answered<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { message, cause: reason } = cause instanceof Error ? cause : new Error(String(cause))
    const why = reason instanceof Error && reason.message !== '' ? reason.message : message
    throw failure('server_unreachable', `${url} does not answer: ${why}`, cause)
  }
}

/** What the server refused: its problem (RFC 9457), with the exit code that follows from the status. */
function refusalOf(status: number, text: string): Failure {
  const { code, title = `The server answered ${status}`, detail, errors } = problemOf(text)
  const said = detail === undefined ? title : `${title}: ${detail}`
  return new Failure({ code: code ?? 'answer_unexpected', title, detail: said, status, errors, exit: exitOf(status) })
}

/** 502, 503 and 504 say that the API cannot be reached behind what answers, or not now (RFC 9110 §15.6). */
function exitOf(status: number): ExitName {
  if (status === 401) return 'unauthenticated'
  if (status === 502 || status === 503 || status === 504) return 'unreachable'
  return status < 500 ? 'refused' : 'failed'
}

interface ServerProblem {
  readonly code?: string
  readonly title?: string
  readonly detail?: string
  readonly errors?: readonly FieldFinding[]
}

/** A map, or undefined: every answer of the API is one. */
function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Where something between here and the server answered, its status says enough. */
function problemOf(text: string): ServerProblem {
  const given: Readonly<Record<string, unknown>> = { ...parsed(text) }
  const word = (name: string) => (typeof given[name] === 'string' ? { [name]: given[name] } : {})
  const errors = Array.isArray(given['errors']) ? given['errors'].filter(isFinding) : []
  return { ...word('code'), ...word('title'), ...word('detail'), errors }
}

const isFinding = (value: unknown): value is FieldFinding =>
  typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)['message'] === 'string'
