/** A route without the names of its parameters: two routes of one key cannot both be served. */
export const routeKey = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`
