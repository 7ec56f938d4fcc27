import { isMmfError } from '../errors/mmf-error.ts'

/** Codes that say no to this process or to this request, not that a dependency fails: trying again at once would only add to the load. */
const ownRefusals = new Set(['circuit_open', 'overloaded', 'shutting_down', 'deadline_exceeded', 'quota_exceeded'])

/** Whether the same work may succeed when it is tried again: errors of the catalogue that are retryable and no refusal of a client (status 500 and above). */
export function mayPass(error: unknown): boolean {
  return isMmfError(error) && error.entry.retryable && error.entry.status >= 500 && !ownRefusals.has(error.code)
}

/**
 * Whether the error says that what was called fails: anything but an answer of its own (status below 500) and a refusal of this process. What took
 * longer than the caller had counts as a failure.
 */
export function isFailure(error: unknown): boolean {
  if (!isMmfError(error)) return true
  return error.code === 'deadline_exceeded' || (error.entry.status >= 500 && !ownRefusals.has(error.code))
}
