import { MmfError } from '../errors/mmf-error.ts'
import type { PermissionDefinition, RoleDefinition } from './access.ts'
import type { Service } from './service.ts'

/** What a plugin declares about access, and the services that demand it. */
export interface DeclaredAccess {
  readonly name: string
  readonly roles?: readonly RoleDefinition[] | undefined
  readonly permissions?: readonly PermissionDefinition[] | undefined
  readonly services: readonly Service[]
}

/**
 * Refuses what no token could mean: a role or permission that is demanded, asked about, carried or inherited without being declared, two of one name, a circle.
 * @throws {MmfError} `role_duplicate`, `permission_duplicate`, `role_undeclared`, `permission_undeclared`, `role_circular`
 */
export function checkAccess({ name: plugin, roles = [], permissions = [], services }: DeclaredAccess): void {
  refuseTwins(roles, plugin, 'role')
  refuseTwins(permissions, plugin, 'permission')
  const demand = (by: string, wanted: { roles: readonly unknown[]; permissions: readonly unknown[] }) => {
    for (const role of wanted.roles) refuseUndeclared(role, roles, { plugin, by, kind: 'role' })
    for (const permission of wanted.permissions) {
      refuseUndeclared(permission, permissions, { plugin, by, kind: 'permission' })
    }
  }
  for (const role of roles) demand(`the role ${role.name}`, { roles: role.inherits, permissions: role.permissions })
  for (const role of roles) refuseCircle(role, [], plugin)
  for (const operation of services.flatMap(service => Object.values(service.operations))) {
    const { auth } = operation.declares
    if (auth?.access === 'authenticated') demand(`${operation.service}.${operation.name}`, auth)
    const { roles: asked = [], permissions: askedPermissions = [] } = operation.scope
    demand(`the scope of ${operation.service}`, { roles: asked, permissions: askedPermissions })
  }
}

type Kind = 'role' | 'permission'

function refuseTwins(declared: readonly { readonly name: string }[], plugin: string, kind: Kind): void {
  const seen = new Set<string>()
  for (const { name } of declared) {
    if (seen.has(name))
      throw new MmfError(`${kind}_duplicate`, { detail: `${plugin} declares the ${kind} ${name} twice` })
    seen.add(name)
  }
}

/** By identity: another definition of the same name could carry and inherit something else. */
function refuseUndeclared(
  wanted: unknown,
  declared: readonly { readonly name: string }[],
  { plugin, by, kind }: { readonly plugin: string; readonly by: string; readonly kind: Kind },
): void {
  if (declared.some(candidate => candidate === wanted)) return
  const name = nameOf(wanted)
  const twin = declared.some(candidate => candidate.name === name)
  const detail =
    typeof wanted === 'string'
      ? `${by} names the ${kind} "${name}" as a text; it takes what define${kind === 'role' ? 'Role' : 'Permission'} gave`
      : `${by} names the ${kind} "${name}", ${twin ? `of which ${plugin} declares another definition` : `which ${plugin} does not declare`}`
  throw new MmfError(`${kind}_undeclared`, {
    detail: `${detail}; declared: ${declared.map(candidate => candidate.name).join(', ') || 'none'}`,
    members: { plugin, [kind]: name },
  })
}

function nameOf(wanted: unknown): string {
  if (typeof wanted === 'object' && wanted !== null && 'name' in wanted) return String(wanted.name)
  return String(wanted)
}

/** {@link defineRole} cannot make one: it copies. A definition that was written by hand can. */
function refuseCircle(role: RoleDefinition, below: readonly RoleDefinition[], plugin: string): void {
  const path = [...below, role]
  if (below.includes(role)) {
    throw new MmfError('role_circular', {
      detail: `${plugin}: ${path.map(({ name }) => name).join(' inherits ')}`,
      members: { plugin, role: role.name },
    })
  }
  for (const inherited of role.inherits) refuseCircle(inherited, path, plugin)
}
