import type { LogFields } from '../observability/observability.ts'
import { type Concern, concern } from './concern.ts'

export interface TraceOperationOptions {
  readonly operationName: string
  /** Tags of the span; default none. */
  readonly tags?: LogFields
  /** Adds the input to the span; bytes appear by length only. Default false. */
  readonly logInputs?: boolean
  /** Adds the output to the span; bytes appear by length only. Default false. */
  readonly logOutputs?: boolean
}

/** Longest text of an input or output in a span, in characters. */
const maxDescription = 1024

/** JSON with bytes replaced by their length, cut at `maxDescription`: documents never reach a trace. */
function describe(value: unknown): string {
  // The holder's own value is looked at, because a Buffer's toJSON has already run on `replaced`.
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, replaced) {
    const original = this[key]
    if (original instanceof Uint8Array) return `[${original.length} bytes]`
    return typeof original === 'bigint' ? String(original) : replaced
  })
  if (text === undefined) return 'undefined'
  return text.length > maxDescription ? `${text.slice(0, maxDescription)}…` : text
}

/** Runs the operation inside a span that is a child of the caller's span. */
export function traceOperation<Input, Output>(options: TraceOperationOptions): Concern<Input, Output> {
  const { operationName, tags = {}, logInputs = false, logOutputs = false } = options
  return concern({ trace: { operationName } }, (next, input, invocation) =>
    invocation.context.observability.tracer.span(
      operationName,
      tags,
      async span => {
        if (logInputs) span.setTag('input', describe(input))
        const output = await next(input, { ...invocation, call: { ...invocation.call, span } })
        if (logOutputs) span.setTag('output', describe(output))
        return output
      },
      invocation.call.span,
    ),
  )
}
