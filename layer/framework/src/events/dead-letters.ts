import type { Database, Page } from '../database/database.ts'
import { remove, update } from '../database/write.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { type Delivery, deadQueue, deliveryTable, dueQueue } from './delivery-table.ts'
import type { CloudEvent } from './events.ts'
import { after, type RelayEnvironment } from './relay-environment.ts'

/** An event that a subscriber failed on for the last time. It stays until it is replayed or discarded. */
export interface DeadLetter {
  readonly event: CloudEvent
  readonly subscriber: string
  /** RFC 3339 */
  readonly deadSince: string
  readonly attempts: number
  /** Code or name of the last error. */
  readonly lastError: string
}

export interface DeadLetters {
  /** The longest dead first. `limit` is 1–1000, default 100. */
  list(options?: { limit?: number; cursor?: string }): Promise<Page<DeadLetter>>
  /** Delivers it again, with all attempts anew. @throws {MmfError} `not_found` */
  replay(letter: { eventId: string; subscriber: string }): Promise<void>
  /** Forgets it. @throws {MmfError} `not_found` */
  discard(letter: { eventId: string; subscriber: string }): Promise<void>
}

export function createDeadLetters(env: Pick<RelayEnvironment, 'database' | 'clock'>): DeadLetters {
  const { database } = env
  const when = { status: 'dead' }
  return {
    async list(options = {}) {
      const page = await database.query(deliveryTable, { index: 'due', partition: deadQueue, ...options })
      return { ...page, rows: page.rows.map(toLetter) }
    },
    async replay({ eventId, subscriber }) {
      const changes = { status: 'pending', queue: dueQueue(subscriber), dueAt: after(env, 0), attempts: 0 } as const
      await orNotFound(database, update(deliveryTable, { eventId, subscriber }, changes, { when }))
    },
    async discard({ eventId, subscriber }) {
      await orNotFound(database, remove(deliveryTable, { eventId, subscriber }, { when }))
    },
  }
}

function toLetter({ event, subscriber, dueAt = '', attempts, lastError = '' }: Delivery): DeadLetter {
  return { event: JSON.parse(event) as CloudEvent, subscriber, deadSince: dueAt, attempts, lastError }
}

async function orNotFound(database: Database, write: Parameters<Database['write']>[0]): Promise<void> {
  try {
    await database.write(write)
  } catch (error) {
    if (isMmfError(error, 'database_conflict')) throw new MmfError('not_found', { detail: 'no such dead letter' })
    throw error
  }
}
