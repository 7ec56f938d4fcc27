import * as z from 'zod'
import type { CloudEvent } from '../events/events.ts'
import type { ArrivedLetter } from '../events/file-dead-letter.ts'

/** What Lambda hands over for an SQS queue (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export interface QueueMessage {
  readonly messageId: string
  readonly body: string
  readonly messageAttributes?: Readonly<Record<string, { readonly stringValue?: string }>>
}

/** What came out of a message of a dead-letter queue. */
export type ReadMessage =
  | { readonly kind: 'letter'; readonly letter: ArrivedLetter }
  /** A schedule's run. It is not repeated: its next one comes by itself, and an alarm rings until one succeeds. */
  | { readonly kind: 'schedule'; readonly operation: string }
  | { readonly kind: 'unreadable' }

const Delivered = z.looseObject({
  'detail-type': z.string(),
  detail: z.looseObject({
    specversion: z.literal('1.0'),
    id: z.string().check(z.regex(/./)),
    type: z.string(),
    time: z.string(),
  }),
})
const Schedule = z.looseObject({ mmf: z.literal('schedule'), operation: z.string() })
/** Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations". */
const Failed = z.looseObject({
  requestContext: z.looseObject({ condition: z.string(), approximateInvokeCount: z.optional(z.int()) }),
  requestPayload: z.unknown(),
  responsePayload: z.optional(z.nullable(z.looseObject({ errorType: z.optional(z.string()) }))),
})

/**
 * Reads what lies in the dead-letter queue of a service: an event that was delivered in vain as often as its handlers declare, one that EventBridge could
 * not deliver, or the record of an asynchronous call that the function failed on, with the event in it.
 * @param declared deliveries of an event by subscriber
 */
export function readMessage(
  service: string,
  { messageId, body, messageAttributes = {} }: QueueMessage,
  declared: Readonly<Record<string, string>> = {},
): ReadMessage {
  const content = parsed(body)
  const failed = Failed.safeParse(content)
  const payload = failed.success ? failed.data.requestPayload : content
  const schedule = Schedule.safeParse(payload)
  if (schedule.success) return { kind: 'schedule', operation: schedule.data.operation }
  const delivered = Delivered.safeParse(payload)
  if (!delivered.success) return { kind: 'unreadable' }
  const event = delivered.data.detail as unknown as CloudEvent
  const subscriber = subscriberOf(service, event.type)
  const attribute = (name: string) => messageAttributes[name]?.stringValue
  const code = attribute('ERROR_CODE')
  const { attempts, lastError } = failed.success
    ? {
        attempts: failed.data.requestContext.approximateInvokeCount ?? 1,
        lastError: failed.data.responsePayload?.errorType ?? failed.data.requestContext.condition,
      }
    : code === undefined
      ? { attempts: Number(declared[subscriber] ?? 1), lastError: 'RetriesExhausted' }
      : { attempts: Number(attribute('RETRY_ATTEMPTS') ?? 0) + 1, lastError: code }
  return {
    kind: 'letter',
    letter: {
      event,
      subscriber,
      attempts,
      lastError: word(lastError),
      filing: messageId,
    },
  }
}

/** One delivery per service and event type, as the subscriptions are made. */
const subscriberOf = (service: string, type: string): string => `${service}:${type}`

export const serviceOf = (subscriber: string): string => subscriber.slice(0, subscriber.indexOf(':'))

/** A code or a name, never a text, which could hold data. */
const word = (text: string): string => (/^[\w.]{1,100}$/.test(text) ? text : 'unknown')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is no JSON is none of the two, and readMessage says so.
    return undefined
  }
}
