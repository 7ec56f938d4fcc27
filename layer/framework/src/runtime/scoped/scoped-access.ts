import type { Access, PermissionDefinition, RoleDefinition } from '../../contract/access.ts'
import type { ServiceScope } from '../../contract/scope.ts'
import { MmfError } from '../../errors/mmf-error.ts'

/**
 * Answers what a service asks about its caller: for what its scope lists. The types refuse everything else; code without types gets
 * `role_undeclared` or `permission_undeclared`, because the answer would always be no.
 */
export function scopedAccess(
  { roles, permissions }: Pick<ServiceScope, 'roles' | 'permissions'>,
  service: string,
): Access<RoleDefinition, PermissionDefinition> {
  const refuseUnlisted = (kind: 'role' | 'permission', name: string, listed: readonly { readonly name: string }[]) => {
    if (listed.some(one => one.name === name)) return
    throw new MmfError(`${kind}_undeclared`, {
      detail: `${service} asks for the ${kind} "${name}", which its scope does not list; listed: ${listed.map(one => one.name).join(', ') || 'none'}`,
      members: { [kind]: name },
    })
  }
  return {
    hasRole(principal, { name }) {
      refuseUnlisted('role', name, roles)
      return principal?.roles.includes(name) === true
    },
    hasPermission(principal, { name }) {
      refuseUnlisted('permission', name, permissions)
      return principal?.permissions.includes(name) === true
    },
  }
}
