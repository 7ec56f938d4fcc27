import type * as z from 'zod'
import type { PluginConfig, PluginConfigSchema } from '../config/plugin-config.ts'
import type { AnyTable } from '../database/table.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { AnyEvent } from '../events/events.ts'
import type { KeyDefinition } from '../keys/keys.ts'
import type { SigningAlgorithmName } from '../keys/signing-algorithms.ts'
import type { AnyOperation } from '../operation/operation.ts'
import type { Scope } from './scope.ts'
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
  /** The algorithms that the configuration allows for signing; default: all that the plugin's keys declare. */
  readonly signingAlgorithms?: (config: z.output<Config>) => readonly SigningAlgorithmName[]
  /** Where clients reach the API, for the OpenAPI document; default: wherever the document itself was read. */
  readonly publicUrl?: (config: z.output<Config>) => string
  /** What the configuration asks of connections; default: no client certificate is needed. */
  readonly transport?: (config: z.output<Config>) => TransportPolicy
}

/**
 * Checks a definition as far as it can be checked without running anything.
 * @throws {MmfError} `service_duplicate`, `operation_duplicate` (a name or a route twice), `operation_unprotected`
 */
export function definePlugin<Config extends PluginConfigSchema, const Services extends readonly Service[]>(
  definition: PluginDefinition<Config, Services>,
): PluginDefinition<Config, Services> {
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
        throw new MmfError('operation_unprotected', { detail: `${service.name}.${operation.name}` })
      }
      for (const name of namesOf(operation)) {
        if (seen.has(name)) throw new MmfError('operation_duplicate', { detail: name })
        seen.add(name)
      }
    }
  }
  return definition
}

function namesOf(operation: AnyOperation): string[] {
  const name = `${operation.service}.${operation.name}`
  const { http } = operation
  return http === undefined ? [name] : [name, `${http.method} ${http.path.replace(/\{[^}]*\}/g, '{}')}`]
}

export function operationsOf(plugin: PluginDefinition): readonly AnyOperation[] {
  return plugin.services.flatMap(service => Object.values(service.operations))
}

/** A scope whose lists are all there. */
export type ServiceScope = Required<Pick<Scope, 'tables' | 'keys' | 'events' | 'calls'>> & Scope

/** The union of the scopes of a service's operations: what its function may touch. */
export function scopeOf(service: Service): ServiceScope {
  const scopes = [...new Set(Object.values(service.operations).map(operation => operation.scope))]
  const tables = new Map<string, NonNullable<Scope['tables']>[number]>()
  for (const grant of scopes.flatMap(scope => scope.tables ?? [])) {
    if (tables.get(grant.table.name)?.access !== 'write') tables.set(grant.table.name, grant)
  }
  const keys = new Map(scopes.flatMap(scope => scope.keys ?? []).map(grant => [grant.key.name, grant]))
  const events = new Map(scopes.flatMap(scope => scope.events ?? []).map(grant => [grant.event.name, grant]))
  const calls = [...new Set(scopes.flatMap(scope => scope.calls ?? []))]
  const blobs = scopes.some(scope => scope.blobs === 'write') ? 'write' : scopes.find(scope => scope.blobs)?.blobs
  return {
    tables: [...tables.values()],
    keys: [...keys.values()],
    events: [...events.values()],
    calls,
    ...(blobs === undefined ? {} : { blobs }),
    ...(scopes.some(scope => scope.egress) ? { egress: true } : {}),
  }
}

/** Every table, key and event that the plugin's services declare, each once. */
export function resourcesOf(plugin: PluginDefinition): {
  readonly tables: readonly AnyTable[]
  readonly keys: readonly KeyDefinition[]
  readonly events: readonly AnyEvent[]
} {
  const scopes = plugin.services.map(scopeOf)
  return {
    tables: [...new Set(scopes.flatMap(scope => scope.tables.map(grant => grant.table)))],
    keys: [...new Set(scopes.flatMap(scope => scope.keys.map(grant => grant.key)))],
    events: [...new Set(scopes.flatMap(scope => scope.events.map(grant => grant.event)))],
  }
}

/** A declared key and the algorithms that this configuration may ask of it. */
export interface AllowedKey {
  readonly key: KeyDefinition
  readonly algorithms: readonly SigningAlgorithmName[]
}

/** What a configuration leaves of the algorithms that the plugin's keys declare: the local runner makes keys for it, CDK too. */
export function allowedKeys(plugin: PluginDefinition, config: unknown): readonly AllowedKey[] {
  const allowed = plugin.signingAlgorithms?.(config as PluginConfig)
  return resourcesOf(plugin).keys.map(key => ({
    key,
    algorithms: allowed === undefined ? key.algorithms : key.algorithms.filter(name => allowed.includes(name)),
  }))
}
