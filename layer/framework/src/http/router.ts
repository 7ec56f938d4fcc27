import type { AnyOperation } from '../contract/operation/operation.ts'
import { MmfError } from '../errors/mmf-error.ts'

interface Match {
  readonly operation: AnyOperation
  readonly params: Readonly<Record<string, string>>
}

export interface Router {
  /** @throws {MmfError} `route_not_found`; `service_unavailable` where the function of the route is missing; `method_not_allowed` with an `allow` header; `malformed_request` for a bad escape */
  match(method: string, path: string): Match
  /** Whether a route has this path, by whatever method. */
  has(path: string): boolean
}

interface Route {
  readonly segments: readonly string[]
  readonly operation: AnyOperation
}

const isParam = (segment: string) => segment.startsWith('{')

/** Fixed segments win over parameters, so `/v1/keys/jwks` is never a key called jwks. */
const specificity = (route: Route) => route.segments.map(segment => (isParam(segment) ? '1' : '0')).join('')

function paramsOf(route: Route, parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  for (const [i, segment] of route.segments.entries()) {
    const part = parts[i] ?? ''
    if (!isParam(segment)) {
      if (segment !== part) return undefined
      continue
    }
    if (part === '') return undefined
    params[segment.slice(1, -1)] = decode(part)
  }
  return params
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw new MmfError('malformed_request', { detail: 'the path has a malformed percent-escape', cause })
  }
}

/**
 * Routes by method and path, built once from the declarations. `elsewhere` are operations that another function serves: their paths
 * are known here only so that a wrong method on one of them is `method_not_allowed` and not `route_not_found`.
 */
export function createRouter(operations: readonly AnyOperation[], elsewhere: readonly AnyOperation[] = []): Router {
  const byLength = new Map<number, Route[]>()
  const foreign = new Set(elsewhere)
  for (const operation of [...operations, ...elsewhere]) {
    if (operation.http === undefined) continue
    const segments = operation.http.path.split('/').slice(1)
    const routes = byLength.get(segments.length) ?? []
    routes.push({ segments, operation })
    routes.sort((a, b) => (specificity(a) < specificity(b) ? -1 : 1))
    byLength.set(segments.length, routes)
  }

  const hasPath = (route: Route, parts: readonly string[]): boolean =>
    route.segments.every((segment, i) => (isParam(segment) ? parts[i] !== '' : segment === parts[i]))

  return {
    has(path) {
      const parts = path.split('/').slice(1)
      return (byLength.get(parts.length) ?? []).some(route => hasPath(route, parts))
    },
    match(method, path) {
      const parts = path.split('/').slice(1)
      const allowed = new Set<string>()
      for (const route of byLength.get(parts.length) ?? []) {
        const params = paramsOf(route, parts)
        if (params === undefined) continue
        const declared = route.operation.http?.method ?? ''
        // HEAD is GET without the body (RFC 9110 §9.3.2).
        const isAsked = declared === method || (method === 'HEAD' && declared === 'GET')
        if (isAsked && !foreign.has(route.operation)) return { operation: route.operation, params }
        allowed.add(declared)
        if (declared === 'GET') allowed.add('HEAD')
      }
      if (allowed.size === 0) throw new MmfError('route_not_found')
      // The function of this route should have been asked: there is none.
      if (allowed.has(method)) throw new MmfError('service_unavailable')
      throw new MmfError('method_not_allowed', { headers: { allow: [...allowed].sort().join(', ') } })
    },
  }
}
