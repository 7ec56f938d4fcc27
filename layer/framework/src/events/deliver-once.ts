import { createHash } from 'node:crypto'
import type { PlatformWrite } from '../database/database.ts'
import type { Idempotency } from '../idempotency/idempotency.ts'
import type { Logger } from '../observability/observability.ts'
import type { CloudEvent } from './events.ts'

export interface DeliverOnceOptions {
  /** Unique name of the subscriber. */
  readonly subscriber: string
  /** How long one attempt may take, in milliseconds. */
  readonly leaseMs: number
  /** How long handled events are remembered, in seconds; default 7 days. */
  readonly ttlSeconds?: number
  readonly logger: Logger
}

/**
 * Lets a subscriber handle each event once, although it may be delivered several times: `handle` puts the given writes into its own transaction,
 * and what was handled is skipped. Answers whether this call handled it.
 * @throws {MmfError} `idempotency_in_flight` while another delivery of the event is being handled, and whatever `handle` throws
 */
export async function deliverOnce(
  idempotency: Idempotency,
  event: CloudEvent,
  options: DeliverOnceOptions,
  handle: (done: readonly PlatformWrite[]) => Promise<void>,
): Promise<boolean> {
  const begun = await idempotency.begin({
    subject: 'event',
    operation: options.subscriber,
    key: event.id,
    requestHash: createHash('sha256').update(JSON.stringify(event)).digest('hex'),
    leaseMs: options.leaseMs,
    ttlSeconds: options.ttlSeconds ?? 7 * 86_400,
  })
  if (begun.kind === 'replay') return false
  try {
    await handle(begun.claim.complete(null))
    return true
  } catch (error) {
    // The first error says what happened; a claim that cannot be given back ends with its lease.
    await begun
      .release()
      .catch((cause: unknown) => options.logger.warn('the claim on an event was not released', { error: cause }))
    throw error
  }
}
