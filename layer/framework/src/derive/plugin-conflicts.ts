import type { PluginDefinition } from '../contract/define-plugin.ts'
import { routeKey } from '../contract/route-key.ts'
import type { CallGrant } from '../contract/scope.ts'
import { type FieldError, MmfError } from '../errors/mmf-error.ts'
import { operationsOf, scopeOf } from './declared.ts'

/** A plugin as its neighbours see it. */
export interface Neighbour {
  readonly definition: Pick<
    PluginDefinition,
    'name' | 'metricPrefix' | 'services' | 'roles' | 'permissions' | 'exports'
  >
  /** Names of the plugins that its manifest depends on, optional ones included. */
  readonly dependencies: readonly string[]
  /** Tables that it has beside those of its services. */
  readonly tables?: readonly string[]
}

/** One thing that only one plugin may have, unless it is the very same object of both. */
interface Claim {
  readonly kind: string
  readonly name: string
  /** What one plugin imports from the other is the same object: of roles and permissions that is no collision, of tables it is needed. */
  readonly object?: object
  /** How the plugin uses a thing that another one may export. */
  readonly access?: 'read' | 'write' | 'sign'
}

/**
 * What each plugin has against those before it: a route, service, table, key, role, permission or metric that is taken, something of another
 * plugin that this one does not export or on which the manifest does not depend, a call of a service that is not there.
 * The plugin that starts earlier keeps what both claim; the later one is refused with all its conflicts in one error.
 * @param plugins in the order in which they start
 * @returns plugin name → `plugin_conflict`, its `errors` naming each thing and both owners
 */
export function pluginConflicts(plugins: readonly Neighbour[]): ReadonlyMap<string, MmfError> {
  const refused = new Map<string, MmfError>()
  const owners = new Map<string, Owned>()
  const known = new Map(plugins.map(plugin => [plugin.definition.name, plugin]))
  for (const plugin of plugins) {
    const { name } = plugin.definition
    const claims = claimsOf(plugin)
    const errors = [
      ...claims.flatMap(claim => collision(plugin, claim, owners.get(nameOf(claim)))),
      ...callsOf(plugin).flatMap(call => wrongCall(plugin, call, known)),
    ]
    if (errors.length === 0) {
      // Who shares a thing of another plugin does not own it.
      for (const claim of claims) if (!owners.has(nameOf(claim))) owners.set(nameOf(claim), { owner: plugin, claim })
      continue
    }
    const detail = `${name}: ${errors.map(({ path, message }) => `${path}: ${message}`).join('; ')}`
    refused.set(name, new MmfError('plugin_conflict', { detail, members: { plugin: name }, errors }))
  }
  return refused
}

interface Owned {
  readonly owner: Neighbour
  readonly claim: Claim
}

const nameOf = ({ kind, name }: Claim): string => `${kind} "${name}"`

function claimsOf({ definition, tables: others = [] }: Neighbour): readonly Claim[] {
  const operations = operationsOf(definition)
  const scopes = definition.services.map(scopeOf)
  const metrics = operations.flatMap(({ declares: { metric } }) => (metric === undefined ? [] : [metric.metricName]))
  const claims: Claim[] = [
    ...definition.services.map(({ name }) => ({ kind: 'service', name })),
    ...operations.flatMap(({ http }) => (http === undefined ? [] : [{ kind: 'route', name: routeKey(http) }])),
    ...scopes.flatMap(({ tables }) =>
      tables.map(({ table, access }) => ({ kind: 'table', name: table.name, object: table, access })),
    ),
    ...others.map(name => ({ kind: 'table', name, access: 'write' as const })),
    ...scopes.flatMap(({ keys }) => keys.map(({ key, access }) => ({ kind: 'key', name: key.name, access }))),
    ...(definition.roles ?? []).map(role => ({ kind: 'role', name: role.name, object: role })),
    ...(definition.permissions ?? []).map(one => ({ kind: 'permission', name: one.name, object: one })),
    ...metrics.map(metric => ({ kind: 'metric', name: `${definition.metricPrefix}_${metric}` })),
  ]
  const unique = new Map(claims.map(claim => [`${claim.kind} ${claim.name} ${claim.access ?? ''}`, claim]))
  return [...unique.values()]
}

function collision({ definition, dependencies }: Neighbour, claim: Claim, owned: Owned | undefined): FieldError[] {
  if (owned === undefined) return []
  const isSame = claim.object !== undefined && claim.object === owned.claim.object
  const { name: other } = owned.owner.definition
  const refuse = (message: string): FieldError[] => [{ path: nameOf(claim), message }]
  const both = `plugins "${other}" and "${definition.name}" both declare it`
  if (claim.access === undefined) return isSame ? [] : refuse(`${both}; only one of them can`)
  if (!isExported(claim, owned.owner)) {
    return refuse(`${both}, and plugin "${other}" does not export it for ${claim.access}`)
  }
  if (!dependencies.includes(other)) {
    return refuse(`plugin "${other}" owns it; plugin "${definition.name}" must name it in its dependencies`)
  }
  return isSame ? [] : refuse(`${both}; plugin "${definition.name}" must import what plugin "${other}" exports`)
}

function isExported({ kind, name, access }: Claim, { definition }: Neighbour): boolean {
  const { tables = [] } = definition.exports ?? {}
  return (
    kind === 'table' &&
    tables.some(grant => grant.table.name === name && (grant.access === 'write' || grant.access === access))
  )
}

function callsOf({ definition }: Neighbour): readonly CallGrant[] {
  return [...new Set(definition.services.flatMap(service => scopeOf(service).calls))]
}

function wrongCall(
  { definition, dependencies }: Neighbour,
  { operation, plugin = definition.name }: CallGrant,
  known: ReadonlyMap<string, Neighbour>,
): FieldError[] {
  const path = `call "${operation.service}.${operation.name}"`
  if (plugin !== definition.name && !dependencies.includes(plugin)) {
    return [{ path, message: `plugin "${definition.name}" must name "${plugin}" in its dependencies` }]
  }
  const callee = known.get(plugin)
  // An optional dependency that is not there: the call answers service_unavailable.
  if (callee === undefined) return []
  const service = callee.definition.services.find(({ name }) => name === operation.service)
  const found = Object.values(service?.operations ?? {}).some(({ name }) => name === operation.name)
  if (found) return []
  return [{ path, message: `plugin "${plugin}" has no such operation` }]
}
