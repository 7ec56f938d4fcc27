import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { Span, Tracer } from './observability.ts'
import { createSanitizer } from './sanitizer.ts'
import { createSpanTags, type SpanError, type SpanTags, spanError, type TagValue } from './span-tags.ts'
import { type IdentifiedSpan, isIdentified } from './trace-context.ts'

/** One finished or running span of a trace. */
export interface SpanRecord {
  readonly name: string
  readonly spanId: string
  /** The span above it; for the topmost one the caller's, if a caller was named. */
  readonly parentId: string | undefined
  readonly startedAt: string
  /** Milliseconds; absent while it runs. */
  readonly durationMs?: number
  readonly status: 'running' | 'ok' | 'error'
  readonly tags: Readonly<Record<string, TagValue>>
  readonly error?: SpanError
  readonly children: readonly SpanRecord[]
}

/** What happened for one request: the spans that have no other span of this process above them. */
export interface Trace {
  readonly traceId: string
  readonly root: SpanRecord
}

export interface LocalTracer extends Tracer {
  /** The most recent traces, oldest first. */
  traces(): readonly Trace[]
}

/** A span that has ended, without those below it. */
export interface EndedSpan extends Omit<SpanRecord, 'children'> {
  readonly traceId: string
}

export interface LocalTracerOptions {
  readonly clock: Clock
  /** Called with each span that ends. It must not throw, and not wait. */
  readonly onEnd?: ((span: EndedSpan) => void) | undefined
  /** Traces that are kept. Default 100. */
  readonly capacity?: number
}

/** Spans of one trace that are kept; further ones run unrecorded. */
const maxSpans = 1000

/**
 * Keeps the most recent traces in memory. Parents are passed, never looked up in the surroundings, so overlapping requests do not mix.
 */
export function createLocalTracer({ clock, capacity = 100, onEnd }: LocalTracerOptions): LocalTracer {
  const sanitizer = createSanitizer()
  const kept: LocalSpan[] = []

  function open(name: string, tags: Readonly<Record<string, unknown>>, parent: Span | undefined): LocalSpan {
    const span = new LocalSpan(sanitizer.text(name), createSpanTags(sanitizer, tags), clock.now(), parent)
    if (parent instanceof LocalSpan) parent.adopt(span)
    else if (kept.push(span) > capacity) kept.shift()
    return span
  }

  return {
    async span(name, tags, work, parent) {
      const span = open(name, tags, parent)
      try {
        const result = await work(span)
        span.end()
        return result
      } catch (error) {
        span.end(spanError(error, sanitizer))
        throw error
      } finally {
        onEnd?.(span.ended())
      }
    },
    traces: () => kept.map(span => ({ traceId: span.traceId, root: span.record() })),
  }
}

class LocalSpan implements IdentifiedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId = randomBytes(8).toString('hex')
  readonly sampled = true
  readonly #tags: SpanTags
  readonly #startedAt: Date
  readonly #started = performance.now()
  readonly #parentId: string | undefined
  readonly #children: LocalSpan[] = []
  /** Shared by all spans of a trace. */
  readonly #count: { spans: number }
  #durationMs: number | undefined
  #error: SpanError | undefined

  constructor(name: string, tags: SpanTags, startedAt: Date, parent: Span | undefined) {
    this.name = name
    this.#tags = tags
    this.#startedAt = startedAt
    this.#parentId = isIdentified(parent) ? parent.spanId : undefined
    this.traceId = isIdentified(parent) ? parent.traceId : randomBytes(16).toString('hex')
    this.#count = parent instanceof LocalSpan ? parent.#count : { spans: 1 }
  }

  setTag(key: string, value: TagValue): void {
    this.#tags.set(key, value)
  }

  adopt(child: LocalSpan): void {
    if (this.#count.spans >= maxSpans) return
    this.#count.spans += 1
    this.#children.push(child)
  }

  end(error?: SpanError): void {
    this.#durationMs = performance.now() - this.#started
    this.#error = error
  }

  record(): SpanRecord {
    const { traceId: _, ...own } = this.ended()
    return { ...own, children: this.#children.map(child => child.record()) }
  }

  ended(): EndedSpan {
    const ended = this.#error === undefined ? ('ok' as const) : ('error' as const)
    return {
      traceId: this.traceId,
      name: this.name,
      spanId: this.spanId,
      parentId: this.#parentId,
      startedAt: this.#startedAt.toISOString(),
      ...(this.#durationMs !== undefined && { durationMs: Math.round(this.#durationMs * 1000) / 1000 }),
      status: this.#durationMs === undefined ? 'running' : ended,
      tags: { ...this.#tags.all },
      ...(this.#error !== undefined && { error: this.#error }),
    }
  }
}
