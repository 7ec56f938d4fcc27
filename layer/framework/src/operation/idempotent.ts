import { type Concern, concern } from './concern.ts'

/** Default life of a stored answer: 24 hours. */
const defaultTtlSeconds = 86_400

/**
 * The operation honours `Idempotency-Key`. The HTTP layer claims the key before the operation runs and replays a stored answer;
 * the operation puts `call.idempotency.complete(output)` into its own transaction.
 */
export function idempotent<Input, Output>(options: { readonly ttlSeconds?: number } = {}): Concern<Input, Output> {
  return concern({ idempotent: { ttlSeconds: options.ttlSeconds ?? defaultTtlSeconds } }, (next, input, invocation) =>
    next(input, invocation),
  )
}
