import type { Clock } from '../clock/clock.ts'
import type { LineSink } from './line-sink.ts'
import { checkedMeasurement, createSeriesRegistry, type MetricKind, type Series } from './metric-series.ts'
import type { Metrics } from './observability.ts'

export interface EmfMetricsOptions {
  /** The CloudWatch namespace, e.g. `Marty/production`. */
  readonly namespace: string
  readonly sink: LineSink
  readonly clock: Clock
}

/** Metrics that are written out when a request ends. */
export interface EmfMetrics extends Metrics {
  /** Writes what is buffered, one line per set of labels; nothing when there is nothing. */
  flush(): void
}

/** CloudWatch's bounds for one line: 100 metrics, 100 values of a metric (Embedded Metric Format specification). */
const maxMetrics = 100
const maxValues = 100
/** Label sets held back at most; then they are written without waiting for the request's end. */
const maxSets = 200

const units: Readonly<Record<MetricKind, string>> = { counter: 'Count', duration: 'Seconds', gauge: 'None' }

interface Pending {
  readonly series: Series
  values: number[]
}

/**
 * CloudWatch Embedded Metric Format: metrics as log lines, no API call. The labels of a metric are its dimensions, and no dimension is
 * added. Counters of the same labels are added up until the flush, durations kept one by one (CloudWatch computes percentiles from
 * them), gauges keep the last value. A flush writes the measurements of all requests; each is written exactly once.
 */
export function createEmfMetrics({ namespace, sink, clock }: EmfMetricsOptions): EmfMetrics {
  const registry = createSeriesRegistry()
  let sets = new Map<string, Map<string, Pending>>()

  function flush(): void {
    const written = sets
    sets = new Map()
    const timestamp = clock.now().getTime()
    for (const set of written.values()) sink(lineOf(namespace, timestamp, [...set.values()]))
  }

  /** The set of these labels, with room for one more metric. */
  function setFor({ labelKey }: Series): Map<string, Pending> {
    const found = sets.get(labelKey)
    if (found !== undefined && found.size < maxMetrics) return found
    if (found !== undefined || sets.size >= maxSets) flush()
    const made = new Map<string, Pending>()
    sets.set(labelKey, made)
    return made
  }

  function record(name: string, kind: MetricKind, labels: Readonly<Record<string, string>>, value: number): void {
    const series = registry.of(name, kind, labels)
    const pending = sets.get(series.labelKey)?.get(name)
    if (pending === undefined) setFor(series).set(name, { series, values: [value] })
    else if (kind === 'counter') pending.values = [(pending.values[0] ?? 0) + value]
    else if (kind === 'gauge') pending.values = [value]
    else if (pending.values.push(value) >= maxValues) flush()
  }

  return {
    count: (name, labels, value = 1) => record(name, 'counter', labels, checkedMeasurement(name, value)),
    duration: (name, labels, seconds) => record(name, 'duration', labels, checkedMeasurement(name, seconds)),
    gauge: (name, labels, value) => record(name, 'gauge', labels, checkedMeasurement(name, value, true)),
    flush,
  }
}

function lineOf(namespace: string, timestamp: number, metrics: readonly Pending[]): string {
  const labels = metrics[0]?.series.labels ?? []
  const directive = {
    Namespace: namespace,
    Dimensions: [labels.map(([name]) => name)],
    Metrics: metrics.map(({ series }) => ({ Name: series.name, Unit: units[series.kind] })),
  }
  const values = metrics.map(({ series, values: all }) => [series.name, all.length === 1 ? all[0] : all] as const)
  const line = {
    _aws: { Timestamp: timestamp, CloudWatchMetrics: [directive] },
    ...Object.fromEntries(labels),
    ...Object.fromEntries(values),
  }
  return `${JSON.stringify(line)}\n`
}
