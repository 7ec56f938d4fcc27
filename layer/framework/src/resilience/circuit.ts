import {
  type CircuitBreakerPolicy,
  circuitBreaker,
  handleWhen,
  type IBackoffFactory,
  CircuitState as State,
} from 'cockatiel'
import { MmfError } from '../errors/mmf-error.ts'
import { FailureWindow } from './failure-window.ts'
import { isFailure } from './failures.ts'
import { type CircuitBreakerOptions, resilienceDefaults } from './options.ts'
import type { PolicyName, PolicyParts } from './policy-state.ts'
import type { CircuitStatus } from './resilience.ts'

const statuses: Readonly<Record<State, CircuitStatus>> = {
  [State.Closed]: 'closed',
  [State.Open]: 'open',
  [State.HalfOpen]: 'half_open',
  // Never set here: no code isolates a circuit.
  [State.Isolated]: 'open',
}

/** A circuit breaker: closed, open after failures, then half open for a few tries. While it is open nothing is called. */
export class Circuit {
  private readonly policy: CircuitBreakerPolicy
  private readonly about: PolicyName
  private readonly parts: PolicyParts
  private readonly openMs: number
  private readonly tries: number
  private openedAt = 0
  /** Calls let through since the circuit became half open. */
  private tried = 0

  constructor(about: PolicyName, options: CircuitBreakerOptions, parts: PolicyParts, onChange: () => void) {
    const defaults = resilienceDefaults.circuitBreaker
    const { failureThreshold, minimumCalls, windowSeconds, openSeconds, successThreshold } = { ...defaults, ...options }
    const { failureRate, when = isFailure } = options
    this.about = about
    this.parts = parts
    this.openMs = openSeconds * 1000
    this.tries = successThreshold
    const opens =
      failureRate === undefined
        ? (failures: number) => failures >= failureThreshold
        : (failures: number, calls: number) => calls >= minimumCalls && failures / calls >= failureRate
    this.policy = circuitBreaker(handleWhen(when), {
      halfOpenAfter: this.waiting(),
      breaker: new FailureWindow({ clock: parts.clock, windowMs: windowSeconds * 1000, opens }),
      halfOpenSampling: { calls: successThreshold, threshold: 0 },
    })
    this.policy.onStateChange(state => {
      if (state === State.Open) this.openedAt = this.now()
      if (state === State.HalfOpen) this.tried = 1
      const to = statuses[state]
      parts.metrics.count('mmf_circuit_transitions_total', { circuit: about.name, to })
      parts.logger[state === State.Open ? 'warn' : 'info']('a circuit changed', {
        circuit: about.name,
        key: about.key,
        to,
      })
      onChange()
    })
  }

  get status(): CircuitStatus {
    return statuses[this.policy.state]
  }

  /** @throws {MmfError} `circuit_open` without calling `work`; what the work throws */
  async execute<T>(work: () => Promise<T>): Promise<T> {
    if (this.policy.state === State.Open && this.remainingMs() > 0) throw this.refusal()
    if (this.policy.state === State.HalfOpen) {
      // The library lets later callers wait for the tries of a half-open circuit; here they get their answer at once.
      if (this.tried >= this.tries) throw this.refusal()
      this.tried += 1
    }
    return this.policy.execute(work)
  }

  private refusal(): MmfError {
    const { name } = this.about
    this.parts.metrics.count('mmf_resilience_refusals_total', { policy: 'circuit_breaker', name })
    const seconds = Math.max(1, Math.ceil(this.remainingMs() / 1000))
    return new MmfError('circuit_open', {
      detail: `${name} has failed too often; it is tried again in ${seconds} s`,
      headers: { 'retry-after': String(seconds) },
    })
  }

  private remainingMs(): number {
    const since = this.now() - this.openedAt
    // A clock that was set back does not keep the circuit open for longer.
    return since < 0 ? 0 : Math.max(0, this.openMs - since)
  }

  /** The library reads the machine's clock; the wait it is given is over exactly when ours says so. */
  private waiting(): IBackoffFactory<unknown> {
    const isOver = () => this.remainingMs() === 0
    const backoff = {
      get duration() {
        return isOver() ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
      },
      next: () => backoff,
    }
    return backoff
  }

  private now(): number {
    return this.parts.clock.now().getTime()
  }
}
