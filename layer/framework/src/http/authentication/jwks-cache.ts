import type { Clock } from '../../clock/clock.ts'
import { settledWithin } from '../../clock/settled-within.ts'
import { unlessAborted } from '../../clock/unless-aborted.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import { type KeySet, type KeySource, parseKeySet } from './key-source.ts'

/** What the cache needs of `fetch`; the global one fits. */
export type JwksFetch = (
  url: string,
  init: {
    readonly signal: AbortSignal
    readonly redirect: 'error'
    readonly headers: Readonly<Record<string, string>>
  },
) => Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> | null }>

export interface JwksCacheOptions {
  /** The issuer's `jwks_uri`: https, or http on loopback. */
  readonly url: string
  readonly fetch: JwksFetch
  readonly clock: Clock
  /** Age after which the set is fetched again. Default 600 s. */
  readonly maxAgeSeconds?: number
  /** How much longer an old set serves while the issuer does not answer. Default 86,400 s. */
  readonly staleSeconds?: number
  /** An unknown `kid` fetches again at most this often. Default 30 s. */
  readonly cooldownSeconds?: number
  /** Time limit of one fetch, body included. Default 3,000 ms. */
  readonly timeoutMs?: number
  /**
   * How long the caller who finds the set old waits for the new one before it takes the old one. Default 200 ms: a function of Lambda stands
   * still between requests, so a refresh that no request waits for might never end.
   */
  readonly refreshWaitMs?: number
  /** Size limit of the document. Default 65,536 bytes. */
  readonly maxBytes?: number
  /** Called for each failed fetch; for a log line. */
  readonly onFailure?: (error: Error) => void
}

/** After a failed fetch the next one waits this long, so that an issuer that hangs does not cost every request its time limit. */
const retrySeconds = 5

/**
 * An issuer's keys, fetched when first needed and kept. Overlapping requests share one fetch. When the set is old, one caller fetches it
 * again and waits for that a moment; all others take the old set at once, and so do all when the fetch hangs or fails. An unknown
 * `kid` (key rotation) fetches again too, once per cool-down, so strangers cannot make us flood the issuer; a request with such a `kid`
 * waits for the fetch under way. Without a set that may still serve, the answer is 503.
 *
 * @throws {TypeError} when `url` is neither https nor http on loopback
 */
export function createJwksCache(options: JwksCacheOptions): KeySource {
  const url = checkedUrl(options.url)
  const { clock, maxAgeSeconds = 600, staleSeconds = 86_400, cooldownSeconds = 30, refreshWaitMs = 200 } = options
  let keys: KeySet | undefined
  let fetchedAt = Number.NEGATIVE_INFINITY
  let attemptedAt = Number.NEGATIVE_INFINITY
  let failure: Error | undefined
  let inFlight: Promise<void> | undefined

  const secondsSince = (time: number) => (clock.now().getTime() - time) / 1000
  const mayFetch = () => secondsSince(attemptedAt) >= (failure === undefined ? cooldownSeconds : retrySeconds)

  async function load(): Promise<void> {
    attemptedAt = clock.now().getTime()
    try {
      keys = await fetchKeySet(url, options)
      fetchedAt = clock.now().getTime()
      failure = undefined
    } catch (cause) {
      failure = cause instanceof Error ? cause : new Error(String(cause))
      options.onFailure?.(failure)
    }
  }

  function refresh(signal: AbortSignal | undefined): Promise<void> {
    inFlight ??= load().finally(() => {
      inFlight = undefined
    })
    return unlessAborted(inFlight, signal)
  }

  /** A clock that was set back must not make the set young, or the next fetch far. */
  function followClock(): void {
    const now = clock.now().getTime()
    fetchedAt = Math.min(fetchedAt, now)
    attemptedAt = Math.min(attemptedAt, now)
  }

  const mayServe = () => keys !== undefined && secondsSince(fetchedAt) < maxAgeSeconds + staleSeconds
  /** Whether a fetch is under way or allowed now, so that there is something to wait for. */
  const isFetchable = () => inFlight !== undefined || mayFetch()

  /** Sees to it that there is a set that may serve, if it can be had. */
  async function prepare(signal: AbortSignal | undefined): Promise<void> {
    if (!mayServe()) {
      if (isFetchable()) await refresh(signal)
    } else if (secondsSince(fetchedAt) >= maxAgeSeconds && inFlight === undefined && mayFetch()) {
      await unlessAborted(settledWithin(refresh(undefined), refreshWaitMs), signal)
    }
  }

  return {
    async find(kid, algorithm, { signal } = {}) {
      followClock()
      await prepare(signal)
      if (keys === undefined || !mayServe()) throw unavailable(failure)
      let found = keys.select(kid, algorithm)
      if (found instanceof MmfError && found.code === 'token_key_unknown') {
        if (isFetchable()) await refresh(signal)
        // The kid may be in the set we could not get: not the client's fault.
        if (failure !== undefined) throw unavailable(failure)
        found = keys.select(kid, algorithm)
      }
      if (found instanceof MmfError) throw found
      return found
    },
  }
}

async function fetchKeySet(
  url: string,
  { fetch, timeoutMs = 3_000, maxBytes = 65_536 }: JwksCacheOptions,
): Promise<KeySet> {
  const abort = new AbortController()
  const late = new Error(`no answer from ${url} within ${timeoutMs} ms`)
  const timer = setTimeout(() => abort.abort(late), timeoutMs)
  try {
    const headers = { accept: 'application/jwk-set+json, application/json' }
    const answer = fetch(url, { signal: abort.signal, redirect: 'error', headers }).then(async response => {
      if (response.status !== 200) throw new Error(`status ${response.status} from ${url}`)
      return readLimited(response, maxBytes)
    })
    const set = parseKeySet(await unlessAborted(answer, abort.signal, late))
    if (set === undefined) throw new Error(`no JWK Set at ${url}`)
    return set
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

async function readLimited({ body }: Awaited<ReturnType<JwksFetch>>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes of keys`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function unavailable(cause: Error | undefined): MmfError {
  return new MmfError('token_issuer_unavailable', { headers: { 'retry-after': String(retrySeconds) }, cause })
}

function checkedUrl(text: string): string {
  const url = new URL(text)
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw new TypeError('the keys of a token issuer are fetched over https only')
  }
  return url.href
}
