import type { Call, Principal } from '../contract/call.ts'
import { recordingObservability } from './recording-observability.ts'

/** A call for tests: authenticated as `tester` unless said otherwise; `principal: undefined` makes it anonymous. */
export function testCall(
  overrides: Partial<Omit<Call, 'principal'>> & { principal?: Partial<Principal> | undefined } = {},
): Call {
  const { principal, ...rest } = overrides
  const anonymous = 'principal' in overrides && principal === undefined
  const who: Principal = { subject: 'tester', roles: [], permissions: [], method: 'process', ...principal }
  return {
    correlationId: 'correlation-1',
    requestId: 'request-1',
    signal: new AbortController().signal,
    deadline: Number.MAX_SAFE_INTEGER,
    logger: recordingObservability().logger,
    ...rest,
    ...(anonymous ? {} : { principal: who }),
  }
}
