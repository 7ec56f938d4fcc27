import { setTimeout as delay } from 'node:timers/promises'
import type * as Sdk from '@aws-sdk/client-eventbridge'
import { defined } from '../../defined.ts'
import { outgoingTrace, parseTraceparent } from '../../observability/trace-context.ts'
import { backoff } from '../backoff.ts'
import type { CloudEvent } from '../events.ts'
import type { Publisher, PublishOutcome } from '../outbox/publisher.ts'

export interface EventBridgePublisherOptions {
  readonly client: Pick<Sdk.EventBridgeClient, 'send'>
  /** From the handler, whose bundle holds the one copy of the SDK. */
  readonly commands: Pick<typeof Sdk, 'PutEventsCommand'>
  readonly busName: string
  /** Tries per event in one call of `publish`; default 3. */
  readonly attempts?: number
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  readonly random?: () => number
}

type Entry = Sdk.PutEventsRequestEntry

/** PutEvents: 10 entries and 256 KB per request (EventBridge quotas). */
const maxEntries = 10
const maxBytes = 256 * 1024
const pauses = { base: 100, cap: 2000 }

/**
 * Publishes on an EventBridge bus: `Source` is the event's source, `DetailType` its type, `Detail` the whole CloudEvent. Requests that fail in part
 * are repeated for the entries that failed.
 */
export function createEventBridgePublisher(options: EventBridgePublisherOptions): Publisher {
  const { attempts = 3, sleep = defaultSleep, random = Math.random } = options
  return {
    async publish(events, { signal } = {}) {
      const outcomes: PublishOutcome[] = events.map(() => ({ published: false, reason: 'not_tried' }))
      let waiting = events.map((event, position) => ({ entry: toEntry(event, options.busName), position }))
      for (let attempt = 1; waiting.length > 0 && attempt <= attempts; attempt++) {
        if (attempt > 1) await sleep(backoff(pauses, attempt - 1, random), signal)
        for (const batch of batches(waiting)) {
          const results = await put(
            options,
            batch.map(({ entry }) => entry),
            signal,
          )
          batch.forEach(({ position }, i) => {
            outcomes[position] = results[i] ?? { published: false, reason: 'no_result' }
          })
        }
        waiting = waiting.filter(({ position }) => {
          const outcome = outcomes[position]
          return outcome?.published === false && outcome.permanent !== true
        })
      }
      return outcomes
    },
  }
}

/** Size of an entry as EventBridge counts it: 14 bytes for a time, and the UTF-8 bytes of source, detail type and detail. */
export function entrySize({ Time, Source = '', DetailType = '', Detail = '' }: Entry): number {
  const texts = Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail)
  return texts + (Time === undefined ? 0 : 14)
}

/** With the trace of who published it: EventBridge hands it to the queue, and Lambda's own segment goes on in it. */
function toEntry(event: CloudEvent, busName: string): Entry {
  const trace = parseTraceparent(event.traceparent)
  return {
    ...(trace === undefined ? {} : { TraceHeader: outgoingTrace(trace)['x-amzn-trace-id'] }),
    EventBusName: busName,
    Source: event.source,
    DetailType: event.type,
    Detail: JSON.stringify(event),
    Time: new Date(event.time),
  }
}

function batches<Item extends { readonly entry: Entry }>(items: readonly Item[]): Item[][] {
  const made: Item[][] = []
  let size = 0
  for (const item of items) {
    const bytes = entrySize(item.entry)
    const last = made.at(-1)
    if (last === undefined || last.length === maxEntries || size + bytes > maxBytes) {
      made.push([item])
      size = bytes
    } else {
      last.push(item)
      size += bytes
    }
  }
  return made
}

async function put(
  { client, commands }: Pick<EventBridgePublisherOptions, 'client' | 'commands'>,
  entries: Entry[],
  signal: AbortSignal | undefined,
): Promise<readonly PublishOutcome[]> {
  try {
    const command = new commands.PutEventsCommand({ Entries: entries })
    const answer = await client.send(command, defined({ abortSignal: signal }))
    return entries.map((_, i) => {
      const { EventId, ErrorCode } = answer.Entries?.[i] ?? {}
      return EventId !== undefined && ErrorCode === undefined
        ? { published: true }
        : refused(ErrorCode ?? 'no_event_id')
    })
  } catch (error) {
    if (signal?.aborted) throw error
    const reason = error instanceof Error ? error.name : 'no_answer'
    if (!permanent.has(reason) || entries.length === 1) return entries.map(() => refused(reason))
    // One entry had the whole request refused. Which one is found out by sending each alone.
    const alone: PublishOutcome[] = []
    for (const entry of entries) alone.push(...(await put({ client, commands }, [entry], signal)))
    return alone
  }
}

/** What is wrong with the entry itself (EventBridge API Reference, PutEvents), or keeps the SDK from writing it down. */
const permanent: ReadonlySet<string> = new Set([
  'InvalidArgument',
  'MalformedDetail',
  'PayloadTooLargeException',
  'RangeError',
  'SerializationException',
  'TypeError',
  'ValidationException',
])

const refused = (reason: string): PublishOutcome =>
  permanent.has(reason) ? { published: false, reason, permanent: true } : { published: false, reason }

async function defaultSleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal })
}
