import { MmfError } from '../../errors/mmf-error.ts'
import {
  type BulkheadOptions,
  type CircuitBreakerOptions,
  type RetryOptions,
  resilienceDefaults,
  type TimeoutOptions,
} from '../../resilience/options.ts'
import type { ResiliencePolicies } from '../../resilience/resilience.ts'
import { type Concern, concern, type Invocation, type Method } from '../operation/concern.ts'
import type { Declaration } from '../operation/declaration.ts'
import { checkNumber } from './check-option.ts'

const day = 86_400_000

/**
 * Gives the operation up after `timeoutMs` milliseconds; its signal aborts then. 503.
 * @throws {MmfError} `concern_invalid` when it is declared, `deadline_exceeded` when it runs
 */
export function timeout<Input, Output>(options: TimeoutOptions = {}): Concern<Input, Output> {
  const { timeoutMs } = { ...resilienceDefaults.timeout, ...options }
  checkNumber('timeout', 'timeoutMs', timeoutMs, { min: 1, max: day })
  return guarded({ timeout: { timeoutMs } }, { timeout: { timeoutMs } })
}

/**
 * Tries the operation again when it fails for a reason that may pass. It is refused where a second run may do harm; where `idempotent` is what makes it
 * harmless, only calls with an Idempotency-Key are tried again.
 * @throws {MmfError} `concern_invalid` when it is declared; what the last try throws
 */
export function retry<Input, Output>(options: RetryOptions = {}): Concern<Input, Output> {
  const { maxAttempts, baseDelayMs, maxDelayMs } = { ...resilienceDefaults.retry, ...options }
  checkNumber('retry', 'maxAttempts', maxAttempts, { min: 2, max: 10 })
  checkNumber('retry', 'baseDelayMs', baseDelayMs, { min: 1, max: day })
  checkNumber('retry', 'maxDelayMs', maxDelayMs, { min: baseDelayMs, max: day })
  return concern({ retry: { maxAttempts } }, (next, input, invocation) => {
    const { operation, call } = invocation
    const mayRepeat =
      operation?.repeatable === 'always' || (operation?.repeatable === 'with_key' && call.idempotency !== undefined)
    return mayRepeat ? run({ retry: options }, next, input, invocation) : next(input, invocation)
  })
}

/**
 * After repeated failures the operation is left alone for a while: 503 `circuit_open` with `retry-after`, and nothing runs.
 * @throws {MmfError} `concern_invalid` when it is declared, `circuit_open` when it runs
 */
export function circuitBreaker<Input, Output>(options: CircuitBreakerOptions = {}): Concern<Input, Output> {
  const all = { ...resilienceDefaults.circuitBreaker, ...options }
  const { failureRate, failureThreshold, minimumCalls, windowSeconds, openSeconds, successThreshold } = all
  if (failureRate !== undefined) {
    checkNumber('circuitBreaker', 'failureRate', failureRate, { min: 0.01, max: 1, whole: false })
    if (options.failureThreshold !== undefined) {
      throw new MmfError('concern_invalid', {
        detail: 'circuitBreaker: failureThreshold and failureRate exclude each other',
      })
    }
  }
  checkNumber('circuitBreaker', 'failureThreshold', failureThreshold, { min: 1, max: 10_000 })
  checkNumber('circuitBreaker', 'minimumCalls', minimumCalls, { min: 1, max: 10_000 })
  checkNumber('circuitBreaker', 'windowSeconds', windowSeconds, { min: 1, max: 86_400 })
  checkNumber('circuitBreaker', 'openSeconds', openSeconds, { min: 1, max: 86_400 })
  checkNumber('circuitBreaker', 'successThreshold', successThreshold, { min: 1, max: 100 })
  return guarded({ circuitBreaker: { openSeconds } }, { circuitBreaker: options })
}

/**
 * At most `maxConcurrent` runs of the operation at once in a process; the others wait for their turn, or get 503 `overloaded`.
 * @throws {MmfError} `concern_invalid` when it is declared, `overloaded` when it runs
 */
export function bulkhead<Input, Output>(options: BulkheadOptions = {}): Concern<Input, Output> {
  const { maxConcurrent, maxWaiting, maxWaitMs } = { ...resilienceDefaults.bulkhead, ...options }
  checkNumber('bulkhead', 'maxConcurrent', maxConcurrent, { min: 1, max: 10_000 })
  checkNumber('bulkhead', 'maxWaiting', maxWaiting, { min: 0, max: 100_000 })
  checkNumber('bulkhead', 'maxWaitMs', maxWaitMs, { min: 1, max: day })
  return guarded({ bulkhead: { maxConcurrent } }, { bulkhead: options })
}

function guarded<Input, Output>(declares: Declaration, policies: ResiliencePolicies): Concern<Input, Output> {
  return concern(declares, (next, input, invocation) => run(policies, next, input, invocation))
}

function run<Input, Output>(
  policies: ResiliencePolicies,
  next: Method<Input, Output>,
  input: Input,
  invocation: Invocation,
): Promise<Output> {
  const { context, call, operation } = invocation
  const work = (signal: AbortSignal) =>
    next(input, signal === call.signal ? invocation : { ...invocation, call: { ...call, signal } })
  return context.resilience.execute(operation?.name ?? 'method', policies, work, call)
}
