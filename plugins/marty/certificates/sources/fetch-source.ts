import { createHash } from 'node:crypto'
import {
  type Clock,
  type Database,
  defined,
  type Egress,
  type EgressResponse,
  isMmfError,
  MmfError,
  put,
  type Resilience,
} from '@mmf/framework'
import { type SourceStateRow, sourceStates } from '../tables/source-states.ts'
import type { Source } from './configured-source.ts'

export interface SourceContext {
  readonly egress: Egress
  readonly resilience: Resilience
  readonly clock: Clock
  readonly database: Database<typeof sourceStates, typeof sourceStates>
}

export interface SourceRequest extends Source {
  readonly source: string
  /** Bytes, unpacked. What the egress port allows holds too. */
  readonly maxBytes: number
  readonly timeoutMs?: number
  /** Fetch and take it even if nothing has changed. */
  readonly force?: boolean
  /** Takes the content piece by piece; without it the content is in the answer. */
  readonly sink?: (chunk: Uint8Array) => void | Promise<void>
  readonly signal: AbortSignal
}

/** What came. Its `state` is to be remembered once the content is accepted, so that what failed is fetched again. */
export interface FetchedSource {
  readonly content: Uint8Array
  readonly state: SourceStateRow
}

/** Milliseconds are short: a poll is one of many, and its caller may be a person. */
const retried = { maxAttempts: 3, baseDelayMs: 200, maxDelayMs: 2_000 }

const refusedBy = ({ status }: EgressResponse) =>
  new MmfError('egress_failed', { detail: `the source answered ${status}` })

/**
 * Fetches what a setting names, unless it is still what was last accepted: by ETag (304, RFC 9110 §15.4.5), or by SHA-256 where the server
 * sends it all the same. Nothing is written. A server that cannot be
 * reached, or answers that it cannot now (429, 5xx), is asked up to three times.
 *
 * @returns undefined when nothing has changed
 * @throws {MmfError} the `egress_…` codes; `egress_failed` for an answer other than 200 and for an empty one
 */
export async function fetchSource(context: SourceContext, request: SourceRequest): Promise<FetchedSource | undefined> {
  const { source, url, authorization, maxBytes, timeoutMs, force = false, sink, signal } = request
  const stored = force ? undefined : await context.database.get(sourceStates, { source }, { signal })
  const before = stored?.url === url ? stored : undefined
  const hash = createHash('sha256')
  let begun = false
  const taken = async (chunk: Uint8Array) => {
    begun = true
    hash.update(chunk)
    await sink?.(chunk)
  }
  const ask = async (): Promise<EgressResponse> => {
    const answer = await context.egress.request(url, {
      headers: defined({ 'if-none-match': before?.etag, authorization: authorization?.reveal() }),
      timeoutMs,
      maxBytes,
      signal,
      ...(sink === undefined ? {} : { sink: taken }),
    })
    if (answer.status === 429 || answer.status >= 500) throw refusedBy(answer)
    return answer
  }
  // What a sink has taken cannot be given back, and who waited for a timeout does not wait for it three times.
  const when = (error: unknown) => !begun && isMmfError(error, 'egress_failed')
  const policies = { retry: { ...retried, when } }
  const answer = await context.resilience.execute('fetch_source', policies, ask, { signal, key: source })
  const { status, headers, body, size } = answer
  if (status === 304 && before?.etag !== undefined) return undefined
  if (status !== 200) throw refusedBy(answer)
  if (size === 0) throw new MmfError('egress_failed', { detail: 'the source answered nothing' })
  const sha256 = (sink === undefined ? hash.update(body) : hash).digest('hex')
  if (sha256 === before?.sha256) return undefined
  const { etag } = headers
  const fetchedAt = context.clock.now().toISOString()
  return {
    content: body,
    state: { source, url, ...defined({ etag }), sha256, size, fetchedAt },
  }
}

/** Remembers what was accepted. Two at once do no harm: the later one is fetched again at worst. */
export async function rememberSource(
  { database }: Pick<SourceContext, 'database'>,
  state: SourceStateRow,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await database.write(put(sourceStates, state), { signal })
}
