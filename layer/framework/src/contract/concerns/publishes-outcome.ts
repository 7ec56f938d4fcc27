import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import type { AnyEvent, DataOf } from '../../events/events.ts'
import { type Concern, concern, type Invocation } from '../operation/concern.ts'
import { publishEvent } from './publish-event.ts'

export interface PublishedOnSuccess<Input, Output, E extends AnyEvent = AnyEvent> {
  readonly event: E
  readonly data: (outcome: { input: Input; output: Output; invocation: Invocation }) => DataOf<E>
  readonly subject?: (outcome: { input: Input; output: Output }) => string
}

export interface PublishedOnError<Input, E extends AnyEvent = AnyEvent> {
  readonly event: E
  /** `code` is that of the catalogue; `internal_error` for what is none of its errors. */
  readonly data: (outcome: { input: Input; code: string; invocation: Invocation }) => DataOf<E>
  readonly subject?: (outcome: { input: Input }) => string
}

export interface PublishesOptions<Input, Output> {
  readonly onSuccess?: PublishedOnSuccess<Input, Output>
  readonly onError?: PublishedOnError<Input>
}

/** See `publishes` of `publishes.ts`. */
export function publishesOutcome<Input, Output>(options: PublishesOptions<Input, Output>): Concern<Input, Output> {
  const { onSuccess, onError } = options
  const events = [onSuccess?.event, onError?.event].filter(event => event !== undefined)
  if (events.length === 0) {
    throw new MmfError('concern_invalid', { detail: 'publishes: onSuccess, onError or both are needed' })
  }
  return concern({ publishes: events }, async (next, input, invocation) => {
    let output: Output
    try {
      output = await next(input, invocation)
    } catch (error) {
      if (onError !== undefined) {
        const code = isMmfError(error) ? error.code : 'internal_error'
        const data = () => onError.data({ input, code, invocation })
        // The error of the operation stands; that its event was not written is in the log.
        await publishEvent(onError.event, data, invocation, onError.subject?.({ input })).catch((failure: unknown) =>
          invocation.call.logger.error('an event about a failure was not written', { error: failure }),
        )
      }
      throw error
    }
    if (onSuccess !== undefined) {
      const data = () => onSuccess.data({ input, output, invocation })
      await publishEvent(onSuccess.event, data, invocation, onSuccess.subject?.({ input, output }))
    }
    return output
  })
}
