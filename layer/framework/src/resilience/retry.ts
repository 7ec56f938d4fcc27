import { mayPass } from './failures.ts'
import { type RetryOptions, resilienceDefaults } from './options.ts'
import type { PolicyName, PolicyParts } from './policy-state.ts'
import type { GuardedWork } from './resilience.ts'

/**
 * Tries again what may pass, after a wait that grows and is drawn at random (full jitter), within the deadline and within a budget: when much fails,
 * retries end first, so that they never multiply the load on what is already failing.
 */
export class Retry {
  private readonly about: PolicyName
  private readonly parts: PolicyParts
  private budget: number = resilienceDefaults.retryBudget.capacity

  constructor(about: PolicyName, parts: PolicyParts) {
    this.about = about
    this.parts = parts
  }

  /** @throws what the last try throws */
  async execute<T>(work: () => Promise<T>, options: RetryOptions, about: GuardedWork): Promise<T> {
    const { signal, deadline = Number.POSITIVE_INFINITY } = about
    const { maxAttempts, when = mayPass } = { ...resilienceDefaults.retry, ...options }
    const { capacity, perCall } = resilienceDefaults.retryBudget
    this.budget = Math.min(capacity, this.budget + perCall)
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work()
      } catch (error) {
        if (signal.aborted || !when(error)) throw error
        const wait = this.waitAfter(attempt, options)
        const end = this.endOf(attempt >= maxAttempts, this.parts.clock.now().getTime() + wait >= deadline)
        this.parts.metrics.count('mmf_retries_total', { name: this.about.name, result: end ?? 'tried_again' })
        if (end !== undefined) throw error
        this.budget -= 1
        // What ends the wait is the end of the call; the error of the last try says why it waited at all.
        await this.parts.sleep(wait, signal).catch(() => {
          throw error
        })
      }
    }
  }

  private endOf(isLast: boolean, isTooLate: boolean): string | undefined {
    if (isLast) return 'gave_up'
    if (isTooLate) return 'no_time'
    return this.budget < 1 ? 'no_budget' : undefined
  }

  /** Between nothing and twice the average, so that callers that failed together do not come back together. */
  private waitAfter(attempt: number, options: RetryOptions): number {
    const { baseDelayMs, maxDelayMs } = { ...resilienceDefaults.retry, ...options }
    const most = Math.min(maxDelayMs, 2 * baseDelayMs * 2 ** (attempt - 1))
    return Math.floor(this.parts.random() * most)
  }
}
