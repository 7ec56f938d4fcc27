import { MmfError } from '../../errors/mmf-error.ts'
import type { Principal } from '../call.ts'
import type { AuthDeclaration } from '../operation/declaration.ts'

/**
 * Decides from the declaration alone, before anything of the request is parsed. Deny is the default.
 * @throws {MmfError} `authentication_required`, `role_missing`, `permission_missing`
 */
export function authorize(auth: AuthDeclaration | undefined, principal: Principal | undefined): void {
  if (auth === undefined) throw new MmfError('operation_unprotected')
  if (auth.access === 'public') return
  if (principal === undefined) {
    if (auth.optional) return
    throw new MmfError('authentication_required')
  }
  const roles = auth.roles.filter(({ name }) => !principal.roles.includes(name))
  const roleMissing = auth.requireAllRoles
    ? roles.length > 0
    : auth.roles.length > 0 && roles.length === auth.roles.length
  if (roleMissing) {
    throw new MmfError('role_missing', {
      detail: `needs ${auth.requireAllRoles ? 'all' : 'one'} of: ${names(auth.roles)}`,
    })
  }
  const permissions = auth.permissions.filter(({ name }) => !principal.permissions.includes(name))
  const permissionMissing = auth.requireAllPermissions
    ? permissions.length > 0
    : auth.permissions.length > 0 && permissions.length === auth.permissions.length
  if (permissionMissing) {
    throw new MmfError('permission_missing', {
      detail: `needs ${auth.requireAllPermissions ? 'all' : 'one'} of: ${names(auth.permissions)}`,
    })
  }
}

const names = (definitions: readonly { readonly name: string }[]): string =>
  definitions.map(({ name }) => name).join(', ')
