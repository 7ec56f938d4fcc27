import { MmfError } from '../errors/mmf-error.ts'
import { readJsonBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import type { HttpEvent } from './lambda-types.ts'

/**
 * The operation's wire input: JSON body (POST, PUT) or query string (GET, DELETE), with the path parameters added.
 * A path parameter that is also in the body is refused, because two values for one field are a trap.
 */
export function wireInput(event: HttpEvent, exchange: Exchange, maxBytes: number): unknown {
  const method = event.requestContext.http.method
  const params = exchange.params ?? {}
  const hasBody = method === 'POST' || method === 'PUT'
  if (!hasBody) return { ...queryOf(event), ...params }
  const body = readJsonBody(event, maxBytes)
  if (Object.keys(params).length === 0) return body
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const twice = Object.keys(params).find(name => Object.hasOwn(body, name))
  if (twice !== undefined) {
    throw new MmfError('validation_failed', {
      detail: `${twice}: is in the path already`,
      errors: [{ path: twice, message: 'is in the path already', code: 'unknown_field' }],
    })
  }
  return { ...body, ...params }
}

function queryOf(event: HttpEvent): Record<string, string> {
  // Without a prototype, so that a parameter called `constructor` is just a parameter.
  const query: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(event.rawQueryString)) {
    if (Object.hasOwn(query, name)) {
      throw new MmfError('validation_failed', {
        detail: `${name.slice(0, 64)}: given twice`,
        errors: [{ path: name.slice(0, 64), message: 'given twice', code: 'duplicate' }],
      })
    }
    query[name] = value
  }
  return query
}
