import { outboxRelay, type StreamAnswer, type StreamEvent } from '../events/outbox/outbox-relay.ts'
import { checkRecords } from './check-records.ts'
import { type OutboxFunctionOptions, outboxEnvironment } from './outbox-environment.ts'

/**
 * The function on the outbox's stream: what was committed goes onto the bus.
 * @throws {MmfError} `config_invalid` when the stack's variables are missing
 */
export async function createOutboxRelay(
  options: OutboxFunctionOptions,
): Promise<(event: StreamEvent) => Promise<StreamAnswer>> {
  const { observability, ...environment } = await outboxEnvironment(options, 'outbox-relay')
  const relay = outboxRelay(environment)
  return async event => {
    checkRecords(event, 'the DynamoDB stream of the outbox', 'dynamodb')
    const answer = await relay(event)
    await observability.flush()
    return answer
  }
}
