import type { openapi } from './openapi.ts'

/** The OpenAPI document of some plugins. What makes it is loaded when it is asked for: of all functions, one has the route. */
export async function openapiOf(...args: Parameters<typeof openapi>): Promise<object> {
  const module = await import('./openapi.ts')
  return module.openapi(...args)
}
