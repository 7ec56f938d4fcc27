import type { Span } from './observability.ts'

/** Where in which trace a request comes from. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, the same id in W3C and X-Ray notation. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits: the caller's span. */
  readonly spanId: string
  readonly sampled: boolean
}

/** A span of our own tracers: it can be named to others. */
export interface IdentifiedSpan extends Span {
  readonly spanId: string
  readonly sampled: boolean
}

// W3C Trace Context §3.2.2. A later version may carry more after a dash (§4.3); ff is forbidden.
const traceparent = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const xrayRoot = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/
const xrayParent = /^[0-9a-f]{16}$/

/** Headers are joined into one text; what is longer is no trace context. */
const maxHeader = 512

/** The context in a `traceparent` header (W3C Trace Context), or `undefined`: a bad header is ignored, as the standard wants. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  if (header === undefined || header.length > maxHeader) return undefined
  const [, version, traceId, spanId, flags = '00', rest] = traceparent.exec(header.trim()) ?? []
  if (traceId === undefined || spanId === undefined || (version === '00' && rest !== undefined)) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The context in an `X-Amzn-Trace-Id` header or the `_X_AMZN_TRACE_ID` variable, or `undefined` without root or parent. */
export function parseXrayTrace(header: string | undefined): TraceContext | undefined {
  if (header === undefined || header.length > maxHeader) return undefined
  const fields = new Map(
    header.split(';').map(field => {
      const [name = '', value = ''] = field.split('=', 2)
      return [name.trim().toLowerCase(), value.trim()] as const
    }),
  )
  const [, time, unique] = xrayRoot.exec(fields.get('root') ?? '') ?? []
  const spanId = fields.get('parent') ?? ''
  if (time === undefined || unique === undefined || !xrayParent.test(spanId)) return undefined
  return { traceId: `${time}${unique}`, spanId, sampled: fields.get('sampled') === '1' }
}

/** The context a request brings: `traceparent` before `x-amzn-trace-id`. Header names in lower case, as in payload-2.0 events. */
export function incomingTrace(headers: Readonly<Record<string, string | undefined>>): TraceContext | undefined {
  return parseTraceparent(headers['traceparent']) ?? parseXrayTrace(headers['x-amzn-trace-id'])
}

/** The headers that hand a span on to a service that is called. */
export function outgoingTrace(context: TraceContext): {
  readonly traceparent: string
  readonly 'x-amzn-trace-id': string
} {
  const { traceId, spanId, sampled } = context
  return {
    traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`,
    'x-amzn-trace-id': `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${sampled ? 1 : 0}`,
  }
}

/** The caller's span, to be the parent of ours. It is recorded elsewhere, so its tags are. */
export function remoteSpan({ traceId, spanId, sampled }: TraceContext): IdentifiedSpan {
  return { name: 'remote', traceId, spanId, sampled, setTag() {} }
}

/** Whether a span carries what a remote service needs to know of it. */
export function isIdentified(span: Span | undefined): span is IdentifiedSpan {
  return typeof (span as Partial<IdentifiedSpan> | undefined)?.spanId === 'string'
}
