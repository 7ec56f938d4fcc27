import type { AnyOperation } from './operation/operation.ts'
import type { ServiceCall, ServiceReply } from './service-call.ts'

/** Where a service answers over HTTP. */
export interface ServiceAddress {
  /** With scheme and host; a path before that of the route is kept. */
  readonly url: string
  /** Time for one call; default that which the caller has left. */
  readonly timeoutSeconds?: number | undefined
}

/** Calls to services of another deployment, over the routes of their operations. */
export interface RemoteServices {
  /** Whether the configuration says that this service runs in another deployment. */
  has(service: string): boolean
  /**
   * @param service `<plugin>.<service>`
   * @param address of the plugin's own configuration; that of `remote_services` is used before it
   * @throws {MmfError} `service_unavailable`, `deadline_exceeded`
   */
  call(
    service: string,
    operation: Pick<AnyOperation, 'name' | 'http'>,
    address: ServiceAddress | undefined,
    call: ServiceCall,
    options: { readonly signal: AbortSignal },
  ): Promise<ServiceReply>
}
