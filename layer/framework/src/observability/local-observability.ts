import type { Clock } from '../clock/clock.ts'
import { createJsonLineWriter } from './json-line-writer.ts'
import { type LineSink, standardOutput } from './line-sink.ts'
import { createLocalTracer, type LocalTracerOptions, type Trace } from './local-tracer.ts'
import { createLogLevels, defaultLevels, type LogLevels } from './log-levels.ts'
import type { Observability } from './observability.ts'
import { createPrometheusMetrics } from './prometheus-metrics.ts'
import { createSanitizer } from './sanitizer.ts'
import { createLogger } from './structured-logger.ts'

export interface LocalObservabilityOptions {
  readonly kind: 'local'
  readonly service: string
  readonly environment: string
  readonly clock: Clock
  /** Default `INFO` for everything. */
  readonly levels?: LogLevels
  /** Called with each span that ends. */
  readonly onSpan?: LocalTracerOptions['onEnd']
  /** Default: standard output. */
  readonly sink?: LineSink | undefined
}

export interface LocalObservability extends Observability {
  /** Prometheus text of this process. */
  metricsText(): string
  /** The most recent traces, oldest first. */
  traces(): readonly Trace[]
}

/** JSON lines, metrics and traces kept in this process, nothing sent anywhere. */
export function createLocalObservability(options: LocalObservabilityOptions): LocalObservability {
  const { service, environment, clock, levels = createLogLevels(defaultLevels), sink = standardOutput } = options
  const writer = createJsonLineWriter({ base: { service, environment }, clock, levels, sink })
  const metrics = createPrometheusMetrics()
  const tracer = createLocalTracer({ clock, onEnd: options.onSpan })
  return {
    logger: createLogger(writer, createSanitizer()),
    metrics,
    tracer,
    metricsText: () => metrics.text(),
    traces: () => tracer.traces(),
    flush() {},
  }
}
