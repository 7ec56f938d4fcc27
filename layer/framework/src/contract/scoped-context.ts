import type { AuditLogTable } from '../audit-log/audit-log-grants.ts'
import type { auditWaiting } from '../audit-log/audit-waiting.ts'
import type { Access, PermissionDefinition, RoleDefinition } from './access.ts'
import type { PluginContext } from './plugin-context.ts'
import type { Scope } from './scope.ts'

type GrantKind = 'tables' | 'keys' | 'events' | 'calls'
type Grants<S extends Scope, Kind extends GrantKind> = NonNullable<S[Kind]>[number]
/** What keeping the audit log takes beside the tables of the scope. */
type ForAuditLog<S extends Scope> = S extends { readonly auditLog: true } ? AuditLogTable : never
type ReadableOf<S extends Scope> = Grants<S, 'tables'>['table'] | ForAuditLog<S>
type WritableOf<S extends Scope> =
  | Extract<Grants<S, 'tables'>, { access: 'write' }>['table']
  | Extract<ForAuditLog<S>, typeof auditWaiting>
type SigningOf<S extends Scope> = Grants<S, 'keys'>['key']['name']
type PublishedOf<S extends Scope> = Grants<S, 'events'>['event']
type CallableOf<S extends Scope> = Grants<S, 'calls'>['operation']
// Of a list that is left out: nothing.
type RoleOf<S extends Scope> = S extends { readonly roles: readonly (infer Role)[] } ? Role : never
type PermissionOf<S extends Scope> = S extends { readonly permissions: readonly (infer Permission)[] }
  ? Permission
  : never

/** The context of an operation in a service with this scope. */
export type ScopedContext<Config, S extends Scope> = PluginContext<
  Config,
  ReadableOf<S>,
  WritableOf<S>,
  SigningOf<S>,
  PublishedOf<S>,
  CallableOf<S>,
  Access<Extract<RoleOf<S>, RoleDefinition>, Extract<PermissionOf<S>, PermissionDefinition>>
>
