import type { Labels } from '../../observability/observability.ts'
import { type Concern, concern, type Invocation } from '../operation/concern.ts'

export interface TrackMetricsOptions<Input, Output> {
  /** Without the plugin's prefix and without `_total`. */
  readonly metricName: string
  /** Static labels, or labels computed from the input and, after success, the output. */
  readonly labels?: Labels | ((outcome: { input: Input; output?: Output; error?: unknown }) => Labels)
  /** Record `<name>_duration_seconds`; default true. */
  readonly timing?: boolean
  /** Count `<name>_total`; default true. */
  readonly counter?: boolean
  /** Add `status` (`success` or `error`) to the counter; default true. */
  readonly status?: boolean
}

/** Counts and times each call as `<prefix>_<metricName>_total` and `<prefix>_<metricName>_duration_seconds`. */
export function trackMetrics<Input, Output>(options: TrackMetricsOptions<Input, Output>): Concern<Input, Output> {
  const { metricName, timing = true, counter = true, status = true } = options
  const labelsOf = (outcome: { input: Input; output?: Output; error?: unknown }): Labels =>
    typeof options.labels === 'function' ? options.labels(outcome) : (options.labels ?? {})

  function record(
    invocation: Invocation,
    started: number,
    outcome: { input: Input; output?: Output; error?: unknown },
  ) {
    const { metrics } = invocation.context.observability
    const name = `${invocation.context.plugin.metricPrefix}_${metricName}`
    const labels = { ...labelsOf(outcome), ...Object.fromEntries(invocation.labels) }
    if (counter) {
      const result = 'error' in outcome ? 'error' : 'success'
      metrics.count(`${name}_total`, status ? { ...labels, status: result } : labels)
    }
    if (timing) metrics.duration(`${name}_duration_seconds`, labels, (performance.now() - started) / 1000)
  }

  return concern({ metric: { metricName, timing, counter } }, async (next, input, invocation) => {
    const started = performance.now()
    let output: Output
    try {
      output = await next(input, invocation)
    } catch (error) {
      record(invocation, started, { input, error })
      throw error
    }
    record(invocation, started, { input, output })
    return output
  })
}
