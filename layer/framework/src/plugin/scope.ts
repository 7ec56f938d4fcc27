import type { AnyTable } from '../database/table.ts'
import type { AnyEvent } from '../events/events.ts'
import type { KeyDefinition } from '../keys/keys.ts'
import type { AnyOperation } from '../operation/operation.ts'
import type { PluginContext } from './plugin-context.ts'

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

/** A service may call an operation of another service. */
export interface CallGrant<O extends AnyOperation = AnyOperation> {
  readonly operation: O
  readonly access: 'call'
}

export const reads = <T extends AnyTable>(table: T): TableGrant<T, 'read'> => ({ table, access: 'read' })
/** Includes reading. */
export const writes = <T extends AnyTable>(table: T): TableGrant<T, 'write'> => ({ table, access: 'write' })
export const signs = <K extends KeyDefinition>(key: K): KeyGrant<K> => ({ key, access: 'sign' })
export const publishes = <E extends AnyEvent>(event: E): EventGrant<E> => ({ event, access: 'publish' })

export const calls = <O extends AnyOperation>(operation: O): CallGrant<O> => ({ operation, access: 'call' })

/** Everything a service may touch. Its context type, its IAM grants and the permission matrix follow from it; the rest is refused. */
export interface Scope {
  readonly tables?: readonly TableGrant[]
  readonly keys?: readonly KeyGrant[]
  readonly events?: readonly EventGrant[]
  readonly calls?: readonly CallGrant[]
  /** Large values under the plugin's own prefix. */
  readonly blobs?: 'read' | 'write'
  /** Requests to servers outside, within the limits of the egress port. */
  readonly egress?: true
}

type GrantKind = 'tables' | 'keys' | 'events' | 'calls'
type Grants<S extends Scope, Kind extends GrantKind> = NonNullable<S[Kind]>[number]
type ReadableOf<S extends Scope> = Grants<S, 'tables'>['table']
type WritableOf<S extends Scope> = Extract<Grants<S, 'tables'>, { access: 'write' }>['table']
type SigningOf<S extends Scope> = Grants<S, 'keys'>['key']['name']
type PublishedOf<S extends Scope> = Grants<S, 'events'>['event']
type CallableOf<S extends Scope> = Grants<S, 'calls'>['operation']

/** The context of an operation in a service with this scope. */
export type ScopedContext<Config, S extends Scope> = PluginContext<
  Config,
  ReadableOf<S>,
  WritableOf<S>,
  SigningOf<S>,
  PublishedOf<S>,
  CallableOf<S>
>
