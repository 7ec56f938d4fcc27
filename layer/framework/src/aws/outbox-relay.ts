import { systemClock } from '../clock/clock.ts'
import { createDynamoDbDatabase, type DynamoDbDatabaseOptions } from '../database/dynamodb-database.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { createEventBridgePublisher, type EventBridgePublisherOptions } from '../events/eventbridge-publisher.ts'
import { createStreamRelay, type StreamAnswer, type StreamEvent } from '../events/stream-relay.ts'
import { createLambdaObservability } from '../observability/lambda-observability.ts'
import { mapIn } from './map-in.ts'

export interface OutboxRelayOptions {
  readonly dynamodb: Pick<DynamoDbDatabaseOptions, 'client' | 'commands'>
  readonly eventbridge: Pick<EventBridgePublisherOptions, 'client' | 'commands'>
  /** Environment variables, as the service stack sets them. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The function on the outbox's stream: what was committed goes onto the bus.
 * @throws {MmfError} `config_invalid` when the stack's variables are missing
 */
export async function createOutboxRelay(
  options: OutboxRelayOptions,
): Promise<(event: StreamEvent) => Promise<StreamAnswer>> {
  const { env } = options
  const busName = env['MMF_EVENT_BUS']
  if (busName === undefined) throw new MmfError('config_invalid', { detail: 'MMF_EVENT_BUS is not set' })
  const clock = systemClock
  const observability = await createLambdaObservability({
    kind: 'lambda',
    service: 'outbox-relay',
    environment: env['MMF_ENVIRONMENT'] ?? '',
    namespace: 'Marty',
    tracing: false,
    clock,
  })
  const relay = createStreamRelay({
    database: createDynamoDbDatabase({ ...options.dynamodb, clock, tableNames: mapIn(env, 'MMF_TABLES') }),
    publisher: createEventBridgePublisher({ ...options.eventbridge, busName }),
    clock,
    logger: observability.logger,
  })
  return async event => {
    const answer = await relay(event)
    observability.metrics.count(
      'mmf_outbox_published_total',
      {},
      event.Records.length - answer.batchItemFailures.length,
    )
    await observability.flush()
    return answer
  }
}
