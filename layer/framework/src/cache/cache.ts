import type { Value } from '../database/table.ts'
import type { Logger } from '../observability/observability.ts'

export interface CacheOptions {
  /** How long the value may be used, in seconds; at most 7 days. */
  readonly ttlSeconds: number
}

export interface LoadOptions extends CacheOptions {
  /** How long it is remembered that there is no value, in seconds; default 60, never more than `ttlSeconds`. 0 remembers nothing. */
  readonly negativeTtlSeconds?: number | undefined
  /** Whose debug line says whether it was a hit: `call.logger` names the request and the operation. Default: the service's. */
  readonly logger?: Logger | undefined
}

export interface Loaded<T> {
  /** Undefined when there is none. */
  readonly value: T | undefined
  /** Whether it came from the cache, for metrics. */
  readonly hit: boolean
}

/**
 * Values that can be had again from elsewhere. Keys are made by `cacheKey`: segments joined by colons.
 *
 * What another instance deleted may still be seen here for the adapter's `freshnessMs`; what this one deleted is gone at once. A cache that does not
 * answer counts as empty; only `delete` and `deletePattern` fail then, since their caller must know.
 */
export interface Cache {
  /** The value, or undefined. */
  get<T extends Value>(key: string): Promise<T | undefined>
  /** Stores a value. After an invalidation use `getOrLoad`, which never stores what was read before it. */
  set(key: string, value: Value, options: CacheOptions): Promise<void>
  /** The value from the cache, or from `load`, which runs once however many ask at the same time. What it throws is not remembered. */
  getOrLoad<T extends Value>(key: string, options: LoadOptions, load: () => Promise<T | undefined>): Promise<Loaded<T>>
  /** @throws {MmfError} `database_unavailable` */
  delete(key: string): Promise<void>
  /**
   * Forgets every key under a prefix of whole segments, on every instance: `trust_anchor:*`, `trust_anchor:DE:*`. Takes the same short time however
   * many there are.
   * @throws {MmfError} `database_unavailable`; {TypeError} when the pattern is not of that form
   */
  deletePattern(pattern: string): Promise<void>
}
