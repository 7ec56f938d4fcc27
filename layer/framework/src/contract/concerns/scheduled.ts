import { type Concern, concern } from '../operation/concern.ts'
import { checkNumber } from './check-option.ts'

export interface ScheduledOptions {
  /** Whole minutes between two runs, at least 1. */
  readonly everyMinutes: number
}

/**
 * Has the operation run at regular times, without input, as the principal `schedule:<service>.<operation>` that has no roles. The local runner
 * or an EventBridge rule (AWS) does it; the declaration is all they need. A run that fails is not repeated: the next one comes anyway.
 * Two runs may overlap on AWS, and must bear it.
 * @throws {MmfError} `concern_invalid` for an interval that is none; on an operation whose input refuses `{}`
 */
export function scheduled<Input, Output>({ everyMinutes }: ScheduledOptions): Concern<Input, Output> {
  checkNumber('scheduled', 'everyMinutes', everyMinutes, { min: 1, max: 525_600 })
  return concern({ schedule: { everyMinutes } }, (next, input, invocation) => next(input, invocation))
}
