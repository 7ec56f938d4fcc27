import type { Database } from '../../database/database.ts'
import { unlessConflict } from '../../database/unless-conflict.ts'
import { update } from '../../database/write.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { backoff } from '../backoff.ts'
import { type Delivery, deadLetterCount, deadQueue, deliveryTable } from '../delivery-table.ts'
import type { CloudEvent } from '../events.ts'
import { after, expiry, type RelayEnvironment } from '../relay-environment.ts'
import type { Subscriber } from './subscriber.ts'

export type DeliveryOutcome = 'delivered' | 'retried' | 'dead' | 'lost'

const defaultAttempts = 3

/**
 * One attempt: take the lease, run the handler, record what came of it. `lost` means that another relay has it, or took it over meanwhile.
 */
export async function deliverEvent(
  env: RelayEnvironment,
  subscriber: Subscriber,
  due: Delivery,
): Promise<DeliveryOutcome> {
  const maxAttempts = subscriber.retryAttempts ?? defaultAttempts
  const leased = { ...due, attempts: due.attempts + 1, dueAt: after(env, env.leaseMs) }
  // The last attempt never came back: its process died or stalled. One more could do the same, for ever.
  if (due.attempts >= maxAttempts) return record(env, due, dead(env, due.lastError ?? 'attempt_lost'), 'dead')
  const taken = await change(env.database, due, { attempts: leased.attempts, dueAt: leased.dueAt })
  if (!taken) return 'lost'

  env.logger.debug('an attempt to deliver begins', () => ({
    eventId: due.eventId,
    subscriber: subscriber.name,
    attempt: leased.attempts,
    maxAttempts,
  }))
  const failure = await attempt(env, subscriber, leased)
  if (failure === undefined) {
    const delivered = { status: 'delivered', queue: undefined, dueAt: undefined, expires: expiry(env) } as const
    return record(env, leased, delivered, 'delivered')
  }
  const lastError = nameOf(failure)
  const { eventId, attempts } = leased
  const fields = { eventId, subscriber: subscriber.name, attempt: attempts, error: failure }
  if (attempts >= maxAttempts) {
    env.logger.error('an event became a dead letter', fields)
    return record(env, leased, dead(env, lastError), 'dead')
  }
  env.logger.warn('an event was not handled and will be delivered again', fields)
  const dueAt = after(env, backoff(env.backoff, attempts, env.random))
  return record(env, leased, { dueAt, lastError }, 'retried')
}

/** Runs the handler within the lease. Answers what it threw. */
async function attempt(env: RelayEnvironment, subscriber: Subscriber, { event, attempts }: Delivery): Promise<unknown> {
  const controller = new AbortController()
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new MmfError('deadline_exceeded', { detail: `an attempt has ${env.leaseMs} ms` })
    controller.abort(error)
    reject(error)
  }, env.leaseMs)
  try {
    const cloudEvent = JSON.parse(event) as CloudEvent
    if (subscriber.filter !== undefined && !subscriber.filter(cloudEvent)) return undefined
    const work = subscriber.handler(cloudEvent, { attempt: attempts, signal: controller.signal })
    await Promise.race([work, expired])
    return undefined
  } catch (error) {
    return error ?? new Error('thrown without a reason')
  } finally {
    clearTimeout(timer)
  }
}

function dead(env: RelayEnvironment, lastError: string): Partial<Delivery> {
  return { status: 'dead', queue: deadQueue, dueAt: after(env, 0), lastError }
}

async function record(
  env: RelayEnvironment,
  before: Delivery,
  changes: Changes,
  outcome: DeliveryOutcome,
): Promise<DeliveryOutcome> {
  if (await change(env.database, before, changes)) {
    if (outcome === 'dead') env.metrics?.count(deadLetterCount, {})
    return outcome
  }
  const { eventId, subscriber } = before
  env.logger.warn('an attempt outlived its lease; the event may be delivered twice', { eventId, subscriber })
  return 'lost'
}

type Changes = { readonly [Field in keyof Delivery]?: Delivery[Field] | undefined }

/** Changes the row if it is as it was read. */
function change(database: Database, before: Delivery, changes: Changes): Promise<boolean> {
  const { eventId, subscriber, dueAt = '', attempts } = before
  const when = { status: 'pending', dueAt, attempts }
  return unlessConflict(
    database.write(update(deliveryTable, { eventId, subscriber }, changes as Partial<Delivery>, { when })),
  )
}

/** The code or name of an error, which says enough for a list and holds no data. */
function nameOf(error: unknown): string {
  if (isMmfError(error)) return error.code
  return error instanceof Error ? error.name : typeof error
}
