import type * as z from 'zod'

/** What a column may hold. Numbers are finite and, where whole, safe integers; dates are RFC 3339 strings. */
export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value }

export interface IndexDefinition<Field extends string = string> {
  readonly partition: Field
  readonly sort?: Field
}

/** What of a table belongs into the audit log. */
export interface LoggedTable<Field extends string = string> {
  /** `final`: a row is put, perhaps removed, never changed. `changing`: the log holds a digest of each column, and can be replayed. */
  readonly rows: 'final' | 'changing'
  /** Columns that are no part of the record, such as leases and times of last use. */
  readonly except?: readonly Field[]
}

/** A table as data. CDK, the adapters, IAM grants and the docs derive from it. */
export interface Table<
  Row extends object = object,
  Partition extends string = string,
  Sort extends string = string,
  Index extends string = string,
> {
  readonly name: string
  /** Rows are checked against it when written and when read. */
  readonly row: z.ZodType<Row>
  readonly partition: Partition
  readonly sort?: Sort
  readonly indexes: Readonly<Record<Index, IndexDefinition<keyof Row & string>>>
  /** A field holding seconds since 1970 (a whole number). An expired row is absent for every reader at once. */
  readonly ttl?: keyof Row & string
  /** Its rows are records: each write enters the tamper-evident audit log, in its own transaction. Not together with `ttl`. */
  readonly logged?: LoggedTable<keyof Row & string>
}

// biome-ignore lint/suspicious/noExplicitAny: a bound for inference only; `object` is not assignable both ways.
export type AnyTable = Table<any, string, string, string>
export type RowOf<T extends AnyTable> = T extends Table<infer Row, string, string, string> ? Row : never
export type KeyOf<T extends AnyTable> =
  T extends Table<infer Row, infer P, infer S, string> ? Pick<Row, Extract<P | S, keyof Row>> : never
export type IndexOf<T extends AnyTable> = keyof T['indexes'] & string

/** Declares a table. `sort` left out means one row per partition key. */
export function table<
  Row extends object,
  const Partition extends keyof Row & string,
  const Sort extends keyof Row & string = never,
  const Index extends string = never,
>(definition: {
  readonly name: string
  readonly row: z.ZodType<Row>
  readonly partition: Partition
  readonly sort?: Sort
  readonly indexes?: Readonly<Record<Index, IndexDefinition<keyof Row & string>>>
  readonly ttl?: keyof Row & string
  readonly logged?: LoggedTable<keyof Row & string>
}): Table<Row, Partition, Sort, Index> {
  return { ...definition, indexes: definition.indexes ?? ({} as Record<Index, IndexDefinition<keyof Row & string>>) }
}
