import type { Clock } from '../clock/clock.ts'
import { checkValue } from '../database/check-value.ts'
import type { Database } from '../database/database.ts'
import { decodeCbor, encodeCbor } from '../database/sqlite/cbor.ts'
import type { Value } from '../database/table.ts'
import { put } from '../database/write.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import type { Ids } from '../ids/ids.ts'
import type { Logger } from '../observability/observability.ts'
import type { Cache, CacheOptions, Loaded, LoadOptions } from './cache.ts'
import { prefixesOf, prefixOfPattern } from './cache-key.ts'
import { cacheTable, entryId, generationId } from './cache-table.ts'
import { type CacheEntry, MemoryLevel } from './memory-level.ts'

export interface TwoLevelCacheOptions {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly logger: Logger
  /** How long an entry of this process is used without asking the table, in milliseconds; default 1,000. */
  readonly freshnessMs?: number
  /** Bound of the memory level, in bytes; default 32 MB. */
  readonly memoryBytes?: number
}

/** What the table said: an entry that is still good, and the generations under which a new one may be stored. */
interface Lookup {
  readonly entry: CacheEntry | undefined
  /** Undefined when the table did not answer; nothing may be stored then. */
  readonly generation: string | undefined
  /** When it was asked. */
  readonly asked: number
}

const maxTtlSeconds = 7 * 86_400
/** Longer than any entry lives: no entry can outlive the mark that made it invalid. */
const generationTtl = 30 * 86_400
const defaultNegativeTtl = 60
/** Larger values stay in memory only: a row has 400 KB. */
const maxStoredBytes = 350 * 1024

/** Memory first, then a table with ttl that all instances share. Needs `cacheTable` opened. */
export function createTwoLevelCache(options: TwoLevelCacheOptions): Cache {
  return new TwoLevelCache(options)
}

class TwoLevelCache implements Cache {
  private readonly options: TwoLevelCacheOptions
  private readonly freshnessMs: number
  private readonly memory: MemoryLevel
  private readonly loading = new Map<string, Promise<Loaded<Value>>>()
  /** Counts what this process deleted, so that a load begun before is not stored after. */
  private deletions = 0

  constructor(options: TwoLevelCacheOptions) {
    this.options = options
    this.freshnessMs = options.freshnessMs ?? 1000
    this.memory = new MemoryLevel(options.memoryBytes ?? 32 * 1024 * 1024)
  }

  async get<T extends Value>(key: string): Promise<T | undefined> {
    const held = this.inMemory(key)
    return decoded<T>(held ?? (await this.lookUp(key)).entry)
  }

  async set(key: string, value: Value, { ttlSeconds }: CacheOptions): Promise<void> {
    await this.store(key, value, ttlSeconds, await this.lookUp(key))
  }

  async getOrLoad<T extends Value>(
    key: string,
    options: LoadOptions,
    load: () => Promise<T | undefined>,
  ): Promise<Loaded<T>> {
    const held = this.inMemory(key)
    if (held !== undefined) return { value: decoded<T>(held), hit: true }
    const running = this.loading.get(key)
    if (running !== undefined) {
      const shared = await running.catch(unlessItsTimeEnded)
      return shared === undefined ? this.getOrLoad(key, options, load) : (structuredClone(shared) as Loaded<T>)
    }
    const started = this.load(key, options, load)
    this.loading.set(key, started)
    try {
      return (await started) as Loaded<T>
    } finally {
      if (this.loading.get(key) === started) this.loading.delete(key)
    }
  }

  async delete(key: string): Promise<void> {
    await this.invalidate(key)
  }

  async deletePattern(pattern: string): Promise<void> {
    await this.invalidate(prefixOfPattern(pattern))
  }

