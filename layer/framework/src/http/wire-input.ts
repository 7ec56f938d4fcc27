import { MmfError } from '../errors/mmf-error.ts'
import { readJsonBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import type { HttpEvent } from './lambda-types.ts'
import { checkWellFormed } from './well-formed.ts'

/**
 * The operation's wire input: JSON body (POST, PUT) or query string (GET, DELETE), with the path parameters added.
 * A field that is given twice is refused, because two values for one field are a trap; so is a query string beside a body, because
 * nothing would read it, and text that is no Unicode.
 * @throws {MmfError} `validation_failed`; `malformed_request` for a query that is not UTF-8; what reading a body throws
 */
export function wireInput(event: HttpEvent, exchange: Exchange, maxBytes: number): unknown {
  const method = event.requestContext.http.method
  const params = exchange.params ?? {}
  const query = queryOf(event)
  const hasBody = method === 'POST' || method === 'PUT'
  if (!hasBody) return joined(query, params)
  const [stray] = Object.keys(query)
  if (stray !== undefined) throw refused(stray, 'unknown query parameter', 'unknown_field')
  const body = readJsonBody(event, maxBytes)
  checkWellFormed(body)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return joined(body, params)
}

function joined(input: object, params: Readonly<Record<string, string>>): object {
  const names = Object.keys(params)
  if (names.length === 0) return input
  const twice = names.find(name => Object.hasOwn(input, name))
  if (twice !== undefined) throw refused(twice, 'is in the path already', 'unknown_field')
  return { ...input, ...params }
}

function refused(name: string, message: string, code: string): MmfError {
  const path = name.slice(0, 64)
  return new MmfError('validation_failed', { detail: `${path}: ${message}`, errors: [{ path, message, code }] })
}

function queryOf(event: HttpEvent): Record<string, string> {
  // Without a prototype, so that a parameter called `constructor` is just a parameter.
  const query: Record<string, string> = Object.create(null)
  checkEscapes(event.rawQueryString)
  for (const [name, value] of new URLSearchParams(event.rawQueryString)) {
    if (Object.hasOwn(query, name)) throw refused(name, 'given twice', 'duplicate')
    query[name] = value
  }
  return query
}

/** What decodes to no UTF-8 would silently become replacement characters: another value than the one that was sent. */
function checkEscapes(query: string): void {
  try {
    decodeURIComponent(query)
  } catch (cause) {
    throw new MmfError('malformed_request', { detail: 'the query has a malformed percent-escape', cause })
  }
}
