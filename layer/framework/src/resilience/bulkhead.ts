import { type BulkheadPolicy, bulkhead, isBulkheadRejectedError, isTaskCancelledError } from 'cockatiel'
import { MmfError } from '../errors/mmf-error.ts'
import { type BulkheadOptions, resilienceDefaults } from './options.ts'
import type { PolicyName, PolicyParts } from './policy-state.ts'

/** At most so many pieces of work at once; a bounded number of others waits for a bounded time, the rest is refused. */
export class Bulkhead {
  private readonly policy: BulkheadPolicy
  private readonly about: PolicyName
  private readonly parts: PolicyParts
  private readonly maxConcurrent: number
  private readonly maxWaitMs: number

  constructor(about: PolicyName, options: BulkheadOptions, parts: PolicyParts) {
    const { maxConcurrent, maxWaiting, maxWaitMs } = { ...resilienceDefaults.bulkhead, ...options }
    this.about = about
    this.parts = parts
    this.maxConcurrent = maxConcurrent
    this.maxWaitMs = maxWaitMs
    this.policy = bulkhead(maxConcurrent, maxWaiting)
  }

  /** @throws {MmfError} `overloaded` without calling `work`, `deadline_exceeded` when the signal aborts while it waits; what the work throws */
  async execute<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const wait = new AbortController()
    const giveUp = Promise.withResolvers<never>()
    const stop = (error: MmfError) => {
      wait.abort()
      giveUp.reject(error)
    }
    const timer = setTimeout(() => stop(this.refusal('no turn in time')), this.maxWaitMs)
    const onAbort = () => stop(new MmfError('deadline_exceeded', { cause: signal.reason }))
    signal.addEventListener('abort', onAbort, { once: true })
    const endWait = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    const run = this.policy.execute(async () => {
      endWait()
      this.show()
      return work()
    }, wait.signal)
    try {
      return await Promise.race([run, giveUp.promise])
    } catch (error) {
      if (isBulkheadRejectedError(error)) throw this.refusal('too many wait')
      if (isTaskCancelledError(error)) throw new MmfError('deadline_exceeded', { cause: error })
      throw error
    } finally {
      endWait()
      this.show()
    }
  }

  private refusal(why: string): MmfError {
    const { name } = this.about
    this.parts.metrics.count('mmf_resilience_refusals_total', { policy: 'bulkhead', name })
    return new MmfError('overloaded', { detail: `${name}: ${this.maxConcurrent} at once, ${why}` })
  }

  private show(): void {
    const used = this.maxConcurrent - this.policy.executionSlots
    this.parts.metrics.gauge('mmf_bulkhead_in_flight', { name: this.about.name }, used)
  }
}
