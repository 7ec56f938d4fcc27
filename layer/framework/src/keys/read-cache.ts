import type { Clock } from '../clock/clock.ts'
import { abortError, throwIfAborted } from '../database/abort.ts'
import { MmfError } from '../errors/mmf-error.ts'

export interface ReadCacheOptions<Value> {
  /** Reads one entry; undefined when there is none. */
  readonly load: (key: string, signal: AbortSignal) => Promise<Value | undefined>
  readonly clock: Clock
  /** Milliseconds after which an entry is read again before it is used. */
  readonly maxAge: number
  /** The same for the answer "there is none". */
  readonly negativeMaxAge: number
  /** Entries, and as many negative ones apart from them, so that made-up names push out nothing; the least recently used leaves. */
  readonly maxEntries: number
  /** Milliseconds one read may take. Default 5,000. */
  readonly loadTimeout?: number
}

export interface ReadCache<Value> {
  /**
   * The entry, at most `maxAge` old. Calls that overlap share one read, and a signal ends only its own caller's wait. Failures are
   * not kept, and an entry that is too old is not used in place of a failed read.
   */
  get(key: string, signal?: AbortSignal): Promise<Value | undefined>
  /** Forgets the entry; a read in flight answers its callers but is not kept. */
  forget(key: string): void
}

interface Entry<Value> {
  readonly value: Value | undefined
  readonly at: number
}

/** A bounded cache in memory over a slower source. */
export function createReadCache<Value>(options: ReadCacheOptions<Value>): ReadCache<Value> {
  const { load, clock, maxAge, negativeMaxAge, maxEntries, loadTimeout = 5000 } = options
  const present = new Map<string, Entry<Value>>()
  const absent = new Map<string, Entry<Value>>()
  const inFlight = new Map<string, Promise<Value | undefined>>()

  const fresh = (entries: Map<string, Entry<Value>>, key: string, limit: number): Entry<Value> | undefined => {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    const age = clock.now().getTime() - entry.at
    entries.delete(key)
    // A clock that was set back makes an age negative: read again.
    if (age < 0 || age >= limit) return undefined
    // A Map keeps the order of insertion, so the first key is the least recently used.
    entries.set(key, entry)
    return entry
  }
  const keep = (key: string, entry: Entry<Value>): void => {
    const entries = entry.value === undefined ? absent : present
    const [oldest] = entries.keys()
    if (entries.size >= maxEntries && oldest !== undefined) entries.delete(oldest)
    entries.set(key, entry)
  }
  const read = (key: string): Promise<Value | undefined> => {
    // The age counts from before the read, so that a change during it is not overlooked for longer than `maxAge`.
    const at = clock.now().getTime()
    const signal = AbortSignal.timeout(loadTimeout)
    const loading = waitFor(load(key, signal), signal, tooSlow).then(
      value => {
        if (inFlight.get(key) === loading) {
          inFlight.delete(key)
          keep(key, { value, at })
        }
        return value
      },
      (error: unknown) => {
        if (inFlight.get(key) === loading) inFlight.delete(key)
        throw error
      },
    )
    inFlight.set(key, loading)
    return loading
  }

  return {
    async get(key, signal) {
      throwIfAborted(signal)
      const entry = fresh(present, key, maxAge) ?? fresh(absent, key, negativeMaxAge)
      if (entry !== undefined) return entry.value
      return waitFor(inFlight.get(key) ?? read(key), signal)
    },
    forget(key) {
      present.delete(key)
      absent.delete(key)
      inFlight.delete(key)
    },
  }
}

/** Waits for the promise, but not longer than the signal. */
async function waitFor<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  errorOf: (signal: AbortSignal) => MmfError = abortError,
): Promise<T> {
  if (signal === undefined) return promise
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(errorOf(signal))
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function tooSlow(signal: AbortSignal): MmfError {
  return new MmfError('database_unavailable', { detail: 'a read took too long', cause: signal.reason })
}
