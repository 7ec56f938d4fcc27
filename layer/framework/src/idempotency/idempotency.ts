import { createHash } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { IdempotencyClaim } from '../contract/call.ts'
import type { Database } from '../database/database.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { insert, platformWrite, put, remove, update } from '../database/write.ts'
import { defined } from '../defined.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Ids } from '../ids/ids.ts'
import { type IdempotencyRow, idempotencyTable } from './idempotency-table.ts'

export { idempotencyTable } from './idempotency-table.ts'

interface IdempotencyRequest {
  /** `sub` of the principal. */
  readonly subject: string
  readonly operation: string
  /** The value of the Idempotency-Key header: 1 to 255 visible ASCII characters. */
  readonly key: string
  /** Decides whether it is the same request again. */
  readonly requestHash: string
  /** How long the request may take, in milliseconds. Afterwards the same key may be claimed again. */
  readonly leaseMs: number
  /** How long a stored answer is kept, in seconds. */
  readonly ttlSeconds: number
}

export type Begun =
  | { readonly kind: 'replay'; readonly output: unknown }
  | {
      readonly kind: 'claimed'
      readonly claim: IdempotencyClaim
      /** Gives the key back after a failure. Harmless once the claim was completed or lost. */
      release(): Promise<void>
    }

export interface Idempotency {
  /**
   * Claims a key, or finds the stored answer of the same request. Of two at once, one gets the claim. A claim whose lease is over can be taken
   * over; the write of its first holder then fails with `database_conflict`, and so does the transaction it is in.
   * @throws {MmfError} `idempotency_key_invalid`; `idempotency_key_reused` for another request; `idempotency_in_flight` with `retry-after`
   */
  begin(request: IdempotencyRequest, options?: { signal?: AbortSignal | undefined }): Promise<Begun>
}

const acceptable = /^[\x21-\x7e]{1,255}$/

/** Times a claim is tried when other requests with the same key come and go meanwhile. */
const attempts = 3

export interface IdempotencyOptions {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  /**
   * Names this process, where it alone can hold keys (the embedded database, whose folder it has locked). A key that any other one holds was left by a
   * crash, and is taken over at once instead of after its lease.
   */
  readonly holder?: string | undefined
}

/** Keys and answers in a table, so that they hold for every instance of a function. */
export function createIdempotency(options: IdempotencyOptions): Idempotency {
  const { database, clock, ids, holder } = options
  return {
    async begin(request, { signal } = {}) {
      const id = idOf(request)
      const passed = { signal }
      let waitMs = 1000
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const now = clock.now().getTime()
        const row = { ...claimRow(id, request, ids.next(), now), ...defined({ holder }) }
        if (await unlessConflict(database.write(insert(idempotencyTable, row), passed))) {
          return claimed(options, row, request.ttlSeconds)
        }
        const existing = await database.get(idempotencyTable, { id }, passed)
        if (existing === undefined) continue
        if (existing.requestHash !== request.requestHash) throw new MmfError('idempotency_key_reused')
        if (existing.state === 'completed') {
          return { kind: 'replay', output: JSON.parse(await storedOutput(database, existing, passed)) }
        }
        const wasLeft = holder !== undefined && existing.holder !== holder
        if (existing.leaseUntil > now && !wasLeft) throw inFlight(existing.leaseUntil - now)
        // Another request takes it over meanwhile, and has as much time as this one.
        waitMs = request.leaseMs
        const abandoned = { when: { owner: existing.owner, state: 'in-flight' } }
        if (await unlessConflict(database.write(put(idempotencyTable, row, abandoned), passed))) {
          return claimed(options, row, request.ttlSeconds)
        }
      }
      throw inFlight(waitMs)
    },
  }
}

/** Characters of an answer in one row, whose limit is 400 KB; one character has at most 3 bytes of UTF-8. */
const pieceLength = 120_000

const partId = (id: string, index: number) => `${id}#${index}`

/** In pieces that fit into rows, none of which ends within a character. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length || at === 0; ) {
    const end = at + pieceLength
    const last = text.charCodeAt(end - 1)
    const stop = end < text.length && last >= 0xd800 && last <= 0xdbff ? end - 1 : end
    pieces.push(text.slice(at, stop))
    at = stop
  }
  return pieces
}

async function storedOutput(
  database: Database,
  { id, output = 'null', parts }: IdempotencyRow,
  options: { signal?: AbortSignal | undefined },
): Promise<string> {
  if (parts === undefined) return output
  const keys = Array.from({ length: parts }, (_, index) => ({ id: partId(id, index) }))
  const rows = await database.getMany(idempotencyTable, keys, options)
  return rows
    .map(row => {
      if (row?.output === undefined)
        throw new MmfError('database_row_invalid', { detail: 'a stored answer has lost a part' })
      return row.output
    })
    .join('')
}

/** @throws {MmfError} `idempotency_key_invalid` */
function idOf({ subject, operation, key }: IdempotencyRequest): string {
  if (!acceptable.test(key)) {
    throw new MmfError('idempotency_key_invalid', { detail: 'Idempotency-Key: 1 to 255 visible ASCII characters' })
  }
  return createHash('sha256')
    .update(JSON.stringify([subject, operation, key]))
    .digest('hex')
}

function claimRow(id: string, request: IdempotencyRequest, owner: string, now: number): IdempotencyRow {
  const { requestHash, leaseMs, ttlSeconds } = request
  const leaseUntil = now + Math.ceil(leaseMs)
  return { id, requestHash, state: 'in-flight', owner, leaseUntil, expiresAt: Math.floor(now / 1000) + ttlSeconds }
}

function claimed({ database, clock }: IdempotencyOptions, row: IdempotencyRow, ttlSeconds: number): Begun {
  const key = { id: row.id }
  const mine = { when: { owner: row.owner, state: 'in-flight' } }
  return {
    kind: 'claimed',
    claim: {
      complete(output) {
        const expiresAt = Math.floor(clock.now().getTime() / 1000) + ttlSeconds
        // JSON has no undefined; an operation without an answer replays null.
        const texts = piecesOf(JSON.stringify(output ?? null))
        const [only = ''] = texts
        const answer = texts.length === 1 ? { output: only } : { parts: texts.length }
        const completed = update(idempotencyTable, key, { state: 'completed', ...answer, expiresAt }, mine)
        if (texts.length === 1) return [platformWrite(completed)]
        const part = (text: string, index: number) =>
          put(idempotencyTable, { ...row, id: partId(row.id, index), state: 'completed', output: text, expiresAt })
        return [completed, ...texts.map(part)].map(platformWrite)
      },
    },
    async release() {
      await unlessConflict(database.write(remove(idempotencyTable, key, mine)))
    },
  }
}

function inFlight(waitMs: number): MmfError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new MmfError('idempotency_in_flight', { headers: { 'retry-after': String(seconds) } })
}
