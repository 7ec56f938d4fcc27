import { isMmfError, MmfError } from '../errors/mmf-error.ts'

/** @throws {MmfError} the reason of the signal, or `deadline_exceeded`, when it has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal)
}

export function abortError(signal: AbortSignal): MmfError {
  const reason: unknown = signal.reason
  return isMmfError(reason) ? reason : new MmfError('deadline_exceeded', { cause: reason })
}
