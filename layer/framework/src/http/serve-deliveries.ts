import { type Delivery, deliveredEvent, type QueueDeliveries } from './deliveries.ts'
import type { LambdaContext } from './lambda-types.ts'
import type { HttpPlatform } from './platform.ts'
import type { EventBridgeEvent } from './serve-event.ts'

/** Messages that the queue brings again (Lambda Developer Guide, "Implementing partial batch responses"). */
export interface DeliveriesAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/**
 * Serves the events that a queue brings, one after the other. One that fails is brought again, as often as the queue says; the others are done.
 * @param serve serves one event, and throws when a handler of it fails
 */
export async function serveDeliveries(
  { Records }: QueueDeliveries,
  context: LambdaContext,
  { observability: { logger } }: HttpPlatform,
  serve: (event: EventBridgeEvent, context: LambdaContext) => Promise<void>,
): Promise<DeliveriesAnswer> {
  const failed: string[] = []
  const deliver = async (record: Delivery): Promise<void> => {
    const event = deliveredEvent(record)
    if (event !== undefined) return serve(event, context)
    failed.push(record.messageId)
    logger.error('a message of the queue holds no event of this platform', { messageId: record.messageId })
  }
  for (const record of Records) {
    // What failed was logged with the operation that failed.
    await deliver(record).catch(() => failed.push(record.messageId))
  }
  return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) }
}
