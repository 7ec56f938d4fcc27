import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import { table } from '../database/table.ts'
import { insert, platformWrite, put, remove, update } from '../database/write.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import type { Ids } from '../ids/ids.ts'
import type { IdempotencyClaim } from '../plugin/call.ts'

const IdempotencyRow = z.strictObject({
  /** SHA-256 of principal, operation and key: one client's keys never meet another's. */
  id: z.string(),
  requestHash: z.string(),
  state: z.enum(['in-flight', 'completed']),
  /** The request that holds the key; only it may complete or release it. */
  owner: z.string(),
  /** Milliseconds since 1970. A request that died does not block its key for longer. */
  leaseUntil: z.int(),
  /** The answer in wire form, as JSON. */
  output: z.optional(z.string()),
  /** Seconds since 1970. */
  expiresAt: z.int(),
})
type IdempotencyRow = z.output<typeof IdempotencyRow>

export const idempotencyTable = table({ name: 'idempotency', row: IdempotencyRow, partition: 'id', ttl: 'expiresAt' })

export interface IdempotencyRequest {
  /** `sub` of the principal. */
  readonly subject: string
  readonly operation: string
  /** The value of the Idempotency-Key header: 1 to 255 visible ASCII characters. */
  readonly key: string
  /** Tells whether it is the same request again. */
  readonly requestHash: string
  /** How long the request may take. */
  readonly leaseMs: number
  /** How long a stored answer is kept. */
  readonly ttlSeconds: number
}

export type Begun =
  | { readonly kind: 'replay'; readonly output: unknown }
  | {
      readonly kind: 'claimed'
      readonly claim: IdempotencyClaim
      /** Gives the key back after a failure. Harmless once the claim was completed. */
      release(): Promise<void>
    }

export interface Idempotency {
  /**
   * Claims a key, or finds the stored answer of the same request.
   * @throws {MmfError} `idempotency_key_invalid`; `idempotency_key_reused` for another request; `idempotency_in_flight`
   */
  begin(request: IdempotencyRequest): Promise<Begun>
}

const acceptable = /^[\x21-\x7e]{1,255}$/

/** Times a claim is tried when other requests with the same key come and go meanwhile. */
const attempts = 3

/** Keys and answers in a table, so that they hold for every instance of a function. */
export function createIdempotency({
  database,
  clock,
  ids,
}: {
  database: Database
  clock: Clock
  ids: Ids
}): Idempotency {
  const seconds = () => Math.floor(clock.now().getTime() / 1000)

  const claimed = (row: IdempotencyRow, ttlSeconds: number): Begun => {
    const key = { id: row.id }
    const mine = { when: { owner: row.owner, state: 'in-flight' } }
    return {
      kind: 'claimed',
      claim: {
        complete: output => {
          const changes = {
            state: 'completed' as const,
            output: JSON.stringify(output),
            expiresAt: seconds() + ttlSeconds,
          }
          return [platformWrite(update(idempotencyTable, key, changes, mine))]
        },
      },
      release: () => unlessConflict(database.write(remove(idempotencyTable, key, mine))).then(() => undefined),
    }
  }

  return {
    async begin(request) {
      if (!acceptable.test(request.key)) {
        throw new MmfError('idempotency_key_invalid', { detail: 'Idempotency-Key: 1 to 255 visible ASCII characters' })
      }
      const id = createHash('sha256')
        .update(JSON.stringify([request.subject, request.operation, request.key]))
        .digest('hex')
      const { requestHash, leaseMs, ttlSeconds } = request
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const now = clock.now().getTime()
        const row: IdempotencyRow = {
          id,
          requestHash,
          state: 'in-flight',
          owner: ids.next(),
          leaseUntil: now + Math.ceil(leaseMs),
          expiresAt: seconds() + ttlSeconds,
        }
        if (await unlessConflict(database.write(insert(idempotencyTable, row)))) return claimed(row, ttlSeconds)
        const existing = await database.get(idempotencyTable, { id })
        if (existing === undefined) continue
        if (existing.requestHash !== requestHash) throw new MmfError('idempotency_key_reused')
        if (existing.output !== undefined) return { kind: 'replay', output: JSON.parse(existing.output) }
        if (existing.leaseUntil > now) throw inFlight(existing.leaseUntil - now)
        const abandoned = { when: { owner: existing.owner, state: 'in-flight' } }
        if (await unlessConflict(database.write(put(idempotencyTable, row, abandoned)))) return claimed(row, ttlSeconds)
      }
      throw inFlight(1000)
    },
  }
}

const inFlight = (waitMs: number) =>
  new MmfError('idempotency_in_flight', { headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) } })

/** Whether the write took place; false when its condition did not hold. */
async function unlessConflict(write: Promise<void>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (isMmfError(error, 'database_conflict')) return false
    throw error
  }
}
