import type { AnyOperation, PluginDefinition, Service } from '@mmf/framework'
import { operationsOf, scopeOf } from '@mmf/framework/internal'
import { declaredPlatformService } from '../../layer/framework/src/http/platform/platform-service.ts'

/** Who may call what, and what each service may touch: all follows from the declarations. */
export function permissionsPage(
  plugins: readonly PluginDefinition[],
  platform: Service = declaredPlatformService,
): string {
  const own = Object.values(platform.operations)
  return `# Permissions

${rolesSection([...plugins.flatMap(operationsOf), ...own])}
## The platform's own routes

The local runner has \`GET /metrics\` too, for everybody who can reach it.

${callers(own)}

${plugins.map(pluginSection).join('\n')}`
}

/** What a token issuer has to give out. */
function rolesSection(operations: readonly AnyOperation[]): string {
  const named = (kind: 'roles' | 'permissions') => {
    const uses = operations.flatMap(operation => {
      const { auth } = operation.declares
      const names = auth === undefined || auth.access === 'public' ? [] : auth[kind]
      return names.map(name => ({ name, operation: `${operation.service}.${operation.name}` }))
    })
    return [...Map.groupBy(uses, ({ name }) => name)].sort(([one], [other]) => (one < other ? -1 : 1))
  }
  const rows = (kind: 'roles' | 'permissions', label: string) =>
    named(kind).map(([name, uses]) => `| ${label} | \`${name}\` | ${codes(uses.map(use => use.operation))} |`)
  return `## Roles and permissions

What tokens may say, and what it opens. Within an answer, \`auditor\` also shows the records and verdicts of others, and the permission \`supply_trust_anchors\` lets a
request say what is trusted.

| | name | opens |
| --- | --- | --- |
${[...rows('roles', 'role'), ...rows('permissions', 'permission')].join('\n')}
`
}

function pluginSection({ name, services }: PluginDefinition): string {
  const operations = services.flatMap(service => Object.values(service.operations))
  return `## Plugin \`${name}\`

### Who may call what

${callers(operations)}

### What each service may touch

IAM grants each function exactly this, and the platform's own tables that go with it.

| service | reads | writes | signs with | publishes | calls | blobs |
| --- | --- | --- | --- | --- | --- | --- |
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
