import { type Concern, concern } from '../operation/concern.ts'

export interface EventHandlerOptions<Input> {
  /** Name of the event, with or without its version: `certificate_revoked` or `certificate_revoked.v1`. */
  readonly eventType: string
  /** Events for which it is false are acknowledged without running the operation. */
  readonly filter?: (input: Input) => boolean
  /** Deliveries before the event becomes a dead letter; default 3. */
  readonly retryAttempts?: number
  /** The publisher does not wait for this handler; nothing is dropped, because the event lies in the outbox. Default false. */
  readonly asyncProcessing?: boolean
}

/** Subscribes the operation to an event. The relay (embedded) or an EventBridge rule (AWS) delivers; the declaration is all they need. */
export function eventHandler<Input>(options: EventHandlerOptions<Input>): Concern<Input, undefined> {
  const { eventType, filter, retryAttempts = 3, asyncProcessing = false } = options
  return concern({ event: { eventType, retryAttempts, asyncProcessing } }, async (next, input, invocation) =>
    filter === undefined || filter(input) ? next(input, invocation) : undefined,
  )
}