  private async load(
    key: string,
    options: LoadOptions,
    load: () => Promise<Value | undefined>,
  ): Promise<Loaded<Value>> {
    const { deletions } = this
    // The generation is read before the value: what is invalidated meanwhile is stored under a generation that is over.
    const lookup = await this.lookUp(key)
    if (lookup.entry !== undefined) return { value: decoded(lookup.entry), hit: true }
    const value = await load()
    const { ttlSeconds, negativeTtlSeconds = defaultNegativeTtl } = options
    const ttl = value === undefined ? Math.min(negativeTtlSeconds, ttlSeconds) : ttlSeconds
    if (ttl > 0 && deletions === this.deletions) await this.store(key, value, ttl, lookup)
    return { value, hit: false }
  }

  private inMemory(key: string): CacheEntry | undefined {
    const now = this.now()
    return this.memory.get(key, now, now - this.freshnessMs)
  }

  /** Asks the table for the entry and for the generations of its prefixes, in one read. */
  private async lookUp(key: string): Promise<Lookup> {
    const prefixes = prefixesOf(key)
    const { deletions } = this
    const asked = this.now()
    try {
      const ids = [entryId(key), ...prefixes.map(generationId)].map(id => ({ id }))
      const [row, ...marks] = await this.options.database.getMany(cacheTable, ids)
      const generation = marks.map(mark => mark?.generation ?? '').join(' ')
      if (row === undefined || row.generation !== generation || (row.until ?? 0) <= asked) {
        this.memory.delete(key)
        return { entry: undefined, generation, asked }
      }
      const entry = { value: row.value, expires: row.until ?? 0 }
      if (deletions === this.deletions) this.memory.set(key, entry, asked)
      return { entry, generation, asked }
    } catch (error) {
      this.options.logger.warn('the cache does not answer and counts as empty', { error })
      return { entry: undefined, generation: undefined, asked }
    }
  }

  private async store(key: string, value: Value | undefined, ttlSeconds: number, lookup: Lookup) {
    if (!(ttlSeconds > 0 && ttlSeconds <= maxTtlSeconds))
      throw new RangeError(`a ttl is at most ${maxTtlSeconds} seconds`)
    const encoded = value === undefined ? undefined : encodeCbor(checkValue(value, 'value'))
    // Without the generations a later reader could not decide whether it is still good.
    const { generation, asked } = lookup
    if (generation === undefined) return
    const entry = { value: encoded, expires: this.now() + ttlSeconds * 1000 }
    // Verified when the generations were read, not now: loading may have taken long.
    this.memory.set(key, entry, asked)
    if ((encoded?.byteLength ?? 0) > maxStoredBytes) return
    const expires = Math.ceil(entry.expires / 1000)
    const row = { id: entryId(key), generation, until: entry.expires, expires }
    try {
      await this.options.database.write(put(cacheTable, encoded === undefined ? row : { ...row, value: encoded }))
    } catch (error) {
      this.options.logger.warn('the cache does not answer; a value stays in memory only', { error })
    }
  }

  /** A key or a prefix: from now on its generation is another. */
  private async invalidate(prefix: string): Promise<void> {
    this.forget(prefix)
    const expires = Math.floor(this.now() / 1000) + generationTtl
    const generation = this.options.ids.next()
    await this.options.database.write(put(cacheTable, { id: generationId(prefix), generation, expires }))
    // Once more, for what was read between the two.
    this.forget(prefix)
  }

  private forget(prefix: string): void {
    this.deletions += 1
    if (prefix.endsWith(':')) this.memory.deletePrefix(prefix)
    else this.memory.delete(prefix)
    for (const key of this.loading.keys()) if (key === prefix || key.startsWith(prefix)) this.loading.delete(key)
  }

  private now(): number {
    return this.options.clock.now().getTime()
  }
}

/** That the time of the call which loads for others is over says nothing about theirs: `undefined`, and one of them loads. */
function unlessItsTimeEnded(error: unknown): undefined {
  if (!isMmfError(error, 'deadline_exceeded')) throw error
  return undefined
}

function decoded<T extends Value>(entry: CacheEntry | undefined): T | undefined {
  return entry?.value === undefined ? undefined : (decodeCbor(entry.value) as T)
}
