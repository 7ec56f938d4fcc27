import type { Clock } from '../clock/clock.ts'

/** A clock that stands still until told otherwise. */
export interface ManualClock extends Clock {
  /** Moves by so many milliseconds; a negative number steps back. */
  advance(milliseconds: number): void
  set(time: Date | string | number): void
}

export function createManualClock(start: Date | string | number = '2026-01-01T00:00:00.000Z'): ManualClock {
  let time = new Date(start).getTime()
  return {
    now: () => new Date(time),
    advance(milliseconds) {
      time += milliseconds
    },
    set(to) {
      time = new Date(to).getTime()
    },
  }
}
