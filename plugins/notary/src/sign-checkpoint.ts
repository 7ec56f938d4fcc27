import { type Call, insert, type RowOf, unlessConflict } from '@mmf/framework'
import { rootOf } from '@mmf/framework/transparency'
import { checkpointSigned } from './checkpoint-signed.ts'
import type { Checkpoint } from './schemas.ts'
import { log, type NotaryContext, signDocument } from './scope.ts'
import { checkpoints, heads } from './tables/log.ts'

/**
 * The checkpoint of the list as it is: signed now, or the stored one where no entry is new; undefined for an empty list. It is stored with its event
 * or not at all, and of two runs at once one stores.
 * @throws {MmfError} what the document signer throws
 */
export async function signCheckpoint(context: NotaryContext, call: Call): Promise<Checkpoint | undefined> {
  const { database, services, events, clock, config } = context
  const { signal, correlationId } = call
  const head = await database.get(heads, { log }, { signal })
  if (head === undefined) return undefined
  const { size } = head
  const stored = await database.get(checkpoints, { log, size }, { signal })
  if (stored !== undefined) return shownCheckpoint(stored)
  const rootHash = Buffer.from(rootOf(head.peaks)).toString('hex')
  const time = clock.now().toISOString()
  const text = `${config.origin}\n${size}\n${rootHash}\n${time}\n`
  const input = { document: Buffer.from(text), signingAlgorithm: config.checkpoint_algorithm }
  const made = await services.call(signDocument, input, call, { as: 'service' })
  const { signature, algorithm, keyId, keyVersion, signatureId } = made
  const row = { log, size, text, rootHash, time, signature, algorithm, keyId, keyVersion, signatureId }
  const event = { size, rootHash, time, signatureId }
  const checkpoint = shownCheckpoint(row)
  const won = await unlessConflict(
    database.transaction(
      [
        insert(checkpoints, row),
        events.outbox(checkpointSigned, event, { subject: String(size), correlationId }),
        ...(call.idempotency?.complete(checkpoint) ?? []),
      ],
      { signal },
    ),
  )
  if (won) return checkpoint
  const other = await database.get(checkpoints, { log, size }, { signal })
  return other === undefined ? undefined : shownCheckpoint(other)
}

export async function latestCheckpoint(
  { database }: NotaryContext,
  signal: AbortSignal,
): Promise<RowOf<typeof checkpoints> | undefined> {
  const { rows } = await database.query(checkpoints, { partition: log, descending: true, limit: 1 }, { signal })
  return rows[0]
}

export const shownCheckpoint = ({ log: _, ...row }: RowOf<typeof checkpoints>): Checkpoint => row
