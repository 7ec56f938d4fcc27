import { MmfError } from '../errors/mmf-error.ts'
import { isCloudEvent, isQueueDeliveries } from './deliveries.ts'

/** What a function takes. */
export type EventKind = 'http' | 'call' | 'schedule' | 'event' | 'deliveries' | 'health' | 'ready'

/** Another shape. `answered`: its sender turns what the function returns into an HTTP answer, so that the refusal can be one. */
export interface ForeignEvent {
  readonly shape: string
  readonly answered: boolean
}

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (isMembers(inner) ? inner[name] : undefined), value)
const isText = (value: unknown): value is string => typeof value === 'string'

/** Shapes that functions get by a wrong trigger, from the most telling on. What is in none of these rows is unknown. */
const foreign: readonly (ForeignEvent & { readonly is: (event: Members) => boolean })[] = [
  // An authorizer's answer is a decision: it must not be what an operation says.
  {
    shape: 'an authorizer request',
    answered: false,
    is: event => isText(event['type']) && ('routeArn' in event || 'methodArn' in event),
  },
  {
    shape: 'an Application Load Balancer request',
    answered: true,
    is: event => at(event, 'requestContext', 'elb') !== undefined,
  },
  {
    shape: 'a WebSocket API request',
    answered: true,
    is: event => isText(at(event, 'requestContext', 'connectionId')),
  },
  {
    shape: 'an API Gateway request of payload format 1.0',
    answered: true,
    is: event => event['version'] === '1.0' || (isText(event['httpMethod']) && isMembers(event['requestContext'])),
  },
  {
    shape: 'an HTTP API request that is not whole',
    answered: true,
    is: event =>
      isText(at(event, 'requestContext', 'http', 'method')) || (event['version'] === '2.0' && 'rawPath' in event),
  },
  // For a queue or a stream, returning means that its records are dealt with.
  { shape: 'records', answered: false, is: event => Array.isArray(event['Records']) || 'records' in event },
  { shape: 'an EventBridge event of another application', answered: false, is: event => 'detail-type' in event },
]

/** What kind of event this is, from its shape: of whole ones of our kinds, its kind; else what it looks like. */
export function eventKind(event: unknown): EventKind | ForeignEvent {
  if (!isMembers(event))
    return { shape: event === null ? 'null' : `a ${Array.isArray(event) ? 'list' : typeof event}`, answered: false }
  const { mmf } = event
  if (mmf === 'call' && isText(event['service']) && isText(event['operation'])) return 'call'
  if (mmf === 'health' || mmf === 'ready') return mmf
  if (mmf === 'schedule' && isText(event['operation'])) return 'schedule'
  if (mmf === undefined && isCloudEvent(event)) return 'event'
  if (mmf === undefined && isQueueDeliveries(event)) return 'deliveries'
  const found = mmf === undefined ? foreign.find(({ is }) => is(event)) : undefined
  const isHttp = found === undefined || found.shape.startsWith('an HTTP API')
  if (mmf === undefined && isHttp && isWholeRequest(event)) return 'http'
  if (found === undefined)
    return { shape: Object.keys(event).length === 0 ? 'an empty event' : 'an unknown shape', answered: false }
  return { shape: found.shape === 'records' ? recordsShape(event) : found.shape, answered: found.answered }
}

/** What the stack reads of payload format 2.0. */
function isWholeRequest(event: Members): boolean {
  const { rawPath, headers, body, rawQueryString, requestContext } = event
  const isWhole =
    event['version'] === '2.0' &&
    isText(rawPath) &&
    rawPath.startsWith('/') &&
    isText(rawQueryString) &&
    isMembers(headers) &&
    Object.values(headers).every(isText) &&
    (body === undefined || body === null || isText(body))
  return isWhole && isText(at(requestContext, 'http', 'method')) && isText(at(requestContext, 'requestId'))
}

function recordsShape(event: Members): string {
  const records = event['Records'] ?? event['records']
  const [first] = Array.isArray(records) ? records : []
  const source = at(first, 'eventSource') ?? at(first, 'EventSource') ?? event['eventSource']
  // A name that AWS gives; anything else in the event stays out of the log.
  return isText(source) && /^aws:[\w:-]{1,40}$/.test(source) ? `records of ${source}` : 'records of some source'
}

/** The refusal, in words for who set the trigger up. */
export function unsupportedEvent({ shape }: ForeignEvent): MmfError {
  const expected =
    'expected: an HTTP API request in payload format 2.0 (API Gateway, function URL), an event of this platform (EventBridge, its queues), or a call by one of its functions or schedules'
  return new MmfError('event_unsupported', { detail: `received ${shape}; ${expected}` })
}
