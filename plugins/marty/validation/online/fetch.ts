import { createHash } from 'node:crypto'
import {
  type Clock,
  type Database,
  defined,
  type Egress,
  insert,
  isMmfError,
  put,
  unlessConflict,
} from '@mmf/framework'
import { isPkiError, parseOcspResponse } from '@mmf/pki'
import type { MartyConfig } from '../../config.ts'
import { keepContent, readContent } from '../inputs/contents.ts'
import { sha256Of } from '../inputs/evidence-store.ts'
import type { fetchedContents } from '../tables/fetched-contents.ts'
import {
  type FetchedContent,
  type FetchedEvidenceRow,
  type FetchedKind,
  fetchedEvidence,
} from '../tables/fetched-evidence.ts'
import { expiry, isFresh, isOlder, refreshAt } from './freshness.ts'
import { kinds } from './kinds.ts'
import { judgeNonce, mustRepeatNonces, newNonce } from './ocsp-nonce.ts'

type Tables = typeof fetchedEvidence | typeof fetchedContents

export interface FetchContext {
  readonly database: Database<Tables, Tables>
  readonly egress: Egress
  readonly clock: Clock
  readonly config: Pick<MartyConfig, 'evidence_age_without_next_update'>
}

/** One address, and what it is asked for. */
export interface Wanted {
  readonly kind: FetchedKind
  readonly url: string
  /** The OCSPRequest without a nonce, DER: what is asked, and so part of the source. */
  readonly request?: Uint8Array
  /** The same request with a nonce. */
  withNonce?(nonce: Uint8Array): Uint8Array
}

export interface AskOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** What is known of an address after it was asked, or need not be asked. */
export interface Asked {
  readonly row: FetchedEvidenceRow
  /** `kept`: it need not be asked now. `unchanged`: the server has what is here. */
  readonly outcome: 'kept' | 'fetched' | 'unchanged' | 'failed'
  /** The answer repeats the nonce of the request. Its signature has not been verified yet. */
  readonly repeatsNonce?: boolean
}

export function sourceOf({ kind, url, request }: Wanted): string {
  const hash = createHash('sha256').update(`${kind}\n${url}\n`)
  return (request === undefined ? hash : hash.update(request)).digest('hex')
}

