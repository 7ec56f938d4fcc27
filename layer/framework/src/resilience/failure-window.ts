import { CircuitState, type IBreaker } from 'cockatiel'
import type { Clock } from '../clock/clock.ts'

interface FailureWindowOptions {
  readonly clock: Clock
  readonly windowMs: number
  /** Whether these numbers open the circuit. */
  readonly opens: (failures: number, calls: number) => boolean
}

/** Slices of the window. What is older than the window is forgotten one slice at a time. */
const slices = 10

/** Counts calls and failures of the last `windowMs` milliseconds: failures of long ago never add up to an open circuit. */
export class FailureWindow implements IBreaker {
  state: unknown = undefined
  private readonly options: FailureWindowOptions
  private counted: { at: number; failures: number; calls: number }[] = []

  constructor(options: FailureWindowOptions) {
    this.options = options
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.counted = []
    else this.count(0)
  }

  failure(state: CircuitState): boolean {
    if (state !== CircuitState.Closed) return true
    this.count(1)
    const sum = (of: 'failures' | 'calls') => this.counted.reduce((total, slice) => total + slice[of], 0)
    const opens = this.options.opens(sum('failures'), sum('calls'))
    if (opens) this.counted = []
    return opens
  }

  private count(failures: 0 | 1): void {
    const { clock, windowMs } = this.options
    const now = clock.now().getTime()
    // A clock that was set back must not keep failures alive.
    this.counted = this.counted.filter(({ at }) => at > now - windowMs && at <= now)
    const last = this.counted.at(-1)
    if (last !== undefined && now - last.at < windowMs / slices) {
      last.failures += failures
      last.calls += 1
    } else this.counted.push({ at: now, failures, calls: 1 })
  }
}
