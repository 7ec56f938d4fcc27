import type { Principal } from './call.ts'

/** A permission as data: one thing that a token may allow. */
export interface PermissionDefinition<Name extends string = string> {
  readonly kind: 'permission'
  /** As tokens carry it; snake_case by custom. */
  readonly name: Name
  /** One sentence, for the permission matrix and OpenAPI. */
  readonly description: string
}

/** A role as data: what a token may call its holder. */
export interface RoleDefinition<Name extends string = string> {
  readonly kind: 'role'
  /** As tokens carry it; snake_case by custom. */
  readonly name: Name
  /** One sentence, for the permission matrix and OpenAPI. */
  readonly description: string
  /** A principal with the role has these permissions, whether its token names them or not. */
  readonly permissions: readonly PermissionDefinition[]
  /** A principal with the role has these roles too, with all that they carry and inherit. */
  readonly inherits: readonly RoleDefinition[]
}

/** Declares a permission. It counts in a plugin that lists it: `definePlugin({ …, permissions: [signDocuments] })`. */
export function definePermission<const Name extends string>(
  definition: Pick<PermissionDefinition<Name>, 'name' | 'description'>,
): PermissionDefinition<Name> {
  const { name, description } = definition
  return Object.freeze({ kind: 'permission', name, description })
}

/**
 * Declares a role. It counts in a plugin that lists it: `definePlugin({ …, roles: [documentSigner] })`.
 * `permissions` and `inherits` are empty by default: a role gives nothing but its name unless it says so.
 */
export function defineRole<const Name extends string>(
  definition: Pick<RoleDefinition<Name>, 'name' | 'description'> &
    Partial<Pick<RoleDefinition, 'permissions' | 'inherits'>>,
): RoleDefinition<Name> {
  const { name, description, permissions = [], inherits = [] } = definition
  return Object.freeze({
    kind: 'role',
    name,
    description,
    permissions: Object.freeze([...permissions]),
    inherits: Object.freeze([...inherits]),
  })
}

/**
 * Asks what the caller holds. A service asks about the roles and permissions that its scope lists, and about no others: another one does not compile, and one
 * that the plugin does not declare does not boot.
 */
export interface Access<Role extends RoleDefinition = never, Permission extends PermissionDefinition = never> {
  /** Whether the principal has the role, from its token or by inheritance. */
  readonly hasRole: (principal: Principal | undefined, role: Role) => boolean
  /** Whether the principal has the permission, from its token or from a role that carries it. */
  readonly hasPermission: (principal: Principal | undefined, permission: Permission) => boolean
}

/** The role and every role that it inherits, each once. */
export function rolesWithin(role: RoleDefinition): ReadonlySet<RoleDefinition> {
  const found = new Set([role])
  // A set is walked in the order of insertion, also over what is added meanwhile.
  for (const { inherits } of found) for (const inherited of inherits) found.add(inherited)
  return found
}

/**
 * The principal with what its roles give it by these declarations: inherited roles, carried permissions. The same object where they give nothing.
 * Doing it twice changes nothing.
 */
export function withGrants(principal: Principal, declared: readonly RoleDefinition[] = []): Principal {
  const held = declared.filter(({ name }) => principal.roles.includes(name)).flatMap(role => [...rolesWithin(role)])
  const roles = new Set([...principal.roles, ...held.map(({ name }) => name)])
  const carried = held.flatMap(({ permissions }) => permissions.map(({ name }) => name))
  const permissions = new Set([...principal.permissions, ...carried])
  const gained = roles.size > principal.roles.length || permissions.size > principal.permissions.length
  return gained ? { ...principal, roles: [...roles], permissions: [...permissions] } : principal
}
