import { createHash } from 'node:crypto'
import { type Clock, type Database, defined, type Egress, MmfError, put } from '@mmf/framework'
import { type SourceStateRow, sourceStates } from '../tables/source-states.ts'
import type { Source } from './configured-source.ts'

export interface SourceContext {
  readonly egress: Egress
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

/**
 * Fetches what a setting names, unless it is still what was last accepted: by ETag (304, RFC 9110 §15.4.5), or by SHA-256 where the server
 * sends it all the same. Nothing is written.
 *
 * @returns undefined when nothing has changed
 * @throws {MmfError} the `egress_…` codes; `egress_failed` for an answer other than 200 and for an empty one
 */
export async function fetchSource(context: SourceContext, request: SourceRequest): Promise<FetchedSource | undefined> {
  const { source, url, authorization, maxBytes, timeoutMs, force = false, sink, signal } = request
  const stored = force ? undefined : await context.database.get(sourceStates, { source }, { signal })
  const before = stored?.url === url ? stored : undefined
  const hash = createHash('sha256')
  const answer = await context.egress.request(url, {
    headers: defined({ 'if-none-match': before?.etag, authorization: authorization?.reveal() }),
    timeoutMs,
    maxBytes,
    signal,
    ...(sink === undefined
      ? {}
      : {
          sink: chunk => {
            hash.update(chunk)
            return sink(chunk)
          },
        }),
  })
  const { status, headers, body, size } = answer
  if (status === 304 && before?.etag !== undefined) return undefined
  if (status !== 200) throw new MmfError('egress_failed', { detail: `the source answered ${status}` })
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
