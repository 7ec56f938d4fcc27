import { outboxSweeper, type SweepReport } from '../events/outbox/outbox-sweeper.ts'
import { refuseRecords } from './check-records.ts'
import { type OutboxFunctionOptions, outboxEnvironment } from './outbox-environment.ts'

/**
 * The function that is called each minute: rows that the stream left behind go onto the bus. An event that cannot be published fails no
 * sweep; it stays, is counted and logged, and its turn comes again.
 * @throws {MmfError} `config_invalid` when the stack's variables are missing
 */
export async function createOutboxSweeper(
  options: OutboxFunctionOptions,
): Promise<(event?: unknown) => Promise<SweepReport>> {
  const { observability, ...environment } = await outboxEnvironment(options, 'outbox-sweeper')
  const sweep = outboxSweeper(environment)
  return async event => {
    refuseRecords(event)
    try {
      const report = await sweep()
      observability.metrics.count('mmf_outbox_swept_total', {}, report.published)
      observability.metrics.count('mmf_outbox_unpublished_total', {}, report.failed)
      return report
    } finally {
      await observability.flush()
    }
  }
}
