import type * as z from 'zod'
import type { PluginConfigSchema } from '../config/plugin-config.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { SigningAlgorithmName } from '../keys/signing-algorithms.ts'
import type { PermissionDefinition, RoleDefinition } from './access.ts'
import { checkAccess } from './check-access.ts'
import { checkGateway, type GatewayStep } from './gateway-step.ts'
import type { AnyOperation } from './operation/operation.ts'
import type { ServiceAddress } from './remote-service.ts'
import { routeKey } from './route-key.ts'
import type { TableGrant } from './scope.ts'
import type { Service } from './service.ts'
import type { TransportPolicy } from './transport-policy.ts'

/** A plugin as data: the one place where each fact of a domain bundle is declared. */
export interface PluginDefinition<
  Config extends PluginConfigSchema = PluginConfigSchema,
  Services extends readonly Service[] = readonly Service[],
> {
  /** snake_case; the name of its configuration file, of its routes under `/plugins`, and in its event types. */
  readonly name: string
  /** The name that health answers show. */
  readonly title: string
  readonly version: string
  readonly description: string
  /** Before every metric name: `marty_pki` makes `marty_pki_document_sign_requests_total`. */
  readonly metricPrefix: string
  readonly config: Config
  readonly services: Services
  /** Every role that its operations demand or ask for. Default none. */
  readonly roles?: readonly RoleDefinition[]
  /** Every permission that its operations demand or ask for, or that its roles carry. Default none. */
  readonly permissions?: readonly PermissionDefinition[]
  /** Tables that plugins which depend on this one may read, or write, too. Default none. Keys stay with their plugin: others call its operations. */
  readonly exports?: { readonly tables: readonly TableGrant[] }
  /** Steps on the way of each HTTP request to the routes of this plugin, and of no other. Default none. */
  readonly gateway?: readonly GatewayStep<z.output<Config>>[]
  /** The algorithms that the configuration allows for signing; default: all that the plugin's keys declare. */
  readonly signingAlgorithms?: (config: z.output<Config>) => readonly SigningAlgorithmName[]
  /** Where clients reach the API, for the OpenAPI document; default: wherever the document itself was read. */
  readonly publicUrl?: (config: z.output<Config>) => string
  /** Where its services answer, by name: for OpenAPI, and for calls to a service that `remote_services` names. */
  readonly addresses?: (config: z.output<Config>) => Readonly<Record<string, ServiceAddress>>
  /** What the configuration asks of connections; default: no client certificate is needed. */
  readonly transport?: (config: z.output<Config>) => TransportPolicy
}

/**
 * Checks a definition as far as it can be checked without running anything.
 * @throws {MmfError} `service_duplicate`, `operation_duplicate` (a name or a route twice), `operation_unprotected`;
 * `declaration_invalid` for a gateway step; what {@link checkAccess} throws
 */
export function definePlugin<Config extends PluginConfigSchema, const Services extends readonly Service[]>(
  definition: PluginDefinition<Config, Services>,
): PluginDefinition<Config, Services> {
  checkList(definition.name, definition.services)
  const services = new Set<string>()
  const seen = new Set<string>()
  for (const service of definition.services) {
    if (services.has(service.name)) throw new MmfError('service_duplicate', { detail: service.name })
    services.add(service.name)
    for (const operation of Object.values(service.operations)) {
      // Without a route only the relay or the schedule can reach it, and what they bring is the platform's own.
      const { event, schedule } = operation.declares
      const onlyForEvents = (event ?? schedule) !== undefined && operation.http === undefined
      if (operation.declares.auth === undefined && !onlyForEvents) {
        throw new MmfError('operation_unprotected', {
          detail: `${service.name}.${operation.name} does not say who may call it; it takes requiresAuth(), publicAccess() or eventHandler()`,
        })
      }
      for (const name of namesOf(operation)) {
        if (seen.has(name)) throw new MmfError('operation_duplicate', { detail: name })
        seen.add(name)
      }
    }
  }
  checkAccess(definition)
  checkGateway(definition.name, definition.gateway)
  return definition
}

function namesOf(operation: AnyOperation): string[] {
  const name = `${operation.service}.${operation.name}`
  const { http } = operation
  return http === undefined ? [name] : [name, routeKey(http)]
}

function checkList(plugin: string, services: unknown): void {
  if (Array.isArray(services)) return
  const detail = `${plugin}.services: is a ${typeof services}; it must be a list of what defineService gives`
  throw new MmfError('declaration_invalid', { detail })
}
