import type { LambdaContext } from './lambda-types.ts'

/** Time kept back from Lambda's own limit, in milliseconds, to answer, log and flush. */
const reserveMs = 500

/** When this call gives up: a signal, and the moment in milliseconds since 1970. A caller's earlier deadline holds too. */
export function timeLeft(context: LambdaContext, callerDeadline = Number.POSITIVE_INFINITY) {
  const own = Math.floor(context.getRemainingTimeInMillis()) - reserveMs
  const remainingMs = Math.max(Math.min(own, callerDeadline - Date.now()), 1)
  return { signal: AbortSignal.timeout(Math.floor(remainingMs)), deadline: Date.now() + remainingMs }
}
