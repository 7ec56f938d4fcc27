import type { AnyTable, IndexOf, KeyOf, RowOf, Value } from './table.ts'

/** Compares one field. All given comparisons must hold. */
export interface Comparison {
  readonly eq?: Value
  readonly ne?: Value
  readonly lt?: string | number | Uint8Array
  readonly lte?: string | number | Uint8Array
  readonly gt?: string | number | Uint8Array
  readonly gte?: string | number | Uint8Array
  readonly in?: readonly Value[]
  readonly beginsWith?: string
  readonly exists?: boolean
}

/** What a condition may give instead of `{ eq: … }`. A plain object is always a `Comparison`; a map is compared with `{ eq: map }`. */
type Operand = string | number | boolean | null | Uint8Array | readonly Value[]

/**
 * The row must be absent, be present, or have fields that compare so (AND only; a condition on fields implies presence). A field that is
 * absent from a row compares as different (`ne` holds, all others but `exists: false` do not); so does one of another type.
 */
export type Condition = 'absent' | 'present' | Readonly<Record<string, Operand | Comparison>>

/** One change, as a value. Made by `put`, `insert`, `update`, `remove`, `check` of `write.ts`; carried out by `write` or `transaction`. */
export type Write<T extends AnyTable = AnyTable> =
  | { readonly kind: 'put'; readonly table: T; readonly row: RowOf<T>; readonly when?: Condition | undefined }
  | {
      readonly kind: 'update'
      readonly table: T
      readonly key: KeyOf<T>
      /** `undefined` removes the field. */
      readonly changes: Partial<RowOf<T>>
      readonly when?: Condition | undefined
    }
  | { readonly kind: 'remove'; readonly table: T; readonly key: KeyOf<T>; readonly when?: Condition | undefined }
  | { readonly kind: 'check'; readonly table: T; readonly key: KeyOf<T>; readonly when: Condition }

declare const platform: unique symbol

/** A write into one of the platform's own tables (outbox, idempotency). Every service may put it into its transaction. */
export type PlatformWrite = Write & { readonly [platform]: true }

export interface Query<T extends AnyTable = AnyTable> {
  readonly index?: IndexOf<T> | undefined
  /** Value of the partition key (of the table or of the index). */
  readonly partition: string | number | Uint8Array
  /** One condition on the sort key: `eq`, `lt`, `lte`, `gt`, `gte` (a pair of gte/lte is a range) or `beginsWith`. */
  readonly sort?: Comparison | undefined
  readonly descending?: boolean | undefined
  /** Rows per page, 1–1000; default 100. */
  readonly limit?: number | undefined
  /** The cursor of an earlier page of this same query. */
  readonly cursor?: string | undefined
  /**
   * What becomes of a page with rows that cannot be read. `refuse`, the default: `database_row_invalid`, since a decision made without such a row
   * could be the wrong one. `report`: the page has the other rows, and `unreadable` names those.
   */
  readonly unreadable?: 'refuse' | 'report' | undefined
}

/** A stored row that does not match its table. */
export interface UnreadableRow {
  readonly table: string
  /** The fields of its key. */
  readonly key: Readonly<Record<string, Value>>
  /** The values of its key as one text. */
  readonly id: string
  /** The error code and the fields that are wrong, never their values. */
  readonly reason: string
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Rows of this page that cannot be read; only where the query asked for them, and there are some. */
  readonly unreadable?: readonly UnreadableRow[]
  /** Absent on the last page. */
  readonly cursor?: string
}

/**
 * Rows, conditions and transactions within DynamoDB's limits (`limits.ts`) on every adapter. No SQL, no interactive transaction.
 *
 * All methods @throws {MmfError} `database_unavailable` (retryable), `database_limit_exceeded`, `database_row_invalid`.
 */
export interface Database<Readable extends AnyTable = AnyTable, Writable extends AnyTable = AnyTable> {
  /** The row, or undefined when absent or expired. Strongly consistent. */
  get<T extends Readable>(
    table: T,
    key: KeyOf<T>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<RowOf<T> | undefined>
  /** Rows in the order of the keys, undefined where absent; at most 100 keys. */
  getMany<T extends Readable>(
    table: T,
    keys: readonly KeyOf<T>[],
    options?: { signal?: AbortSignal | undefined },
  ): Promise<(RowOf<T> | undefined)[]>
  /** @throws `cursor_invalid` when the cursor belongs to another query. Index reads are eventually consistent. */
  query<T extends Readable>(
    table: T,
    query: Query<T>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<Page<RowOf<T>>>
  /**
   * Every row as it is stored, in no order, strongly consistent; what was written meanwhile may be missing. Only a service that keeps the audit log may, and
   * of tables that are logged.
   * @throws `cursor_invalid`
   */
  scan<T extends Readable>(
    table: T,
    options?: { limit?: number | undefined; cursor?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<Page<StoredRow>>
  /** @throws `database_conflict` when its condition does not hold. */
  write(write: Write<Writable> | PlatformWrite, options?: { signal?: AbortSignal | undefined }): Promise<void>
  /**
   * All or nothing; at most 100 writes, 4 MB, no row twice. `token` (≤ 36 characters) makes a repeat within 10 minutes harmless.
   * @throws `database_conflict`; its `members.failed` lists the positions of the writes whose conditions do not hold.
   */
  transaction(
    writes: readonly (Write<Writable> | PlatformWrite)[],
    options?: { token?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<void>
}

/** A row as it is stored, with columns that its table does not know. */
export type StoredRow = Readonly<Record<string, Value>>

/** What a host holds: the port itself, with its life cycle. */
export interface DatabaseAdapter extends Database {
  /** Makes sure that the tables exist (embedded), or checks that they do (AWS). */
  open(tables: readonly AnyTable[]): Promise<void>
  /** A real round trip. Throws when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
