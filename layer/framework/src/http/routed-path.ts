import { MmfError } from '../errors/mmf-error.ts'
import type { HttpEvent } from './lambda-types.ts'

/** A path as the declarations have it, and what stood before it: a stage, the key of a custom domain's mapping. */
export interface RoutedPath {
  readonly prefix: string
  readonly path: string
}

export interface RoutedPathRules {
  /** What the configuration says stands before the routes, such as `/pki`; empty for nothing. */
  readonly basePath: string
  /** Whether a route has this path, by whatever method. */
  readonly isRoute: (path: string) => boolean
}

/** `GET /v1/signatures/{signatureId}`, as API Gateway names the route that it matched. `{proxy+}` says nothing about the length. */
const routeKeyForm = /^([A-Z]+) (\/[^+]*)$/

/**
 * Finds the route's own path in an event. API Gateway writes the whole path into `rawPath`, with the stage (`/prod/v1/…`) and the mapping key of a custom
 * domain. What it matched stands in `routeKey`, and decides. Where that is `$default`, the configured base path is taken off, else the stage of
 * `requestContext`.
 * @throws {MmfError} `route_not_found` where the route that was matched is not in the path, and where a path could be read both ways
 */
export function routedPath(event: HttpEvent, { basePath, isRoute }: RoutedPathRules): RoutedPath {
  const { rawPath } = event
  const [, method, template] = routeKeyForm.exec(event.routeKey ?? '') ?? []
  if (method !== undefined && template !== undefined) {
    const isOther = method !== 'ANY' && method !== event.requestContext.http.method
    const found = isOther ? undefined : behindTemplate(rawPath, template)
    if (found === undefined) throw notFound(`the path is not that of the route ${event.routeKey}`)
    return found
  }
  const whole = { prefix: '', path: rawPath }
  const below = basePath === '' ? undefined : behindPrefix(rawPath, basePath)
  if (below !== undefined) return below
  const { stage = '$default' } = event.requestContext
  const staged = stage === '$default' || stage === '' ? undefined : behindPrefix(rawPath, `/${stage}`)
  if (staged === undefined || !isRoute(staged.path)) return whole
  if (isRoute(rawPath))
    throw notFound(`with the stage ${stage} before it and without, this is a route: set server.base_path`)
  return staged
}

function behindPrefix(rawPath: string, prefix: string): RoutedPath | undefined {
  if (rawPath === prefix) return { prefix, path: '/' }
  return rawPath.startsWith(`${prefix}/`) ? { prefix, path: rawPath.slice(prefix.length) } : undefined
}

/** The last segments of the path, where they are as the template has them. */
function behindTemplate(rawPath: string, template: string): RoutedPath | undefined {
  const wanted = template.split('/').slice(1)
  const given = rawPath.split('/').slice(1)
  if (given.length < wanted.length) return undefined
  const tail = given.slice(-wanted.length)
  const fits = wanted.every((segment, i) => (segment.startsWith('{') ? tail[i] !== '' : segment === tail[i]))
  if (!fits) return undefined
  const path = `/${tail.join('/')}`
  return { prefix: rawPath.slice(0, rawPath.length - path.length), path }
}

const notFound = (detail: string) => new MmfError('route_not_found', { detail })
