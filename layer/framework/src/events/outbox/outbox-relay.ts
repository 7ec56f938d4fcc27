import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Clock } from '../../clock/clock.ts'
import { checkedTable, parseRow } from '../../database/checked-table.ts'
import type { Database } from '../../database/database.ts'
import { fromItem } from '../../database/dynamodb/dynamodb-attribute-value.ts'
import type { Logger, Metrics } from '../../observability/observability.ts'
import { defaultRetentionSeconds } from '../relay-environment.ts'
import { setAside } from '../set-aside.ts'
import { type OutboxRow, outboxTable } from './outbox.ts'
import { publishRows } from './publish-rows.ts'
import type { Publisher } from './publisher.ts'

export interface OutboxRelayOptions {
  readonly database: Database
  readonly publisher: Publisher
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics?: Pick<Metrics, 'count'>
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
 * Publishes what was just committed: records of the outbox's stream (new images) become events on the bus. A record that could not be published is
 * reported with its sequence number, so that Lambda delivers from there again; the others are done. One that never can be published, or cannot be read,
 * is set aside and reported only where that failed: it would hold up its shard.
 */
export function outboxRelay(options: OutboxRelayOptions): (event: StreamEvent) => Promise<StreamAnswer> {
  const env = { retentionSeconds: defaultRetentionSeconds, ...options }
  return async ({ Records }) => {
    const failed: string[] = []
    const rows = new Map<string, OutboxRow>()
    for (const { eventName, dynamodb: { SequenceNumber = '', NewImage } = {} } of Records) {
      if (eventName !== 'INSERT') continue
      const row = readRow(NewImage)
      if (row?.status === 'pending') rows.set(SequenceNumber, row)
      if (row !== undefined || (await setRecordAside(env, SequenceNumber, NewImage))) continue
      failed.push(SequenceNumber)
    }
    const unpublished = await publishRows(env, [...rows.values()])
    for (const [sequenceNumber, row] of rows) if (unpublished.failed.has(row.id)) failed.push(sequenceNumber)
    const published = rows.size - unpublished.failed.size - unpublished.setAside.size
    env.metrics?.count('mmf_outbox_published_total', {}, published)
    return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) }
  }
}

function readRow(image: object | undefined): OutboxRow | undefined {
  try {
    return parseRow(checkedTable(outboxTable), fromItem((image ?? {}) as Record<string, AttributeValue>)) as OutboxRow
  } catch {
    // The caller sets it aside, and says so.
    return undefined
  }
}

/** False: it could not be set aside now, so Lambda is to bring it again. */
async function setRecordAside(
  env: Parameters<typeof setAside>[0],
  sequenceNumber: string,
  image: object | undefined,
): Promise<boolean> {
  const { id, event } = (image ?? {}) as Record<string, AttributeValue | undefined>
  env.logger.error('a record of the outbox stream cannot be read', { sequenceNumber, eventId: id?.S })
  try {
    const known = id?.S === undefined || id.S === '' ? `stream:${sequenceNumber}` : id.S
    await setAside(env, { id: known, event: event?.S ?? JSON.stringify(image ?? null), reason: 'row_unreadable' })
    return true
  } catch (error) {
    env.logger.error('a record of the outbox stream could not be set aside', { sequenceNumber, error })
    return false
  }
}
