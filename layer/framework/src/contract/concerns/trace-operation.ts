import type { LogFields, Span } from '../../observability/observability.ts'
import { createSanitizer, type Sanitizer } from '../../observability/sanitizer.ts'
import { type Concern, concern } from '../operation/concern.ts'

export interface TraceOperationOptions {
  readonly operationName: string
  /** Tags of the span; default none. */
  readonly tags?: LogFields
  /** Adds the input to the span: secrets redacted by the names of fields, bytes by their length only. Default false. */
  readonly logInputs?: boolean
  /** Adds the output to the span, likewise. Default false. */
  readonly logOutputs?: boolean
}

/** Longest text of an input or output in a span, in characters. */
const maxDescription = 1024

/**
 * The value as JSON, cut at `maxDescription`. Secrets are redacted while it is still a value, by the names of its fields: in a text they could
 * only be guessed at. Bytes are replaced by their length, so documents never reach a trace.
 */
function describe(value: unknown, sanitizer: Sanitizer): string {
  const text = JSON.stringify(sanitizer.record({ value })['value'])
  if (text === undefined) return 'undefined'
  return text.length > maxDescription ? `${text.slice(0, maxDescription)}…` : text
}

const plain = (value: unknown, sanitizer: Sanitizer): string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : describe(value, sanitizer)

/** Runs the operation inside a span that is a child of the caller's span; that which the stack has opened for this operation is used. */
export function traceOperation<Input, Output>(options: TraceOperationOptions): Concern<Input, Output> {
  const { operationName, tags = {}, logInputs = false, logOutputs = false } = options
  const sanitizer = createSanitizer()
  return concern({ trace: { operationName } }, (next, input, invocation) => {
    const { call, context } = invocation
    const within = async (span: Span) => {
      if (logInputs) span.setTag('input', describe(input, sanitizer))
      const output = await next(input, { ...invocation, call: { ...call, span, tracedAs: undefined } })
      if (logOutputs) span.setTag('output', describe(output, sanitizer))
      return output
    }
    if (call.span === undefined || call.tracedAs !== operationName) {
      return context.observability.tracer.span(operationName, tags, within, call.span)
    }
    for (const [name, value] of Object.entries(tags)) call.span.setTag(name, plain(value, sanitizer))
    return within(call.span)
  })
}
