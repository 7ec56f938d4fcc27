/** A route of a function. */
export interface LocalRoute<Target> {
  readonly method: string
  /** `/v1/keys/{keyId}` */
  readonly path: string
  readonly target: Target
}

/**
 * Chooses among routes as the HTTP API does: of those that match the path, the most specific, where a literal segment counts more than a
 * parameter, the earlier segments first. One that has the method counts before one that has not, whose function then says which methods there are.
 */
export function localRouter<Target>(routes: readonly LocalRoute<Target>[]) {
  const sorted = [...routes]
    .sort((a, b) => bySpecificity(a.path, b.path))
    .map(route => ({ ...route, pattern: patternOf(route.path) }))
  return (method: string, path: string): Target | undefined => {
    const wanted = method === 'HEAD' ? 'GET' : method
    const found = sorted.filter(({ pattern }) => pattern.test(path))
    return (found.find(route => route.method === wanted) ?? found[0])?.target
  }
}

const patternOf = (path: string) => new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{[^}]*\}/g, '[^/]+')}$`)

function bySpecificity(a: string, b: string): number {
  const [first, second] = [a.split('/'), b.split('/')]
  // Paths of different lengths never match the same request; this only keeps the order a total one.
  if (first.length !== second.length) return first.length - second.length
  for (const [index, segment] of first.entries()) {
    const difference = Number(segment.startsWith('{')) - Number(second[index]?.startsWith('{') ?? false)
    if (difference !== 0) return difference
  }
  return 0
}
