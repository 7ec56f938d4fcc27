import { createHash, randomBytes } from 'node:crypto'
import { type Database, insert, put, unlessConflict } from '@mmf/framework'
import { type OcspResponse, ocspNonceAnswer } from '@mmf/pki'
import { fetchedEvidence } from '../tables/fetched-evidence.ts'

type Tables = Database<typeof fetchedEvidence, typeof fetchedEvidence>

/** RFC 9654 §2.1: 32 octets, which responders that follow RFC 8954 accept too. */
export const newNonce = (): Uint8Array => randomBytes(32)

/** A responder that has repeated a nonce must repeat the next ones for so long, milliseconds. Then it may have stopped for good reasons. */
const requiredMs = 7 * 86_400_000

/** The row under which it is remembered that a responder repeats nonces. It has no contents, and ends by itself. */
const keyOf = (url: string) => ({ source: createHash('sha256').update(`ocsp-nonce\n${url}\n`).digest('hex') })

/** Whether a responder has repeated a nonce within the last seven days, in an answer whose signature held. */
export async function mustRepeatNonces(
  database: Tables,
  url: string,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<boolean> {
  const row = await database.get(fetchedEvidence, keyOf(url), { signal })
  return row !== undefined && row.expiresAt * 1000 > now.getTime()
}

/** Remembers for seven days from now that a responder repeats nonces. To be called for answers whose signature held. */
export async function rememberRepetition(
  database: Tables,
  url: string,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<void> {
  const before = await database.get(fetchedEvidence, keyOf(url), { signal })
  const expiresAt = Math.ceil((now.getTime() + requiredMs) / 1000)
  const revision = (before?.revision ?? 0) + 1
  const row = { ...keyOf(url), kind: 'ocsp' as const, url, usedAt: now.toISOString(), expiresAt, revision }
  const write =
    before === undefined
      ? insert(fetchedEvidence, row)
      : put(fetchedEvidence, row, { when: { revision: before.revision } })
  // A conflict: another instance has remembered the same at the same time.
  await unlessConflict(database.write(write, { signal }))
}

/**
 * What follows from the nonce of an answer. A missing one is no reason to refuse the answer of a responder that signs ahead of time (RFC 5019 §4),
 * but is one where the responder is known to repeat nonces (RFC 5019 §7.1): the answer may then be an old one, put in place of the new.
 * @returns `ask_without`: the responder cannot read the request with the nonce
 */
export function judgeNonce(
  response: OcspResponse,
  nonce: Uint8Array,
  required: boolean,
): 'repeated' | 'not_repeated' | 'ask_without' | 'ocsp_nonce_mismatch' | 'ocsp_nonce_missing' {
  const answer = ocspNonceAnswer(response, nonce)
  if (answer === 'repeated') return 'repeated'
  if (answer === 'other') return 'ocsp_nonce_mismatch'
  if (required) return 'ocsp_nonce_missing'
  return response.status === 'malformedRequest' ? 'ask_without' : 'not_repeated'
}
