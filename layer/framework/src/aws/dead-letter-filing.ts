import { systemClock } from '../clock/clock.ts'
import { createDynamoDbDatabase, type DynamoDbDatabaseOptions } from '../database/dynamodb/dynamodb-database.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { deadLetterCount } from '../events/delivery-table.ts'
import { fileDeadLetter } from '../events/file-dead-letter.ts'
import { createLambdaObservability } from '../observability/lambda-observability.ts'
import { checkRecords } from './check-records.ts'
import { type QueueMessage, readMessage } from './dead-letter-message.ts'
import { mapIn } from './map-in.ts'
import { metricsNamespace } from './metrics-namespace.ts'

export interface DeadLetterFilingOptions {
  readonly dynamodb: Pick<DynamoDbDatabaseOptions, 'client' | 'commands'>
  /** Environment variables, as the service stack sets them. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface QueueEvent {
  readonly Records: readonly (QueueMessage & { readonly eventSourceARN: string })[]
}

/** Messages that stay in the queue (Lambda Developer Guide, "Implementing partial batch responses"). */
export interface QueueAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[]
}

/**
 * The function on the dead-letter queues of the services: files their messages in the table of deliveries, where they are listed and replayed. A message
 * leaves its queue when its row is committed; one that cannot be filed stays there, which the queue's alarm sees.
 * @throws {MmfError} `config_invalid` when the stack's variables are missing
 */
export async function createDeadLetterFiling({
  dynamodb,
  env,
}: DeadLetterFilingOptions): Promise<(event: QueueEvent) => Promise<QueueAnswer>> {
  const clock = systemClock
  const services = mapIn(env, 'MMF_DEAD_LETTERS')
  const declared = mapIn({ MMF_EVENT_ATTEMPTS: '{}', ...env }, 'MMF_EVENT_ATTEMPTS')
  const database = createDynamoDbDatabase({ ...dynamodb, clock, tableNames: mapIn(env, 'MMF_TABLES') })
  const { logger, metrics, flush } = await createLambdaObservability({
    kind: 'lambda',
    service: 'dead-letters',
    environment: env['MMF_ENVIRONMENT'] ?? '',
    namespace: metricsNamespace(env),
    tracing: false,
    clock,
  })

  async function file({ eventSourceARN, ...message }: QueueEvent['Records'][number]): Promise<void> {
    const queue = eventSourceARN.slice(eventSourceARN.lastIndexOf(':') + 1)
    const service = services[queue]
    if (service === undefined) throw new MmfError('config_invalid', { detail: `MMF_DEAD_LETTERS has no ${queue}` })
    const read = readMessage(service, message, declared)
    if (read.kind === 'unreadable') throw new MmfError('event_invalid', { detail: 'the message holds no event' })
    if (read.kind === 'schedule') return logger.warn('a scheduled run failed and is not repeated', { ...read })
    const { event, subscriber, attempts, lastError } = read.letter
    if (!(await fileDeadLetter({ database, clock }, read.letter))) return
    metrics.count(deadLetterCount, {})
    logger.error('an event became a dead letter', { eventId: event.id, subscriber, attempts, lastError })
  }

  return async event => {
    checkRecords(event, 'the dead-letter queues (SQS)', 'eventSourceARN')
    const { Records } = event
    const failed: string[] = []
    // One after the other: two messages may be about the same letter.
    for (const record of Records) {
      const { messageId } = record
      try {
        await file(record)
      } catch (error) {
        failed.push(messageId)
        logger.error('a dead letter could not be filed and stays in its queue', { messageId, error })
      }
    }
    await flush()
    return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) }
  }
}
