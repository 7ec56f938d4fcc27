import { MmfError } from '../errors/mmf-error.ts'
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

/** What the plugin declares whose operation runs, on the principal that the operation gets. */
const declaredHere = Symbol('declared access')

interface Declared {
  readonly roles: readonly RoleDefinition[]
  readonly permissions: readonly PermissionDefinition[]
}

interface BoundPrincipal extends Principal {
  readonly [declaredHere]?: Declared
}

/**
 * Whether the principal has the role, by name or by inheritance. Operations get their principal with all inherited roles; a principal that was
 * made elsewhere has those that it names.
 * @throws {MmfError} `role_undeclared` in an operation of a plugin that does not declare the role: the answer would always be no
 */
export function hasRole(principal: Principal | undefined, role: RoleDefinition): boolean {
  refuseUndeclared('role', role, (principal as BoundPrincipal | undefined)?.[declaredHere]?.roles)
  return principal?.roles.includes(role.name) === true
}

/**
 * Whether the principal has the permission, from its token or from a role that carries it. As {@link hasRole}.
 * @throws {MmfError} `permission_undeclared`
 */
export function hasPermission(principal: Principal | undefined, permission: PermissionDefinition): boolean {
  refuseUndeclared('permission', permission, (principal as BoundPrincipal | undefined)?.[declaredHere]?.permissions)
  return principal?.permissions.includes(permission.name) === true
}

function refuseUndeclared(
  kind: 'role' | 'permission',
  { name }: { readonly name: string },
  declared: readonly { readonly name: string }[] | undefined,
): void {
  if (declared === undefined || declared.some(one => one.name === name)) return
  throw new MmfError(`${kind}_undeclared`, {
    detail: `the code of an operation asks for the ${kind} "${name}", which its plugin does not declare; declared: ${declared.map(one => one.name).join(', ') || 'none'}`,
    members: { [kind]: name },
  })
}

/** The principal as an operation of a plugin gets it: with its grants, and for questions about what the plugin declares. */
export function principalWithin(
  principal: Principal,
  { roles, permissions }: { readonly [Kind in keyof Declared]?: Declared[Kind] | undefined },
): Principal {
  const granted = withGrants(principal, roles)
  if (roles === undefined || permissions === undefined) return granted
  // Not enumerable: it belongs to no log, event or call of another service.
  return Object.defineProperty({ ...granted }, declaredHere, { value: { roles, permissions } })
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
  const held = declared.filter(role => hasRole(principal, role)).flatMap(role => [...rolesWithin(role)])
  const roles = new Set([...principal.roles, ...held.map(({ name }) => name)])
  const carried = held.flatMap(({ permissions }) => permissions.map(({ name }) => name))
  const permissions = new Set([...principal.permissions, ...carried])
  const gained = roles.size > principal.roles.length || permissions.size > principal.permissions.length
  return gained ? { ...principal, roles: [...roles], permissions: [...permissions] } : principal
}
