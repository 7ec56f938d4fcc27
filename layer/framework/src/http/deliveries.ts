import type { EventBridgeEvent } from './serve-event.ts'

/** One message, as Lambda hands it over (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export interface Delivery {
  readonly messageId: string
  readonly body: string
  readonly eventSource: 'aws:sqs'
}

/** Events of this platform that a queue brings: a rule wrote each into it as it came. */
export interface QueueDeliveries {
  readonly Records: readonly Delivery[]
}

/** Whether this is a batch of a queue with at least one event of this platform in it. */
export function isQueueDeliveries(event: object): event is QueueDeliveries {
  const { Records: records } = event as { Records?: unknown }
  return (
    Array.isArray(records) &&
    records.every(isDelivery) &&
    records.some((record: Delivery) => deliveredEvent(record) !== undefined)
  )
}

function isDelivery(record: unknown): record is Delivery {
  if (typeof record !== 'object' || record === null) return false
  const { messageId, body, eventSource } = record as Partial<Record<keyof Delivery, unknown>>
  return typeof messageId === 'string' && typeof body === 'string' && eventSource === 'aws:sqs'
}

/** The event in a message, or undefined when it holds none. */
export function deliveredEvent({ body }: Delivery): EventBridgeEvent | undefined {
  try {
    const event: unknown = JSON.parse(body)
    return typeof event === 'object' && event !== null && isCloudEvent(event) ? event : undefined
  } catch {
    // What is no JSON is no event.
    return undefined
  }
}

/** Whether this is an event of this platform in its EventBridge envelope. */
export function isCloudEvent(event: object): event is EventBridgeEvent {
  const { detail, 'detail-type': type } = event as { detail?: unknown; 'detail-type'?: unknown }
  if (typeof type !== 'string' || typeof detail !== 'object' || detail === null) return false
  const { id, type: own } = detail as { id?: unknown; type?: unknown }
  return typeof id === 'string' && typeof own === 'string'
}
