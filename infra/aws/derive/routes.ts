import type { AnyOperation, HttpDeclaration, Service } from '@mmf/framework'

/** One route of the API and the function behind it. */
export interface Route {
  readonly method: HttpDeclaration['method']
  /** With parameters in braces, as API Gateway writes them too. */
  readonly path: string
}

/** The routes of a service: whatever its operations declare. */
export function routesOf(service: Service): readonly Route[] {
  return Object.values(service.operations).flatMap(({ http }: AnyOperation) =>
    http === undefined ? [] : [{ method: http.method, path: http.path }],
  )
}
