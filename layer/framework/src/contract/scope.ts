import type * as z from 'zod'
import type { AnyTable } from '../database/table.ts'
import type { AnyEvent } from '../events/events.ts'
import type { KeyDefinition } from '../keys/keys.ts'
import type { PermissionDefinition, RoleDefinition } from './access.ts'

/** A service may read, or read and write, a table. */
export interface TableGrant<T extends AnyTable = AnyTable, Access extends 'read' | 'write' = 'read' | 'write'> {
  readonly table: T
  readonly access: Access
}

/** A service may sign with a key. */
export interface KeyGrant<K extends KeyDefinition = KeyDefinition> {
  readonly key: K
  readonly access: 'sign'
}

/** A service may publish an event. */
export interface EventGrant<E extends AnyEvent = AnyEvent> {
  readonly event: E
  readonly access: 'publish'
}

/** What a caller needs to know of an operation of another service; every operation is one. */
export interface Callee {
  readonly name: string
  readonly service: string
  readonly input: z.ZodType
  readonly output: z.ZodType
  readonly scope: Scope
}

/** A service may call an operation of another service. */
export interface CallGrant<O extends Callee = Callee> {
  readonly operation: O
  readonly access: 'call'
  /** The plugin whose operation it is; default the caller's own. */
  readonly plugin?: string | undefined
}

export const reads = <T extends AnyTable>(table: T): TableGrant<T, 'read'> => ({ table, access: 'read' })
/** Includes reading. */
export const writes = <T extends AnyTable>(table: T): TableGrant<T, 'write'> => ({ table, access: 'write' })
export const signs = <K extends KeyDefinition>(key: K): KeyGrant<K> => ({ key, access: 'sign' })
/** What `publishes(event)` gives. */
export const grantPublishing = <E extends AnyEvent>(event: E): EventGrant<E> => ({ event, access: 'publish' })

/** @param plugin whose operation it is; default the caller's own. The manifest must name it in its dependencies. */
export const calls = <O extends Callee>(operation: O, plugin?: string): CallGrant<O> => ({
  operation,
  access: 'call',
  plugin,
})

/** Everything a service may touch. Its context type, its IAM grants and the permission matrix follow from it; the rest is refused. */
export interface Scope {
  readonly tables?: readonly TableGrant[]
  readonly keys?: readonly KeyGrant[]
  readonly events?: readonly EventGrant[]
  readonly calls?: readonly CallGrant[]
  /** What its operations ask about the caller with `context.access.hasRole`, beside what `requiresAuth` demands. */
  readonly roles?: readonly RoleDefinition[]
  /** As `roles`, with `context.access.hasPermission`. */
  readonly permissions?: readonly PermissionDefinition[]
  /** Large values under the plugin's own prefix. */
  readonly blobs?: 'read' | 'write'
  /** Requests to servers outside, within the limits of the egress port. */
  readonly egress?: true
  /** Blobs below `locked/` of the own ones: written once, neither replaced nor removed. On AWS in a bucket of their own, with object lock in production. */
  readonly lockedBlobs?: true
  /**
   * Keeping the audit log: taking what waits for it, and reading every row of the tables that are `logged`, those of the platform and those of the
   * service's own scope. One service of a deployment does.
   */
  readonly auditLog?: true
  /** Counting callers; the concern `rateLimit` adds it. */
  readonly rateLimits?: true
}

/** A scope whose lists are all there. */
export type ServiceScope = Required<Pick<Scope, 'tables' | 'keys' | 'events' | 'calls' | 'roles' | 'permissions'>> &
  Scope
