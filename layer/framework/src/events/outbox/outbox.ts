import * as z from 'zod'
import type { Clock } from '../../clock/clock.ts'
import { type RowOf, table } from '../../database/table.ts'
import { insert, platformWrite } from '../../database/write.ts'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Ids } from '../../ids/ids.ts'
import { isIdentified, outgoingTrace } from '../../observability/trace-context.ts'
import { eventTypeOf } from '../event-type.ts'
import type { AnyEvent, CloudEvent, DataOf, Events } from '../events.ts'

/** Committed events. A row leaves the index when its event has been handed on, and the table when its retention is over. */
export const outboxTable = table({
  name: 'outbox',
  row: z.object({
    id: z.string(),
    status: z.enum(['pending', 'delivered']),
    /** `pending-0` … `pending-7` while pending: an index with one partition would limit how fast anyone can commit. */
    queue: z.optional(z.string()),
    /** RFC 3339; when it is to be handed on, or handed on again. */
    dueAt: z.optional(z.string()),
    /** How often handing it on was tried by the sweeper. */
    attempts: z.int(),
    /** The CloudEvent as JSON. */
    event: z.string(),
    deliveredAt: z.optional(z.string()),
    /** Seconds since 1970; only once it is delivered. */
    expires: z.optional(z.int()),
  }),
  partition: 'id',
  indexes: { pending: { partition: 'queue', sort: 'dueAt' } },
  ttl: 'expires',
})

export type OutboxRow = RowOf<typeof outboxTable>

const shards = 8

/** The queues in which pending rows lie. */
export const pendingQueues: readonly string[] = Array.from({ length: shards }, (_, i) => `pending-${i}`)

/** A PutEvents entry has at most 256 KB, its envelope included (EventBridge User Guide, "Calculating PutEvents event entry size"). */
const maxEventBytes = 240 * 1024

/** The events port of one service. */
export function createEvents(options: { plugin: string; service: string; clock: Clock; ids: Ids }): Events {
  const { plugin, service, clock, ids } = options
  return {
    outbox(event, data, { subject, correlationId, causationId, span }) {
      const time = clock.now().toISOString()
      const cloudEvent: CloudEvent = {
        specversion: '1.0',
        id: ids.next(),
        source: `/plugins/${plugin}/services/${service}`,
        type: eventTypeOf(plugin, event),
        time,
        ...defined({ subject }),
        datacontenttype: 'application/json',
        correlationid: correlationId,
        ...defined({
          causationid: causationId,
          traceparent: isIdentified(span) ? outgoingTrace(span).traceparent : undefined,
        }),
        data: wireData(event, data),
      }
      const text = JSON.stringify(cloudEvent)
      if (Buffer.byteLength(text) > maxEventBytes) {
        throw new MmfError('event_invalid', { detail: `${cloudEvent.type} has more than ${maxEventBytes} bytes` })
      }
      return platformWrite(insert(outboxTable, pendingRow(cloudEvent.id, time, text)))
    },
  }
}

/** A row that waits to be handed on. */
export function pendingRow(id: string, dueAt: string, event: string): OutboxRow {
  return { id, status: 'pending', queue: pendingQueues[shardOf(id)] ?? '', dueAt, attempts: 0, event }
}

/** The last hexadecimal digit of a UUID is random. */
function shardOf(id: string): number {
  const digit = Number.parseInt(id.slice(-1), 16)
  return Number.isNaN(digit) ? 0 : digit % shards
}

/** Data as it travels: checked against the declaration, codecs applied. */
function wireData<E extends AnyEvent>(event: E, data: DataOf<E>): unknown {
  const encoded = z.safeEncode(event.data, data)
  if (encoded.success) return encoded.data
  const paths = encoded.error.issues.map(issue => issue.path.join('.') || '(data)')
  throw new MmfError('event_invalid', { detail: `${event.name}.v${event.version}: ${paths.join(', ')}` })
}
