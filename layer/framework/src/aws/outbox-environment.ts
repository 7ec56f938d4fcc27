import { systemClock } from '../clock/clock.ts'
import { createDynamoDbDatabase, type DynamoDbDatabaseOptions } from '../database/dynamodb/dynamodb-database.ts'
import { MmfError } from '../errors/mmf-error.ts'
import {
  createEventBridgePublisher,
  type EventBridgePublisherOptions,
} from '../events/eventbridge/eventbridge-publisher.ts'
import type { OutboxRelayOptions } from '../events/outbox/outbox-relay.ts'
import { createLambdaObservability } from '../observability/lambda-observability.ts'
import type { Observability } from '../observability/observability.ts'
import { mapIn } from './map-in.ts'
import { metricsNamespace } from './metrics-namespace.ts'

export interface OutboxFunctionOptions {
  readonly dynamodb: Pick<DynamoDbDatabaseOptions, 'client' | 'commands'>
  readonly eventbridge: Pick<EventBridgePublisherOptions, 'client' | 'commands'>
  /** Environment variables, as the service stack sets them. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface OutboxEnvironment extends OutboxRelayOptions {
  readonly observability: Observability
}

/**
 * What both functions of the outbox need: the outbox, the bus, and where to write what happened.
 * @throws {MmfError} `config_invalid` when the stack's variables are missing
 */
export async function outboxEnvironment(options: OutboxFunctionOptions, service: string): Promise<OutboxEnvironment> {
  const { dynamodb, eventbridge, env } = options
  const busName = env['MMF_EVENT_BUS']
  if (busName === undefined) throw new MmfError('config_invalid', { detail: 'MMF_EVENT_BUS is not set' })
  const clock = systemClock
  const tableNames = mapIn(env, 'MMF_TABLES')
  const observability = await createLambdaObservability({
    kind: 'lambda',
    service,
    environment: env['MMF_ENVIRONMENT'] ?? '',
    namespace: metricsNamespace(env),
    tracing: false,
    clock,
  })
  return {
    database: createDynamoDbDatabase({ ...dynamodb, clock, tableNames }),
    publisher: createEventBridgePublisher({ ...eventbridge, busName }),
    clock,
    logger: observability.logger,
    metrics: observability.metrics,
    observability,
  }
}
