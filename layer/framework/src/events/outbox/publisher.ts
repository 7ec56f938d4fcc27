import type { CloudEvent } from '../events.ts'

/** What became of one event. `reason` is a code, for logs. */
export type PublishOutcome =
  | { readonly published: true }
  | {
      readonly published: false
      readonly reason: string
      /** It will not be published however often it is tried. */
      readonly permanent?: true
    }

/** Hands events to the bus that delivers them. */
export interface Publisher {
  /** One outcome per event, in their order. Never throws for a single event; throws only when aborted. */
  publish(
    events: readonly CloudEvent[],
    options?: { signal?: AbortSignal | undefined },
  ): Promise<readonly PublishOutcome[]>
}
