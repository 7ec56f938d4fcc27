import type { Database, UnreadableRow } from '../../database/database.ts'
import type { CloudEvent } from '../events.ts'
import { readCloudEvent } from '../read-cloud-event.ts'
import { type OutboxRow, outboxTable, pendingQueues } from './outbox.ts'

/** An event that is committed and was not handed on yet. */
interface WaitingEvent {
  readonly event: CloudEvent
  /** RFC 3339: when it is handed on, or handed on again. */
  readonly dueAt: string
  /** How often the sweeper tried. */
  readonly attempts: number
}

export interface WaitingEvents {
  /** Those that are due first, at most `limit` of 1–100. Data of an event is not for operators: it stays in the row. */
  list(options: { readonly limit: number }): Promise<{
    readonly events: readonly WaitingEvent[]
    /** Whether others wait behind them. */
    readonly more: boolean
    readonly unreadable: readonly UnreadableRow[]
  }>
}

/** The events in the queues of the outbox. A row that holds no event is named, and hides no other. */
export function createWaitingEvents({ database }: { readonly database: Database }): WaitingEvents {
  return {
    async list({ limit }) {
      const pages = await Promise.all(
        pendingQueues.map(partition =>
          database.query(outboxTable, { index: 'pending', partition, limit, unreadable: 'report' }),
        ),
      )
      const rows = pages.flatMap(page => page.rows).toSorted(byDue)
      const events = rows.slice(0, limit).flatMap(waiting)
      const more = rows.length > limit || pages.some(({ cursor }) => cursor !== undefined)
      return { events, more, unreadable: pages.flatMap(({ unreadable = [] }) => unreadable) }
    },
  }
}

const byDue = (a: OutboxRow, b: OutboxRow): number => {
  const [left, right] = [a.dueAt ?? '', b.dueAt ?? '']
  if (left !== right) return left < right ? -1 : 1
  return a.id < b.id ? -1 : 1
}

function waiting({ event: text, dueAt = '', attempts }: OutboxRow): readonly WaitingEvent[] {
  const event = readCloudEvent(text)
  return event === undefined ? [] : [{ event, dueAt, attempts }]
}
