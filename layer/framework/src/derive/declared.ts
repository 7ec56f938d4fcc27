import type { PluginConfig } from '../config/plugin-config.ts'
import type { PermissionDefinition, RoleDefinition } from '../contract/access.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { AnyOperation } from '../contract/operation/operation.ts'
import type { Scope, ServiceScope } from '../contract/scope.ts'
import type { Service } from '../contract/service.ts'
import type { AnyTable } from '../database/table.ts'
import { defined } from '../defined.ts'
import type { AnyEvent } from '../events/events.ts'
import type { KeyDefinition } from '../keys/keys.ts'
import type { SigningAlgorithmName } from '../keys/signing-algorithms.ts'

export function operationsOf(plugin: Pick<PluginDefinition, 'services'>): readonly AnyOperation[] {
  return plugin.services.flatMap(service => Object.values(service.operations))
}

/** The roles that these plugins declare, each definition once. */
export function rolesOf(plugins: readonly PluginDefinition[]): readonly RoleDefinition[] {
  return [...new Set(plugins.flatMap(({ roles = [] }) => roles))]
}

/** The permissions of these plugins, each definition once. */
export function permissionsOf(plugins: readonly PluginDefinition[]): readonly PermissionDefinition[] {
  return [...new Set(plugins.flatMap(({ permissions = [] }) => permissions))]
}

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
    roles: [...new Set(scopes.flatMap(scope => scope.roles ?? []))],
    permissions: [...new Set(scopes.flatMap(scope => scope.permissions ?? []))],
    ...defined({ blobs }),
    ...(scopes.some(scope => scope.egress) ? { egress: true } : {}),
    ...(scopes.some(scope => scope.lockedBlobs) ? { lockedBlobs: true } : {}),
    ...(scopes.some(scope => scope.auditLog) ? { auditLog: true } : {}),
    ...(scopes.some(scope => scope.rateLimits) ? { rateLimits: true } : {}),
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
    algorithms:
      allowed === undefined || key.fixed === true
        ? key.algorithms
        : key.algorithms.filter(name => allowed.includes(name)),
  }))
}
