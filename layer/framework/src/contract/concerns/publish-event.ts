import { defined } from '../../defined.ts'
import type { AnyEvent, DataOf } from '../../events/events.ts'
import type { Invocation } from '../operation/concern.ts'

/** Puts an event into the outbox, in a write of its own. @throws {MmfError} `event_invalid`, `database_unavailable` */
export async function publishEvent<E extends AnyEvent>(
  event: E,
  data: () => DataOf<E>,
  { context, call }: Invocation,
  subject?: string,
): Promise<void> {
  const { correlationId, span } = call
  const row = context.events.outbox(event, data(), { correlationId, span, ...defined({ subject }) })
  // Not with the signal of the call: what was done is to be said also when its time is just over.
  await context.database.write(row)
}
