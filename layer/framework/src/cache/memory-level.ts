/** An entry as both levels hold it. `value` undefined: it is known that there is none. */
export interface CacheEntry {
  /** CBOR, so that no caller can change what others get. */
  readonly value: Uint8Array<ArrayBuffer> | undefined
  /** Milliseconds since 1970. */
  readonly expires: number
}

interface Held extends CacheEntry {
  /** When it was last known to be what every instance has. */
  readonly verified: number
}

const entryOverhead = 200

/** The newest entries of this process, bounded in bytes; the least recently used go first. */
export class MemoryLevel {
  private readonly entries = new Map<string, Held>()
  private readonly maxBytes: number
  private bytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** The entry if it has not expired and was verified after `since`. */
  get(key: string, now: number, since: number): CacheEntry | undefined {
    const held = this.entries.get(key)
    if (held === undefined) return undefined
    if (held.expires <= now) {
      this.delete(key)
      return undefined
    }
    // A clock that stepped back must not make an entry fresh for longer.
    if (held.verified < since || held.verified > now) return undefined
    this.entries.delete(key)
    this.entries.set(key, held)
    return held
  }

  set(key: string, entry: CacheEntry, verified: number): void {
    this.delete(key)
    const size = sizeOf(key, entry)
    if (size > this.maxBytes) return
    this.entries.set(key, { ...entry, verified })
    this.bytes += size
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.maxBytes) break
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    const held = this.entries.get(key)
    if (held === undefined) return
    this.bytes -= sizeOf(key, held)
    this.entries.delete(key)
  }

  deletePrefix(prefix: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.delete(key)
  }
}

function sizeOf(key: string, { value }: CacheEntry): number {
  return Buffer.byteLength(key) + (value?.byteLength ?? 0) + entryOverhead
}
