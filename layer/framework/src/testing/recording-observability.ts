import { defined } from '../defined.ts'
import type { Labels, LogFields, Logger, Observability, Span } from '../observability/observability.ts'
import { madeFields } from './recording-logger.ts'

export interface RecordedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

export interface RecordedSpan {
  readonly name: string
  readonly tags: Record<string, unknown>
  readonly parent: string | undefined
  readonly error: unknown
}

export interface RecordingObservability extends Observability {
  readonly lines: RecordedLine[]
  readonly spans: RecordedSpan[]
  /** Metrics as Prometheus would write them: `name{a="b"}` → sum of values; durations count their observations. */
  readonly counts: Map<string, number>
  readonly flushes: () => number
}

const series = (name: string, labels: Labels) =>
  `${name}{${Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`

/** Keeps everything that is logged, counted and traced, for tests to look at. */
export function recordingObservability(): RecordingObservability {
  const lines: RecordedLine[] = []
  const spans: RecordedSpan[] = []
  const counts = new Map<string, number>()
  let flushes = 0
  const add = (name: string, labels: Labels, value: number) => {
    counts.set(series(name, labels), (counts.get(series(name, labels)) ?? 0) + value)
  }
  const loggerWith = (base: LogFields): Logger => {
    const write =
      (level: RecordedLine['level']) =>
      (message: string, fields: LogFields | (() => LogFields) = {}) => {
        lines.push({ level, message, fields: { ...base, ...madeFields(fields) } })
      }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields, namespace) => loggerWith({ ...base, ...fields, ...defined({ namespace }) }),
    }
  }
  return {
    lines,
    spans,
    counts,
    flushes: () => flushes,
    logger: loggerWith({}),
    metrics: {
      count: (name, labels, value = 1) => add(name, labels, value),
      duration: (name, labels) => add(name, labels, 1),
      gauge: (name, labels, value) => void counts.set(series(name, labels), value),
    },
    tracer: {
      async span(name, tags, work, parent) {
        const recorded = { name, tags: { ...tags }, parent: parent?.name, error: undefined as unknown }
        spans.push(recorded)
        const span: Span = {
          name,
          traceId: 'trace',
          setTag: (key, value) => Object.assign(recorded.tags, { [key]: value }),
        }
        try {
          return await work(span)
        } catch (error) {
          recorded.error = error
          throw error
        }
      },
    },
    flush: () => {
      flushes += 1
    },
  }
}
