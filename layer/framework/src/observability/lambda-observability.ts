import type { Clock } from '../clock/clock.ts'
import { createEmfMetrics } from './emf-metrics.ts'
import { standardOutput } from './line-sink.ts'
import { createLogLevels, defaultLevels, type LogLevels } from './log-levels.ts'
import type { Observability } from './observability.ts'
import { createPowertoolsLineWriter } from './powertools-line-writer.ts'
import { createSanitizer } from './sanitizer.ts'
import { createLogger } from './structured-logger.ts'
import { untraced } from './untraced.ts'
import { createXrayTracer } from './xray-tracer.ts'

export interface LambdaObservabilityOptions {
  readonly kind: 'lambda'
  readonly service: string
  readonly environment: string
  /** CloudWatch namespace of the metrics, e.g. `Marty/production`. */
  readonly namespace: string
  readonly clock: Clock
  /** Whether spans go to X-Ray. Without it the tracer is not even loaded. */
  readonly tracing: boolean
  /** Default `INFO` for everything; Lambda's own log level setting comes before them. */
  readonly levels?: LogLevels
}

/** Powertools' logger, embedded metrics and, when tracing is on, X-Ray spans. The start counts as cold until the first flush. */
export async function createLambdaObservability(options: LambdaObservabilityOptions): Promise<Observability> {
  const { service, environment, namespace, clock, tracing, levels = createLogLevels(defaultLevels) } = options
  let isCold = true
  const base = { service, environment }
  const writer = createPowertoolsLineWriter({ base, levels, isColdStart: () => isCold })
  const metrics = createEmfMetrics({ namespace, sink: standardOutput, clock })
  return {
    logger: createLogger(writer, createSanitizer()),
    metrics,
    tracer: tracing ? await createXrayTracer({ serviceName: service }) : untraced,
    flush() {
      isCold = false
      metrics.flush()
    },
  }
}
