import { noteUnreadable } from '../../database/watch-reads.ts'
import { createDeadLetters, type DeadLetters } from '../dead-letters.ts'
import { type Delivery, deliveryTable, dueQueue } from '../delivery-table.ts'
import { oneByOne } from '../one-by-one.ts'
import { after, defaultRetentionSeconds, type RelayEnvironment } from '../relay-environment.ts'
import { setDeliveryAside } from '../set-aside.ts'
import { deliverEvent } from './deliver-event.ts'
import { dispatchEvents } from './dispatch-events.ts'
import type { Subscriber } from './subscriber.ts'

export interface RelayOptions extends Pick<RelayEnvironment, 'database' | 'clock' | 'logger' | 'metrics'> {
  readonly subscribers: readonly Subscriber[]
  /** Longest time one attempt may take, in milliseconds; default 30,000. A relay that stalls loses the event after it. */
  readonly leaseMs?: number
  /** Waits between attempts, in milliseconds; default 1,000 doubling up to 5 minutes, with full jitter. */
  readonly backoff?: RelayEnvironment['backoff']
  /** How long delivered events stay, in seconds; default 7 days. */
  readonly retentionSeconds?: number
  /** How often `start` looks for due events, in milliseconds; default 250. `wake` does not wait for it. */
  readonly pollMs?: number
  readonly random?: () => number
}

interface RelayReport {
  dispatched: number
  delivered: number
  retried: number
  dead: number
}

/** The embedded delivery of committed events: at least once, each subscriber apart from the others. */
export interface Relay {
  /** Delivers everything that is due now, and what becomes due by it. */
  runDue(): Promise<RelayReport>
  /** Looks for due events until `stop`. Does not keep the process alive by itself. */
  start(): void
  /** Looks at once: something was just committed. */
  wake(): void
  /** Takes up nothing more and resolves when what runs is finished and recorded. */
  stop(): Promise<void>
  readonly deadLetters: DeadLetters
}

/** A transaction has 100 writes: the outbox row and its deliveries. */
const maxSubscribers = 99

/**
 * Needs `outboxTable` and `deliveryTable` opened. Several relays may share a database.
 * @throws {TypeError} when two subscribers have one name, or there are more than 99
 */
export function createRelay(options: RelayOptions): Relay {
  const { subscribers, database, clock, logger, pollMs = 250 } = options
  if (new Set(subscribers.map(({ name }) => name)).size !== subscribers.length) {
    throw new TypeError('two subscribers have the same name')
  }
  if (subscribers.length > maxSubscribers) throw new TypeError(`more than ${maxSubscribers} subscribers`)
  const env: RelayEnvironment = {
    database,
    clock,
    logger,
    leaseMs: options.leaseMs ?? 30_000,
    backoff: options.backoff ?? { base: 1000, cap: 300_000 },
    metrics: options.metrics,
    retentionSeconds: options.retentionSeconds ?? defaultRetentionSeconds,
    random: options.random ?? Math.random,
  }
  const stopping = new AbortController()
  return {
    runDue: () => runDue(env, subscribers, stopping.signal),
    ...poll(env, subscribers, stopping, pollMs),
    deadLetters: createDeadLetters(env),
  }
}

async function runDue(env: RelayEnvironment, subscribers: readonly Subscriber[], stop: AbortSignal) {
  const report: RelayReport = { dispatched: 0, delivered: 0, retried: 0, dead: 0 }
  for (;;) {
    const dispatched = await dispatchEvents(env, subscribers)
    report.dispatched += dispatched
    const drained = await Promise.all(subscribers.map(subscriber => drain(env, subscriber, report, stop)))
    if (stop.aborted || (dispatched === 0 && drained.every(count => count === 0))) return report
  }
}

/** Works off what is due for one subscriber, `concurrency` at a time. Answers how many attempts came to an end. */
async function drain(env: RelayEnvironment, subscriber: Subscriber, report: RelayReport, stop: AbortSignal) {
  const due = { index: 'due', partition: dueQueue(subscriber.name), sort: { lte: after(env, 0) } } as const
  const { rows, unreadable = [] } = await env.database.query(deliveryTable, { ...due, unreadable: 'report' })
  noteUnreadable(env, unreadable)
  for (const { key, reason } of unreadable)
    await setDeliveryAside(env, key as Pick<Delivery, 'eventId' | 'subscriber'>, reason)
  const waiting = rows.values()
  let finished = 0
  const lane = async () => {
    for (const row of waiting) {
      if (stop.aborted) return
      const about = { loop: `relay ${subscriber.name}`, id: row.eventId }
      const outcome = await oneByOne(env, about, () => deliverEvent(env, subscriber, row))
      if (outcome === undefined || outcome === 'lost') continue
      finished += 1
      report[outcome] += 1
    }
  }
  // Every lane ends before an error is passed on, so that stopping can wait for all that runs.
  const lanes = await Promise.allSettled(Array.from({ length: subscriber.concurrency ?? 1 }, lane))
  for (const outcome of lanes) if (outcome.status === 'rejected') throw outcome.reason
  return finished
}

/** Runs each subscriber in a loop of its own: a slow one holds up no other. */
function poll(
  env: RelayEnvironment,
  subscribers: readonly Subscriber[],
  stopping: AbortController,
  pollMs: number,
): Pick<Relay, 'start' | 'wake' | 'stop'> {
  let loops: readonly Loop[] = []
  return {
    start() {
      if (loops.length > 0 || stopping.signal.aborted) return
      const report: RelayReport = { dispatched: 0, delivered: 0, retried: 0, dead: 0 }
      const drains = subscribers.map(subscriber =>
        createLoop(env, pollMs, () => drain(env, subscriber, report, stopping.signal)),
      )
      const dispatching = createLoop(env, pollMs, async () => {
        const count = await dispatchEvents(env, subscribers)
        if (count > 0) for (const loop of drains) loop.wake()
        return count
      })
      loops = [dispatching, ...drains]
    },
    wake() {
      loops[0]?.wake()
    },
    async stop() {
      stopping.abort()
      await Promise.all(loops.map(loop => loop.stop()))
    },
  }
}

interface Loop {
  wake(): void
  stop(): Promise<void>
}

/** Runs `work` again and again: at once while it finds something, after a pause when it does not, or when woken. */
function createLoop(env: RelayEnvironment, pollMs: number, work: () => Promise<number>): Loop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let again = false
  let stopped = false

  async function run(): Promise<void> {
    do {
      again = false
      try {
        if ((await work()) > 0) again = true
      } catch (error) {
        env.logger.error('the event relay could not work and will try again', { error })
      }
    } while (again && !stopped)
    running = undefined
    if (!stopped) timer = setTimeout(begin, pollMs).unref()
  }
  function begin(): void {
    clearTimeout(timer)
    if (stopped) return
    if (running === undefined) running = run()
    else again = true
  }
  begin()
  return {
    wake: begin,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
