import { isMmfError } from '../errors/mmf-error.ts'
import type { Logger, Metrics } from '../observability/observability.ts'

/** Counts things that a loop could not deal with and left behind, by loop. */
export const leftBehind = 'mmf_left_behind_total'

/**
 * One piece of the work of a loop. What fails because of the piece itself is logged and counted, and the loop goes on with the next one; what would
 * fail for the next one too (a port that does not answer, a call that is over) is thrown. Answers undefined for a piece left behind.
 */
export async function oneByOne<T>(
  {
    logger,
    metrics,
  }: { readonly logger: Pick<Logger, 'error'>; readonly metrics?: Pick<Metrics, 'count'> | undefined },
  about: { readonly loop: string; readonly id: string },
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (concernsAll(error)) throw error
    logger.error('a piece of work failed and was left behind', { ...about, error })
    metrics?.count(leftBehind, {})
    return undefined
  }
}

/** Whether the next piece would fail just so. */
export function concernsAll(error: unknown): boolean {
  if (isMmfError(error)) return error.entry.status === 503
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}
