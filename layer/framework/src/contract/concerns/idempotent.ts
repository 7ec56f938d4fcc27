import { type Concern, concern } from '../operation/concern.ts'

/** Default life of a stored answer: 24 hours. */
const defaultTtlSeconds = 86_400

export interface IdempotentOptions {
  /** How long a stored answer is kept; default 24 hours. */
  readonly ttlSeconds?: number
  /**
   * Has the HTTP layer store the answer, in a write of its own, where the operation did not: for work that does no harm when it is done twice, because a
   * process that ends between the two does it again. Default false.
   */
  readonly afterwards?: boolean
}

/**
 * The operation honours `Idempotency-Key`. The HTTP layer claims the key before the operation runs and replays a stored answer;
 * the operation puts `call.idempotency.complete(output)` into its own transaction.
 */
export function idempotent<Input, Output>(options: IdempotentOptions = {}): Concern<Input, Output> {
  const { ttlSeconds = defaultTtlSeconds, afterwards = false } = options
  return concern({ idempotent: { ttlSeconds, afterwards } }, (next, input, invocation) => next(input, invocation))
}
