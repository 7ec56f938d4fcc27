import * as z from 'zod'
import { requiresAuth } from '../../contract/concerns/requires-auth.ts'
import { serviceScope } from '../../contract/operation/operation.ts'
import type { Operations } from '../../contract/service.ts'
import { defined } from '../../defined.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { SpanRecord, Trace } from '../../observability/local-tracer.ts'
import { platformAdministrator } from './platform-roles.ts'

const operation = serviceScope<unknown>()('platform', {})

const status = z.enum(['running', 'ok', 'error'])
const SpanSchema = z.strictObject({
  spanId: z.string(),
  parentId: z.optional(z.string()),
  name: z.string(),
  startedAt: z.string(),
  durationMs: z.optional(z.number()),
  status,
  tags: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  error: z.optional(z.strictObject({ name: z.string(), message: z.string(), code: z.optional(z.string()) })),
})
type FlatSpan = z.output<typeof SpanSchema>
const SummarySchema = z.strictObject({
  traceId: z.string(),
  name: z.string(),
  startedAt: z.string(),
  durationMs: z.optional(z.number()),
  status,
  spans: z.int(),
})

const role = { roles: [platformAdministrator] }

/** The traces that this process keeps: the newest, in memory. What several functions did in one trace is shown together. */
export function traceOperations(traces: () => readonly Trace[]): Operations {
  return {
    traces: operation({
      name: 'traces',
      description: 'The most recent traces of this process, newest first.',
      input: z.strictObject({}),
      output: z.strictObject({ traces: z.array(SummarySchema) }),
      http: { method: 'GET', path: '/traces' },
      concerns: [requiresAuth(role)],
      run: async () => ({ traces: [...Map.groupBy(traces(), ({ traceId }) => traceId)].map(summary).reverse() }),
    }),
    trace: operation({
      name: 'trace',
      description: 'The spans of one trace, each after the one above it, in the order they began.',
      input: z.strictObject({ traceId: z.string().max(64) }),
      output: z.strictObject({ traceId: z.string(), spans: z.array(SpanSchema) }),
      http: { method: 'GET', path: '/traces/{traceId}' },
      concerns: [requiresAuth(role)],
      async run({ traceId }) {
        const known = traces().filter(trace => trace.traceId === traceId)
        if (known.length === 0) throw new MmfError('not_found', { detail: 'no such trace is kept' })
        return { traceId, spans: spansOf(known) }
      },
    }),
  }
}

function summary([traceId, of]: readonly [string, readonly Trace[]]): z.output<typeof SummarySchema> {
  const spans = spansOf(of)
  const [first] = spans
  if (first === undefined) throw new TypeError('a trace has a span')
  const { name, startedAt, durationMs } = first
  const isBad = spans.some(span => span.status === 'error')
  const duration = durationMs === undefined ? {} : { durationMs }
  return { traceId, name, startedAt, ...duration, status: isBad ? 'error' : first.status, spans: spans.length }
}

/** All spans of a trace, depth first. What another function did hangs below the span that called it. */
function spansOf(traces: readonly Trace[]): FlatSpan[] {
  const all = traces.flatMap(({ root }) => flat(root))
  const known = new Set(all.map(({ spanId }) => spanId))
  const above = (span: FlatSpan) => (known.has(span.parentId ?? '') ? (span.parentId ?? '') : '')
  // By text: RFC 3339 in UTC with milliseconds. Sorting keeps the order of those that began within one.
  const below = Map.groupBy(
    all.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : Number(a.startedAt > b.startedAt))),
    above,
  )
  const from = (parent: string): FlatSpan[] => (below.get(parent) ?? []).flatMap(span => [span, ...from(span.spanId)])
  return from('')
}

function flat({ children, parentId, tags, ...span }: SpanRecord): FlatSpan[] {
  const own = { ...span, tags: { ...tags }, ...defined({ parentId }) }
  return [own, ...children.flatMap(flat)]
}
