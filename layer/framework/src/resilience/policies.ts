import { unlessAborted } from '../clock/unless-aborted.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { Bulkhead } from './bulkhead.ts'
import { Circuit } from './circuit.ts'
import type { PolicyName, PolicyParts } from './policy-state.ts'
import type { CircuitState, GuardedWork, ResiliencePolicies } from './resilience.ts'
import { Retry } from './retry.ts'
import { withTimeout } from './timeout.ts'

/** Keys of one name whose state is kept. Beyond it what was used longest ago begins anew: keys may come from strangers. */
const maxKeys = 1_000

interface Named {
  readonly about: PolicyName
  readonly options: Partial<Record<keyof ResiliencePolicies, string>>
  retry?: Retry
  circuit?: Circuit
  bulkhead?: Bulkhead
}

/** The state of all policies of a process. The one module that loads the library, so it is imported when the first policy is used. */
export class Policies {
  private readonly parts: PolicyParts
  private readonly states = new Map<string, Map<string, Named>>()

  constructor(parts: PolicyParts) {
    this.parts = parts
  }

  async execute<T>(
    name: string,
    policies: ResiliencePolicies,
    work: (signal: AbortSignal) => Promise<T>,
    about: GuardedWork,
  ): Promise<T> {
    const { signal } = about
    if (signal.aborted) throw new MmfError('deadline_exceeded', { cause: signal.reason })
    const state = this.stateOf({ name, key: about.key ?? '' })
    const { retry, circuitBreaker, bulkhead, timeout } = policies
    // Work that does not listen to the signal must not hold a turn or a half-open circuit for ever.
    let run = () => unlessAborted(work(signal), signal)
    if (timeout !== undefined) run = () => withTimeout(work, signal, timeout, { name, parts: this.parts })
    if (bulkhead !== undefined) {
      const inner = run
      const guard = this.known(state, 'bulkhead', bulkhead, () => new Bulkhead(state.about, bulkhead, this.parts))
      run = () => guard.execute(inner, signal)
    }
    if (circuitBreaker !== undefined) {
      const inner = run
      const make = () => new Circuit(state.about, circuitBreaker, this.parts, () => this.showOpen(name))
      const guard = this.known(state, 'circuitBreaker', circuitBreaker, make)
      run = () => guard.execute(inner)
    }
    if (retry === undefined) return run()
    const guard = this.known(state, 'retry', retry, () => new Retry(state.about, this.parts))
    return guard.execute(run, retry, about)
  }

  openCircuits(): readonly CircuitState[] {
    return [...this.states.values()]
      .flatMap(keys => [...keys.values()])
      .flatMap(({ about, circuit }) =>
        circuit === undefined || circuit.status === 'closed' ? [] : [{ ...about, status: circuit.status }],
      )
  }

  private stateOf(about: PolicyName): Named {
    const keys = this.states.get(about.name) ?? new Map<string, Named>()
    this.states.set(about.name, keys)
    const state = keys.get(about.key) ?? { about, options: {} }
    keys.delete(about.key)
    keys.set(about.key, state)
    const [oldest] = keys.keys()
    if (keys.size > maxKeys && oldest !== undefined) keys.delete(oldest)
    return state
  }

  private known<K extends 'retry' | 'circuitBreaker' | 'bulkhead', G>(
    state: Named,
    kind: K,
    options: object,
    make: () => G,
  ): G {
    const text = JSON.stringify(options)
    const known = state.options[kind]
    if (known !== undefined && known !== text) {
      throw new MmfError('concern_invalid', {
        detail: `${state.about.name}: one name, two ${kind} options: ${known} and ${text}`,
      })
    }
    state.options[kind] = text
    const slot = (kind === 'circuitBreaker' ? 'circuit' : kind) as 'retry'
    state[slot] ??= make() as never
    return state[slot] as G
  }

  private showOpen(name: string): void {
    const open = this.openCircuits().filter(circuit => circuit.name === name).length
    this.parts.metrics.gauge('mmf_circuits_open', { circuit: name }, open)
  }
}
