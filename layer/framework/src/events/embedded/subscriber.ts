import type { CloudEvent } from '../events.ts'

interface DeliveryAttempt {
  /** 1 for the first. */
  readonly attempt: number
  /** Aborts when the attempt has taken too long; the event is then delivered again. */
  readonly signal: AbortSignal
}

/** Who receives events. An event may come twice (after a crash), so handlers are idempotent by `event.id`. */
export interface Subscriber {
  /** Unique and stable: what was delivered is remembered under it. */
  readonly name: string
  /** With or without plugin and version: `certificate_revoked`, `marty.certificate_revoked.v1`. */
  readonly eventType: string
  /** Throws when the event was not handled. */
  handler(event: CloudEvent, attempt: DeliveryAttempt): Promise<void>
  /** Deliveries before the event becomes a dead letter; default 3. */
  readonly retryAttempts?: number
  /** Events for which it is false count as delivered. When it throws, that is a failed attempt. */
  readonly filter?: (event: CloudEvent) => boolean
  /** Events handled at the same time; default 1, which also keeps their order as long as none fails. */
  readonly concurrency?: number
}
