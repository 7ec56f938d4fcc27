import type { PermissionDefinition, RoleDefinition } from '../access.ts'
import { type Concern, concern } from '../operation/concern.ts'
import type { AuthDeclaration } from '../operation/declaration.ts'
import { authorize } from './authorize.ts'

export interface RequiresAuthOptions {
  /** Any of these roles, or one that inherits it; default none. */
  readonly roles?: readonly RoleDefinition[]
  /** All of these permissions; default none. */
  readonly permissions?: readonly PermissionDefinition[]
  /** Lets an anonymous caller in; default false. */
  readonly optional?: boolean
  /** Default false: one role is enough. */
  readonly requireAllRoles?: boolean
  /** Default true. */
  readonly requireAllPermissions?: boolean
}

/**
 * Only an authenticated principal with one of the roles and all of the permissions gets in.
 * The HTTP layer decides from the declaration before it parses the body; in-process callers are checked here.
 * @throws {MmfError} `authentication_required`, `role_missing`, `permission_missing`
 */
export function requiresAuth<Input, Output>(options: RequiresAuthOptions = {}): Concern<Input, Output> {
  const auth: AuthDeclaration = {
    access: 'authenticated',
    roles: options.roles ?? [],
    permissions: options.permissions ?? [],
    optional: options.optional ?? false,
    requireAllRoles: options.requireAllRoles ?? false,
    requireAllPermissions: options.requireAllPermissions ?? true,
  }
  return concern({ auth }, async (next, input, invocation) => {
    authorize(auth, invocation.call.principal)
    return next(input, invocation)
  })
}

/** Everybody may call this. Said aloud, because an operation that says nothing does not boot. */
export function publicAccess<Input, Output>(): Concern<Input, Output> {
  return concern({ auth: { access: 'public' } }, async (next, input, invocation) => next(input, invocation))
}
