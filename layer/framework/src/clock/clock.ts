/** The only source of the current time. Tests hand in their own. */
export interface Clock {
  /** Now, in UTC with millisecond resolution. */
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }
