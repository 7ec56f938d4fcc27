import type { AnyOperation, PluginDefinition } from '@mmf/framework'
import { scopeOf } from '@mmf/framework/internal'

/** Who may call what, and what each service may touch: both follow from the declarations. */
export function permissionsPage(plugins: readonly PluginDefinition[]): string {
  return `# Permissions

${plugins.map(pluginSection).join('\n')}`
}

function pluginSection({ name, services }: PluginDefinition): string {
  const operations = services.flatMap(service => Object.values(service.operations))
  return `## Plugin \`${name}\`

### Who may call what

| operation | route | caller |
| --- | --- | --- |
${operations.map(operationRow).join('\n')}

### What each service may touch

IAM grants each function exactly this, and the platform's own tables that go with it.

| service | reads | writes | signs with | publishes | calls | blobs |
| --- | --- | --- | --- | --- | --- | --- |
${services.map(service => serviceRow(service.name, scopeOf(service))).join('\n')}
`
}

function operationRow({ service, name, http, declares }: AnyOperation): string {
  const route = http === undefined ? '' : `\`${http.method} ${http.path}\``
  return `| \`${service}.${name}\` | ${route} | ${callerOf(declares)} |`
}

function callerOf({ auth, event }: AnyOperation['declares']): string {
  if (auth === undefined) return event === undefined ? 'nobody' : `the event \`${event.eventType}\``
  if (auth.access === 'public') return 'everybody'
  const roles = needed('role', auth.roles, auth.requireAllRoles)
  const permissions = needed('permission', auth.permissions, auth.requireAllPermissions)
  const needs = [...roles, ...permissions].join(' and ')
  const known = needs === '' ? 'any valid token' : needs
  return auth.optional ? `everybody; with a token: ${known}` : known
}

function needed(what: string, names: readonly string[], all: boolean): string[] {
  if (names.length === 0) return []
  return names.length === 1
    ? [`the ${what} ${codes(names)}`]
    : [`${all ? 'all' : 'one'} of the ${what}s ${codes(names)}`]
}

function serviceRow(name: string, { tables, keys, events, calls, blobs }: ReturnType<typeof scopeOf>): string {
  const named = (access: 'read' | 'write') => tables.filter(grant => grant.access === access).map(g => g.table.name)
  const cells = [
    [name],
    named('read'),
    named('write'),
    keys.map(grant => grant.key.name),
    events.map(grant => grant.event.name),
    calls.map(({ operation }) => `${operation.service}.${operation.name}`),
  ]
  return `| ${[...cells.map(codes), blobs ?? ''].join(' | ')} |`
}

const codes = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
