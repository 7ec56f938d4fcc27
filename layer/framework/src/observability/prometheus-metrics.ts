import { checkedMeasurement, createSeriesRegistry, type MetricKind, type Series } from './metric-series.ts'
import type { Metrics } from './observability.ts'

/** Metrics kept in this process and read as text. */
export interface PrometheusMetrics extends Metrics {
  /** The text exposition format 0.0.4 (`text/plain; version=0.0.4`), families sorted by name. */
  text(): string
}

interface Sample {
  readonly series: Series
  /** Counter: the total. Gauge and duration: the last value. */
  value: number
  sum: number
  count: number
}

/** Which families a kind is exposed as: suffix of the name, type, help, and the number. */
interface Family {
  readonly suffix: string
  readonly type: 'counter' | 'gauge' | 'untyped'
  readonly help: string
  readonly of: (sample: Sample) => number
}

const counter: Family = {
  suffix: '',
  type: 'counter',
  help: 'Total since the start of this process.',
  of: s => s.value,
}
const gauge: Family = { suffix: '', type: 'gauge', help: 'Last value set.', of: s => s.value }

// A summary has no sample under its plain name (only with a quantile), but that plain name is what our specification shows. So the
// plain name is a gauge with the last duration; sum and count, from which rate(sum)/rate(count) gives the mean, are families of their
// own, untyped because the names `_sum` and `_count` are reserved for summaries and histograms.
const duration: readonly Family[] = [
  { suffix: '', type: 'gauge', help: 'Seconds the last call took.', of: s => s.value },
  { suffix: '_count', type: 'untyped', help: 'Calls timed since the start of this process.', of: s => s.count },
  {
    suffix: '_sum',
    type: 'untyped',
    help: 'Seconds of all timed calls since the start of this process.',
    of: s => s.sum,
  },
]

const families: Readonly<Record<MetricKind, readonly Family[]>> = {
  counter: [counter],
  gauge: [gauge],
  duration: duration,
}

/** Metrics for the local runner: totals in memory, bounded like all our metrics, exposed as Prometheus text. */
export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = createSeriesRegistry()
  const samples = new Map<string, Map<string, Sample>>()

  function sampleOf(name: string, kind: MetricKind, labels: Readonly<Record<string, string>>): Sample {
    const series = registry.of(name, kind, labels)
    let family = samples.get(name)
    if (family === undefined) {
      family = new Map()
      samples.set(name, family)
    }
    let sample = family.get(series.labelKey)
    if (sample === undefined) {
      sample = { series, value: 0, sum: 0, count: 0 }
      family.set(series.labelKey, sample)
    }
    return sample
  }

  return {
    count(name, labels, value = 1) {
      checkedMeasurement(name, value)
      sampleOf(name, 'counter', labels).value += value
    },
    duration(name, labels, seconds) {
      checkedMeasurement(name, seconds)
      const sample = sampleOf(name, 'duration', labels)
      sample.value = seconds
      sample.sum += seconds
      sample.count += 1
    },
    gauge(name, labels, value) {
      checkedMeasurement(name, value, true)
      sampleOf(name, 'gauge', labels).value = value
    },
    text() {
      const names = [...samples.keys()].sort()
      return names.map(name => exposition(name, [...(samples.get(name)?.values() ?? [])])).join('')
    },
  }
}

function exposition(name: string, samples: readonly Sample[]): string {
  const kind = samples[0]?.series.kind
  if (kind === undefined) return ''
  return families[kind]
    .map(({ suffix, type, help, of }) => {
      const lines = samples.map(sample => `${name}${suffix}${labelText(sample.series)} ${of(sample)}\n`)
      return `# HELP ${name}${suffix} ${help}\n# TYPE ${name}${suffix} ${type}\n${lines.join('')}`
    })
    .join('')
}

function labelText({ labels }: Series): string {
  if (labels.length === 0) return ''
  return `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`
}

/** Backslash, quote and line end are escaped in label values (text exposition format). */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
