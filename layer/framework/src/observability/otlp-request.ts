import { defined } from '../defined.ts'
import type { EndedSpan } from './local-tracer.ts'
import type { TagValue } from './span-tags.ts'

/** SpanKind and StatusCode of opentelemetry-proto. */
const kinds = { internal: 1, server: 2 } as const
const statusError = 2

/**
 * Spans as the JSON of an ExportTraceServiceRequest (OTLP 1.x, JSON Protobuf encoding): ids in hexadecimal, enumerations as integers, 64-bit integers as
 * decimal texts.
 */
export function otlpRequest(spans: readonly EndedSpan[], service: string): string {
  const resource = { attributes: [attribute('service.name', service)] }
  const scopeSpans = [{ scope: { name: 'mmf' }, spans: spans.map(spanOf) }]
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] })
}

function spanOf(span: EndedSpan): object {
  const { traceId, spanId, parentId, name, startedAt, durationMs = 0, tags, error } = span
  const start = BigInt(Date.parse(startedAt)) * 1_000_000n
  return {
    traceId,
    spanId,
    ...defined({ parentSpanId: parentId }),
    name,
    kind: 'trigger' in tags ? kinds.server : kinds.internal,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(Math.round(durationMs * 1_000_000))),
    attributes: [
      ...Object.entries(tags).map(([key, value]) => attribute(key, value)),
      ...(error === undefined ? [] : [attribute('error.type', error.code ?? error.name)]),
    ],
    status: error === undefined ? {} : { code: statusError, message: error.message },
  }
}

const attribute = (key: string, value: TagValue) => ({ key, value: anyValue(value) })

function anyValue(value: TagValue): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'string') return { stringValue: value }
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
