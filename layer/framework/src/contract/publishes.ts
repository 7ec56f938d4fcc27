import type { AnyEvent } from '../events/events.ts'
import { type PublishesOptions, publishesOutcome } from './concerns/publishes-outcome.ts'
import type { Concern } from './operation/concern.ts'
import { type EventGrant, grantPublishing } from './scope.ts'

/**
 * In a scope, `publishes(event)`: the service may publish the event, and does so in its own transactions.
 */
export function publishes<E extends AnyEvent>(event: E): EventGrant<E>
/**
 * As a concern, `publishes({ onSuccess, onError })`: the outcome of the operation becomes an event. The grant comes with it. The event is written after the
 * operation: where a process ends between the two there is the effect and no event, so an event that must never be missing belongs into the
 * transaction of the operation (`events.outbox`).
 * @throws {MmfError} `concern_invalid` when it is declared; `database_unavailable` when the event of a success cannot be written
 */
export function publishes<Input, Output>(options: PublishesOptions<Input, Output>): Concern<Input, Output>
export function publishes<E extends AnyEvent, Input, Output>(
  subject: E | PublishesOptions<Input, Output>,
): EventGrant<E> | Concern<Input, Output> {
  return 'version' in subject ? grantPublishing(subject) : publishesOutcome(subject)
}