/** The row of an address, if it was ever asked. */
export function knownSource(
  { database }: FetchContext,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<FetchedEvidenceRow | undefined> {
  return database.get(fetchedEvidence, { source: sourceOf(wanted) }, { signal })
}

/** Whether there is no need to ask. */
export const isKept = (
  row: FetchedEvidenceRow | undefined,
  { clock, config }: FetchContext,
): row is FetchedEvidenceRow =>
  row !== undefined && isFresh(row, clock.now().getTime(), config.evidence_age_without_next_update)

/** Permission to ask an address now. */
export interface AddressClaim {
  /** The row that the answer follows on. */
  readonly before: FetchedEvidenceRow | undefined
}

/**
 * Claims an address before it is asked. Where it has failed before, its pause begins anew for all other calls, so that a server that hangs delays one
 * call and not each; `undefined` when another call holds the claim.
 * @throws {MmfError} what the database throws; `deadline_exceeded`
 */
export async function claimAddress(
  { database, clock }: FetchContext,
  before: FetchedEvidenceRow | undefined,
  signal: AbortSignal,
): Promise<AddressClaim | undefined> {
  if (before?.failure === undefined) return { before }
  const failure = { ...before.failure, at: clock.now().toISOString() }
  const taken = { ...before, failure, revision: before.revision + 1 }
  const write = put(fetchedEvidence, taken, { when: { revision: before.revision } })
  return (await unlessConflict(database.write(write, { signal }))) ? { before: taken } : undefined
}

/**
 * Asks an address and remembers the answer, or that there was none: what is there stays. Contents are stored before the row names them.
 * @throws {MmfError} what the database throws; `deadline_exceeded`
 */
export async function ask(
  context: FetchContext,
  wanted: Wanted,
  before: FetchedEvidenceRow | undefined,
  options: AskOptions,
): Promise<Asked> {
  const now = context.clock.now()
  const answer = await answerTo(context, wanted, before, options)
  const row = rowAfter(wanted, before, answer, now)
  if (answer.outcome === 'fetched') {
    const { bytes, content } = answer
    await keepContent(context.database, { sha256: content.sha256, bytes, expiresAt: row.expiresAt }, options.signal)
  }
  const write =
    before === undefined
      ? insert(fetchedEvidence, row)
      : put(fetchedEvidence, row, { when: { revision: before.revision } })
  if (await unlessConflict(context.database.write(write, { signal: options.signal }))) {
    return { row, outcome: answer.outcome, repeatsNonce: 'repeatsNonce' in answer }
  }
  // Another instance has asked at the same time: its answer is as good.
  const other = await knownSource(context, wanted, options.signal)
  return other === undefined ? { row, outcome: answer.outcome } : { row: other, outcome: 'kept' }
}

/** What is there to show a validation: the latest and the last proven contents. */
export async function contentsOf(
  { database }: FetchContext,
  { latest, proven }: FetchedEvidenceRow,
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const hashes = [...new Set([latest, proven].flatMap(content => (content === undefined ? [] : [content.sha256])))]
  const found = await Promise.all(hashes.map(sha256 => readContent(database, sha256, signal)))
  return found.filter(content => content !== undefined)
}

type Answer =
  | {
      readonly outcome: 'fetched'
      readonly content: FetchedContent
      readonly bytes: Uint8Array
      readonly etag: string | undefined
      readonly repeatsNonce?: true
    }
  | { readonly outcome: 'unchanged'; readonly bytes?: Uint8Array }
  | { readonly outcome: 'failed'; readonly code: string }

const failed = (code: string): Answer => ({ outcome: 'failed', code })

/** The answer; of an OCSP responder to a request with a nonce, which is left out where the responder cannot read it. */
async function answerTo(
  context: FetchContext,
  wanted: Wanted,
  before: FetchedEvidenceRow | undefined,
  options: AskOptions,
): Promise<Answer> {
  if (wanted.withNonce === undefined) return answerOf(context, wanted, before, options)
  const { url } = wanted
  const { signal } = options
  const until = Date.now() + options.timeoutMs
  const required = await mustRepeatNonces(context.database, url, { now: context.clock.now(), signal })
  const nonce = newNonce()
  const answer = await answerOf(context, { ...wanted, request: wanted.withNonce(nonce) }, before, options)
  const isBadRequest = answer.outcome === 'failed' && answer.code === 'status_400'
  const bytes = 'bytes' in answer ? answer.bytes : undefined
  if (bytes === undefined && (required || !isBadRequest)) return answer
  const judged = bytes === undefined ? 'ask_without' : judgeNonce(parseOcspResponse(bytes), nonce, required)
  switch (judged) {
    case 'repeated':
      return answer.outcome === 'fetched' ? { ...answer, repeatsNonce: true } : answer
    case 'not_repeated':
      return answer
    case 'ask_without': {
      const timeoutMs = Math.max(1, until - Date.now())
      return answerOf(context, wanted, before, { ...options, timeoutMs })
    }
    default:
      return failed(judged)
  }
}

async function answerOf(
  { egress, clock }: FetchContext,
  { kind, url, request }: Wanted,
  before: FetchedEvidenceRow | undefined,
  { timeoutMs, signal }: AskOptions,
): Promise<Answer> {
  const { accept, maxBytes, unwrap, facts } = kinds[kind]
  // What answers a POST is no stored representation, and an old answer holds no nonce of now.
  const etag = before?.latest === undefined || request !== undefined ? undefined : before.etag
  try {
    const { status, headers, body } = await egress.request(url, {
      headers: {
        accept,
        ...defined({
          'if-none-match': etag,
          'content-type': request === undefined ? undefined : 'application/ocsp-request',
        }),
      },
      method: request === undefined ? 'GET' : 'POST',
      body: request,
      maxBytes,
      timeoutMs,
      signal,
    })
    if (status === 304 && etag !== undefined) return { outcome: 'unchanged' }
    if (status !== 200 || body.length === 0) return failed(`status_${status}`)
    const bytes = unwrap(body)
    const content = {
      sha256: sha256Of(bytes),
      size: bytes.length,
      fetchedAt: clock.now().toISOString(),
      ...facts(bytes),
    }
    if (content.sha256 === before?.latest?.sha256) return { outcome: 'unchanged', bytes }
    return isOlder(content, before?.proven)
      ? failed('evidence_older')
      : { outcome: 'fetched', content, bytes, etag: headers['etag'] }
  } catch (error) {
    if (isPkiError(error)) return failed('evidence_malformed')
    if (!isMmfError(error) || !error.code.startsWith('egress_')) throw error
    return failed(error.code)
  }
}

function rowAfter(
  wanted: Wanted,
  before: FetchedEvidenceRow | undefined,
  answer: Answer,
  now: Date,
): FetchedEvidenceRow {
  const { kind, url } = wanted
  const at = now.toISOString()
  const { failure: past, ...kept } = before ?? {
    source: sourceOf(wanted),
    kind,
    url,
    usedAt: at,
    expiresAt: 0,
    revision: 0,
  }
  const row = { ...kept, revision: kept.revision + 1 }
  if (answer.outcome === 'failed') {
    const failure = { code: answer.code, at, count: Math.min((past?.count ?? 0) + 1, 1000) }
    return scheduled({ ...row, failure, expiresAt: Math.max(row.expiresAt, expiry([], now.getTime())) }, now)
  }
  if (answer.outcome === 'unchanged') return scheduled({ ...row, askedAt: at }, now)
  const { etag: _etag, staleSince: _staleSince, ...rest } = row
  const { content, etag } = answer
  const expiresAt = expiry([content, row.proven], now.getTime())
  return scheduled({ ...rest, latest: content, askedAt: at, expiresAt, ...defined({ etag }) }, now)
}

/** With its place in the schedule, where there is something to be kept fresh. */
function scheduled(row: FetchedEvidenceRow, now: Date): FetchedEvidenceRow {
  const held = row.latest ?? row.proven
  if (!kinds[row.kind].refreshed || held === undefined) return row
  return { ...row, shard: shardOf(row.source), refreshAt: refreshAt(held, now.getTime()) }
}

/** The partitions of the schedule: the first digit of the source. */
export const refreshShards: readonly string[] = [...'0123456789abcdef']
const shardOf = (source: string): string => source.slice(0, 1)
