import { isTaskCancelledError, TimeoutStrategy, timeout } from 'cockatiel'
import { MmfError } from '../errors/mmf-error.ts'
import { resilienceDefaults, type TimeoutOptions } from './options.ts'
import type { PolicyName, PolicyParts } from './policy-state.ts'

/**
 * Answers after the time is over, whether the work listens to its signal or not.
 * @throws {MmfError} `deadline_exceeded`; what the work throws
 */
export async function withTimeout<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  { timeoutMs = resilienceDefaults.timeout.timeoutMs }: TimeoutOptions,
  { name, parts }: { readonly name: PolicyName['name']; readonly parts: PolicyParts },
): Promise<T> {
  try {
    return await timeout(timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false }).execute(
      ({ signal: limited }) => work(limited),
      signal,
    )
  } catch (error) {
    if (!isTaskCancelledError(error)) throw error
    if (signal.aborted) throw new MmfError('deadline_exceeded', { cause: signal.reason })
    parts.metrics.count('mmf_resilience_refusals_total', { policy: 'timeout', name })
    throw new MmfError('deadline_exceeded', { detail: `${name} took longer than ${timeoutMs} ms` })
  }
}
