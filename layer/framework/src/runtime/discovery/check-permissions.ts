import type { PluginDefinition } from '../../contract/define-plugin.ts'
import { scopeOf } from '../../derive/declared.ts'
import type { FieldError } from '../../errors/mmf-error.ts'
import type { PluginManifest } from '../manifest.ts'

/**
 * Where the `permissions` of a manifest are not those that the scopes of the plugin's services declare, in either direction. A manifest without the
 * section says nothing, and agrees with everything. Secrets are not compared: the configuration names them, not the code.
 */
export function permissionDifferences(
  { permissions }: PluginManifest,
  { services }: PluginDefinition,
): readonly FieldError[] {
  if (permissions === undefined) return []
  const scopes = services.map(service => ({ service: service.name, scope: scopeOf(service) }))
  const used = (kind: string, names: (scope: ReturnType<typeof scopeOf>) => readonly string[]) =>
    new Map(scopes.flatMap(({ service, scope }) => names(scope).map(name => [name, `${kind} "${name}" of ${service}`])))
  const keys = used('key', scope => scope.keys.map(({ key }) => key.name))
  const events = used('event', scope => scope.events.map(({ event }) => event.name))
  return [
    ...tableDifferences(permissions.tables, scopes),
    ...listDifferences('keys', permissions.keys, keys),
    ...listDifferences('events', permissions.events, events),
    ...egressDifferences(permissions.egress, scopes),
  ]
}

type Scopes = readonly { readonly service: string; readonly scope: ReturnType<typeof scopeOf> }[]

function tableDifferences(said: Readonly<Record<string, 'read' | 'write'>>, scopes: Scopes): FieldError[] {
  const declared = new Map<string, { readonly access: string; readonly service: string }>()
  for (const { service, scope } of scopes) {
    for (const { table, access } of scope.tables) {
      if (declared.get(table.name)?.access !== 'write') declared.set(table.name, { access, service })
    }
  }
  const missing = [...declared].flatMap(([name, { access, service }]) => {
    const here = Object.hasOwn(said, name) ? said[name] : undefined
    if (here === access) return []
    const path = `permissions.tables.${name}`
    return [{ path, message: `${path} is ${here ?? 'not there'} here and ${access} in the code of ${service}` }]
  })
  const unused = Object.keys(said).filter(name => !declared.has(name))
  return [...missing, ...unused.map(name => unusedAt(`permissions.tables.${name}`, name))]
}

function listDifferences(
  field: string,
  said: readonly string[],
  declared: ReadonlyMap<string, string>,
): readonly FieldError[] {
  const path = `permissions.${field}`
  const missing = [...declared].filter(([name]) => !said.includes(name))
  return [
    ...missing.map(([, what]) => ({ path, message: `${path} lacks ${what}` })),
    ...said.flatMap((name, index) => (declared.has(name) ? [] : [unusedAt(`${path}.${index}`, name)])),
  ]
}

function egressDifferences(hosts: readonly string[], scopes: Scopes): FieldError[] {
  const path = 'permissions.egress'
  const senders = scopes.filter(({ scope }) => scope.egress === true).map(({ service }) => service)
  if (senders.length > 0 && hosts.length === 0) {
    return [{ path, message: `${path} names no host, and ${senders.join(', ')} sends requests outside` }]
  }
  return senders.length === 0 ? hosts.map((host, index) => unusedAt(`${path}.${index}`, host)) : []
}

const unusedAt = (path: string, name: string): FieldError => ({
  path,
  message: `${path} names "${name}", which no service declares in the code`,
})
