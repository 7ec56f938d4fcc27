import { type Concern, concern } from '../operation/concern.ts'

export interface ScheduledOptions {
  /** Whole minutes between two runs, at least 1. */
  readonly everyMinutes: number
}

/**
 * Has the operation run at regular times, without input, as the principal `schedule:<service>.<operation>` that has no roles. The local runner
 * or an EventBridge rule (AWS) does it; the declaration is all they need. A run that fails is not repeated: the next one comes anyway.
 * Two runs may overlap on AWS, and must bear it.
 * @throws {TypeError} for an interval that is none
 */
export function scheduled<Input, Output>({ everyMinutes }: ScheduledOptions): Concern<Input, Output> {
  if (!Number.isSafeInteger(everyMinutes) || everyMinutes < 1) {
    throw new TypeError(`everyMinutes must be a whole number of at least 1, not ${everyMinutes}`)
  }
  return concern({ schedule: { everyMinutes } }, (next, input, invocation) => next(input, invocation))
}
