import type { SpanRecord, Trace } from '../observability/local-tracer.ts'

/**
 * A trace as text, one span a line, in the order they started:
 *
 * ```
 * Trace: certificate_validation_flow
 * ├── span: trust_chain_validation (trust_anchor)
 * └── span: revocation_status_check (certificate_validation)
 * ```
 *
 * In brackets the span's `service` tag. With `durations` each line ends with the milliseconds it took, or its error.
 */
export function traceTree({ root }: Trace, options: { readonly durations?: boolean } = {}): string {
  const durations = options.durations ?? false
  return [`Trace: ${root.name}${ending(root, durations)}`, ...branches(root.children, '', durations)].join('\n')
}

function branches(spans: readonly SpanRecord[], indent: string, durations: boolean): string[] {
  return spans.flatMap((span, index) => {
    const isLast = index === spans.length - 1
    const service = span.tags['service'] === undefined ? '' : ` (${span.tags['service']})`
    const line = `${indent}${isLast ? '└── ' : '├── '}span: ${span.name}${service}${ending(span, durations)}`
    return [line, ...branches(span.children, `${indent}${isLast ? '    ' : '│   '}`, durations)]
  })
}

function ending({ status, durationMs, error }: SpanRecord, durations: boolean): string {
  if (!durations) return ''
  const outcome = status === 'error' ? ` ✗ ${error?.code ?? error?.name}` : ''
  return durationMs === undefined ? ' running' : ` ${durationMs.toFixed(1)} ms${outcome}`
}
