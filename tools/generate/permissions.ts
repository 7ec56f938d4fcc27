import type { AnyOperation, PluginDefinition, RoleDefinition, Service } from '@mmf/framework'
import { operationsOf, permissionsOf, rolesOf, rolesWithin, scopeOf } from '@mmf/framework/internal'
import { platformRoles } from '../../layer/framework/src/http/platform/platform-roles.ts'
import { declaredPlatformService } from '../../layer/framework/src/http/platform/platform-service.ts'

/** Who may call what, and what each service may touch: all follows from the declarations. */
export function permissionsPage(
  plugins: readonly PluginDefinition[],
  platform: Service = declaredPlatformService,
): string {
  const own = Object.values(platform.operations)
  return `# Permissions

${rolesSection(plugins, own)}
## The platform's own routes

The local runner has \`GET /metrics\` too, for everybody who can reach it.

${callers(own)}

${plugins.map(pluginSection).join('\n')}`
}

/** What a token issuer has to give out: everything that is declared, and what it opens by itself or through a role that inherits or carries it. */
function rolesSection(plugins: readonly PluginDefinition[], own: readonly AnyOperation[]): string {
  const operations = plugins.flatMap(operationsOf)
  const permissions = permissionsOf(plugins)
  const rows = [
    ...rolesOf(plugins).map(role => roleRow(role, operations)),
    ...platformRoles.map(role => roleRow(role, own)),
    ...permissions.map(permission => {
      const opened = operations.filter(({ declares }) => demanded(declares, 'permissions').includes(permission))
      return row('permission', permission, '', opened)
    }),
  ]
  return `## Roles and permissions

What tokens may say, and what it opens. A role also opens what the roles that it inherits open; a principal that has a role has the permissions that it carries.

| | name | meaning | inherits and carries | opens |
| --- | --- | --- | --- | --- |
${[...rows.filter(text => text.startsWith('| role')).sort(), ...rows.filter(text => text.startsWith('| permission')).sort()].join('\n')}
`
}

function roleRow(role: RoleDefinition, operations: readonly AnyOperation[]): string {
  const held = rolesWithin(role)
  const opened = operations.filter(({ declares }) =>
    demanded(declares, 'roles').some(wanted => held.has(wanted as never)),
  )
  return row('role', role, codes([...role.inherits, ...role.permissions]), opened)
}

function row(
  kind: string,
  { name, description }: Named & { description: string },
  given: string,
  opened: readonly AnyOperation[],
): string {
  const names = opened.map(operation => ({ name: `${operation.service}.${operation.name}` }))
  return `| ${kind} | \`${name}\` | ${description} | ${given} | ${codes(names)} |`
}

function demanded({ auth }: AnyOperation['declares'], kind: 'roles' | 'permissions'): readonly unknown[] {
  return auth?.access === 'authenticated' ? auth[kind] : []
}

function pluginSection({ name, services }: PluginDefinition): string {
  const operations = services.flatMap(service => Object.values(service.operations))
  return `## Plugin \`${name}\`

### Who may call what

${callers(operations)}

### What each service may touch

IAM grants each function exactly this, and the platform's own tables that go with it.

| service | reads | writes | signs with | publishes | calls | blobs | asks about callers |
| --- | --- | --- | --- | --- | --- | --- | --- |
${services.map(service => serviceRow(service.name, scopeOf(service))).join('\n')}
`
}

function callers(operations: readonly AnyOperation[]): string {
  return `| operation | route | caller |
| --- | --- | --- |
${operations.map(operationRow).join('\n')}`
}

function operationRow({ service, name, http, declares }: AnyOperation): string {
  const route = http === undefined ? '' : `\`${http.method} ${http.path}\``
  return `| \`${service}.${name}\` | ${route} | ${callerOf(declares)} |`
}

function callerOf({ auth, event, schedule }: AnyOperation['declares']): string {
  if (auth === undefined && event === undefined) return schedule === undefined ? 'no caller' : 'the schedule'
  if (auth === undefined) return `the event \`${event?.eventType}\``
  if (auth.access === 'public') return 'everybody'
  const roles = needed('role', auth.roles, auth.requireAllRoles)
  const permissions = needed('permission', auth.permissions, auth.requireAllPermissions)
  const needs = [...roles, ...permissions].join(' and ')
  const known = needs === '' ? 'any valid token' : needs
  return auth.optional ? `everybody; with a token: ${known}` : known
}

function needed(what: string, names: readonly Named[], all: boolean): string[] {
  if (names.length === 0) return []
  return names.length === 1
    ? [`the ${what} ${codes(names)}`]
    : [`${all ? 'all' : 'one'} of the ${what}s ${codes(names)}`]
}

function serviceRow(
  name: string,
  { tables, keys, events, calls, blobs, roles, permissions }: ReturnType<typeof scopeOf>,
): string {
  const named = (access: 'read' | 'write') => tables.filter(grant => grant.access === access).map(g => g.table)
  const cells = [
    [{ name }],
    named('read'),
    named('write'),
    keys.map(grant => grant.key),
    events.map(grant => grant.event),
    calls.map(({ operation }) => ({ name: `${operation.service}.${operation.name}` })),
  ]
  return `| ${[...cells.map(codes), blobs ?? '', codes([...roles, ...permissions])].join(' | ')} |`
}

interface Named {
  readonly name: string
}

const codes = (named: readonly Named[]): string => named.map(({ name }) => `\`${name}\``).join(', ')
