import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../database/database.ts'
import { fromItem } from '../database/dynamodb-attribute-value.ts'
import type { Logger } from '../observability/observability.ts'
import { type OutboxRow, outboxTable } from './outbox.ts'
import { publishRows } from './publish-rows.ts'
import type { Publisher } from './publisher.ts'
import { defaultRetentionSeconds } from './relay-environment.ts'

export interface StreamRelayOptions {
  readonly database: Database
  readonly publisher: Publisher
  readonly clock: Clock
  readonly logger: Logger
  /** How long published rows stay, in seconds; default 7 days. */
  readonly retentionSeconds?: number
}

/** What Lambda hands over for a DynamoDB stream (Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB"). */
export interface StreamEvent {
  readonly Records: readonly {
    readonly eventName?: string
    readonly dynamodb?: { readonly SequenceNumber?: string; readonly NewImage?: object }
  }[]
}

export interface StreamAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[]
}

/**
 * Publishes what was just committed: records of the outbox's stream (new images) become events on the bus. A record that could not be published, or
 * cannot be read, is reported with its sequence number, so that Lambda delivers from there again; the others are done.
 */
export function createStreamRelay(options: StreamRelayOptions): (event: StreamEvent) => Promise<StreamAnswer> {
  const env = { retentionSeconds: defaultRetentionSeconds, ...options }
  return async ({ Records }) => {
    const failed: string[] = []
    const rows = new Map<string, OutboxRow>()
    for (const { eventName, dynamodb: { SequenceNumber = '', NewImage } = {} } of Records) {
      if (eventName !== 'INSERT') continue
      const row = readRow(NewImage)
      if (row === undefined) {
        env.logger.error('a record of the outbox stream cannot be read', { sequenceNumber: SequenceNumber })
        failed.push(SequenceNumber)
      } else if (row.status === 'pending') rows.set(SequenceNumber, row)
    }
    const unpublished = await publishRows(env, [...rows.values()])
    for (const [sequenceNumber, row] of rows) if (unpublished.has(row.id)) failed.push(sequenceNumber)
    return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) }
  }
}

function readRow(image: object | undefined): OutboxRow | undefined {
  const parsed = outboxTable.row.safeParse(fromItem((image ?? {}) as Record<string, AttributeValue>))
  return parsed.success ? parsed.data : undefined
}
