import type { Logger, Observability } from '../observability/observability.ts'

/** Writes out what was counted. What was done is done and answered for: a measurement that cannot be written is logged, and turns nothing into a failure. */
export async function flushMetrics(
  observability: Pick<Observability, 'flush'>,
  logger: Pick<Logger, 'error'>,
): Promise<void> {
  try {
    await observability.flush()
  } catch (error) {
    logger.error('the metrics were not flushed', { error })
  }
}
