import type { HttpDeclaration } from '../../contract/operation/operation.ts'

/** A request for an operation, as {@link wireInput} reads it. */
export interface RemoteRequest {
  readonly method: HttpDeclaration['method']
  readonly url: URL
  /** JSON text; absent for GET and DELETE, whose input is in path and query. */
  readonly body: string | undefined
}

/** Path parameters take their values from the input; the rest is the JSON body of POST and PUT, or the query. */
export function remoteRequest(http: HttpDeclaration, address: string, input: unknown): RemoteRequest {
  const fields = { ...(input as Record<string, unknown>) }
  const path = http.path.replace(/\{([^}]+)\}/g, (_all, name: string) => {
    const value = fields[name]
    delete fields[name]
    return encodeURIComponent(String(value))
  })
  const url = new URL(address)
  url.pathname = url.pathname.replace(/\/$/, '') + path
  if (http.method === 'POST' || http.method === 'PUT') return { method: http.method, url, body: JSON.stringify(fields) }
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return { method: http.method, url, body: undefined }
}
