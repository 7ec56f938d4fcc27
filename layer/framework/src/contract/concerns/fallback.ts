import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { type Concern, concern, type Invocation } from '../operation/concern.ts'

export interface FallbackOptions<Input, Output> {
  /** The answer instead. Never a "valid" that was not proven. */
  readonly to: (failure: { input: Input; error: unknown; invocation: Invocation }) => Output | Promise<Output>
  /** Errors that it stands in for; default: those of status 500 and above that are retryable, such as `circuit_open`, `database_unavailable`. */
  readonly when?: (error: unknown) => boolean
}

/** Not for a mistake in the code, which a fallback would hide, and never for a refusal. */
const isUnavailable = (error: unknown): boolean =>
  isMmfError(error) && error.entry.retryable && error.entry.status >= 500

/**
 * Another answer where the operation cannot give its own. It is logged and counted as `mmf_fallbacks_total`; refusals (status below 500) always stand.
 * @throws {MmfError} `concern_invalid` when it is declared
 */
export function fallback<Input, Output>(options: FallbackOptions<Input, Output>): Concern<Input, Output> {
  const { to, when = isUnavailable } = options
  if (typeof to !== 'function') throw new MmfError('concern_invalid', { detail: 'fallback: to must be a function' })
  return concern({ fallback: true }, async (next, input, invocation) => {
    try {
      return await next(input, invocation)
    } catch (error) {
      const isRefusal = isMmfError(error) && error.entry.status < 500
      if (isRefusal || !when(error)) throw error
      const { call, context, operation } = invocation
      const name = `${context.plugin.name}.${operation?.service ?? ''}.${operation?.name ?? 'method'}`
      context.observability.metrics.count('mmf_fallbacks_total', { name })
      call.logger.warn('a fallback answers', { operation: name, error })
      return to({ input, error, invocation })
    }
  })
}
