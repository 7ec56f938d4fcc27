import type { Database, Page, PlatformWrite } from '../database/database.ts'
import { unlessConflict } from '../database/unless-conflict.ts'
import { remove, update } from '../database/write.ts'
import { defined } from '../defined.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { type Delivery, deadQueue, deliveryTable, dueQueue } from './delivery-table.ts'
import type { CloudEvent } from './events.ts'
import { readCloudEvent } from './read-cloud-event.ts'
import { after, defaultRetentionSeconds, expiry, type RelayEnvironment } from './relay-environment.ts'
import { forget, outboxSubscriber, requeue } from './set-aside.ts'

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

interface LetterKey {
  readonly eventId: string
  readonly subscriber: string
}

export interface DeadLetters {
  /** The longest dead first. `limit` is 1–1000, default 100. */
  list(options?: { limit?: number | undefined; cursor?: string | undefined }): Promise<Page<DeadLetter>>
  /** Delivers it again, with all attempts anew. `also` is written exactly when it is done. @throws {MmfError} `not_found`; `service_unavailable`: it is still a dead letter then */
  replay(letter: LetterKey, also?: readonly PlatformWrite[]): Promise<void>
  /** Forgets it. @throws {MmfError} `not_found` */
  discard(letter: LetterKey, also?: readonly PlatformWrite[]): Promise<void>
}

/** Hands an event to a subscriber, with all attempts anew, and answers once it is kept there. @throws {MmfError} `service_unavailable` */
export type Redeliver = (subscriber: string, event: CloudEvent) => Promise<void>

export interface DeadLettersOptions extends Pick<RelayEnvironment, 'database' | 'clock'> {
  /** Where another than the embedded relay delivers (AWS). Without it the relay finds the event due again. */
  readonly redeliver?: Redeliver
}

/** The dead letters in the table of deliveries, of the embedded relay and of AWS alike. */
export function createDeadLetters(env: DeadLettersOptions): DeadLetters {
  const { database, redeliver } = env
  const when = { status: 'dead' }
  return {
    async list(options = {}) {
      const page = await database.query(deliveryTable, {
        index: 'due',
        partition: deadQueue,
        unreadable: 'report',
        ...options,
      })
      return { ...page, rows: page.rows.map(toLetter) }
    },
    async replay({ eventId, subscriber }, also = []) {
      if (subscriber === outboxSubscriber) return requeue(env, await deadRow(database, { eventId, subscriber }), also)
      if (redeliver !== undefined) return handOver(env, redeliver, { eventId, subscriber }, also)
      const changes = { status: 'pending', queue: dueQueue(subscriber), dueAt: after(env, 0), attempts: 0 } as const
      await orNotFound(database, [update(deliveryTable, { eventId, subscriber }, changes, { when }), ...also])
    },
    async discard({ eventId, subscriber }, also = []) {
      if (subscriber === outboxSubscriber) {
        await deadRow(database, { eventId, subscriber })
        return forget(database, { eventId, subscriber }, also)
      }
      await orNotFound(database, [remove(deliveryTable, { eventId, subscriber }, { when }), ...also])
    },
  }
}

/**
 * Hands the event over first and marks it then: a process that dies in between has delivered it twice, never lost it. Where it failed again meanwhile,
 * it has been filed anew and stays as that.
 */
async function handOver(
  env: DeadLettersOptions,
  redeliver: Redeliver,
  key: LetterKey,
  also: readonly PlatformWrite[],
): Promise<void> {
  const row = await deadRow(env.database, key)
  await redeliver(key.subscriber, JSON.parse(row.event) as CloudEvent)
  const expires = expiry({ clock: env.clock, retentionSeconds: defaultRetentionSeconds })
  const changes = { status: 'delivered', queue: undefined, dueAt: undefined, expires } as unknown as Partial<Delivery>
  const { dueAt = '', filing } = row
  const when = { status: 'dead', dueAt, ...defined({ filing }) }
  await unlessConflict(env.database.transaction([update(deliveryTable, key, changes, { when }), ...also]))
}

async function deadRow(database: Database, key: { readonly eventId: string; readonly subscriber: string }) {
  const row = await database.get(deliveryTable, key)
  if (row?.status !== 'dead') throw noSuchLetter()
  return row
}

function toLetter({ eventId, event, subscriber, dueAt = '', attempts, lastError = '' }: Delivery): DeadLetter {
  const read = readCloudEvent(event) ?? unreadableEvent(eventId, dueAt)
  return { event: read, subscriber, deadSince: dueAt, attempts, lastError }
}

/** Stands for an event whose text is none. */
const unreadableEvent = (id: string, time: string): CloudEvent => ({
  specversion: '1.0',
  id,
  source: '/outbox',
  type: 'unreadable',
  time,
  datacontenttype: 'application/json',
  correlationid: '',
  data: null,
})

const noSuchLetter = () => new MmfError('not_found', { detail: 'no such dead letter' })

async function orNotFound(database: Database, writes: Parameters<Database['transaction']>[0]): Promise<void> {
  try {
    await database.transaction(writes)
  } catch (error) {
    const failed = isMmfError(error, 'database_conflict') ? error.members['failed'] : undefined
    if (Array.isArray(failed) && failed.includes(0)) throw noSuchLetter()
    throw error
  }
}
