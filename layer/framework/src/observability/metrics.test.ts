import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createEmfMetrics } from './emf-metrics.ts'
import { parseExposition } from './exposition.fixture.ts'
import { parsedLines } from './log-lines.fixture.ts'
import type { Metrics } from './observability.ts'
import { createPrometheusMetrics } from './prometheus-metrics.ts'

const clock = { now: () => new Date(1_700_000_000_000) }

/** `name{label="value"}` → what was measured, read from what the adapter puts out. */
type Readings = Record<string, { sum: number; count?: number; last?: number }>

interface Adapter {
  readonly name: string
  readonly make: () => { readonly metrics: Metrics; readonly read: () => Readings }
}

const key = (name: string, labels: Record<string, unknown>) =>
  `${name}{${Object.entries(labels)
    .sort()
    .map(([label, value]) => `${label}=${value}`)}}`

const adapters: readonly Adapter[] = [
  {
    name: 'EMF',
    make: () => {
      let text = ''
      const sink = (line: string) => {
        text += line
      }
      const metrics = createEmfMetrics({ namespace: 'Marty/testing', clock, sink })
      const read = () => {
        metrics.flush()
        return readEmf(text)
      }
      return { metrics, read }
    },
  },
  {
    name: 'Prometheus',
    make: () => {
      const metrics = createPrometheusMetrics()
      return { metrics, read: () => readPrometheus(metrics.text()) }
    },
  },
]

interface EmfLine {
  readonly _aws: {
    readonly Timestamp: number
    readonly CloudWatchMetrics: readonly [
      { Namespace: string; Dimensions: readonly string[][]; Metrics: readonly { Name: string; Unit: string }[] },
    ]
  }
  readonly [member: string]: unknown
}

/** As CloudWatch reads it (Embedded Metric Format specification): every reference must lead to a member of the right type. */
function readEmf(text: string): Readings {
  const readings: Readings = {}
  for (const line of parsedLines(text) as unknown as EmfLine[]) {
    const [directive] = line._aws.CloudWatchMetrics
    assert.equal(line._aws.CloudWatchMetrics.length, 1)
    assert(directive.Metrics.length > 0 && directive.Metrics.length <= 100)
    const [dimensions = []] = directive.Dimensions
    const labels = Object.fromEntries(dimensions.map(name => [name, line[name]]))
    for (const value of Object.values(labels)) assert(typeof value === 'string' && value !== '' && value.length <= 1024)
    for (const { Name, Unit } of directive.Metrics) {
      const values = [line[Name]].flat()
      assert(values.length <= 100 && values.every(value => typeof value === 'number'))
      const reading = readings[key(Name, labels)] ?? { sum: 0 }
      readings[key(Name, labels)] = reading
      for (const value of values) reading.sum += Number(value)
      if (Unit === 'Seconds') reading.count = (reading.count ?? 0) + values.length
      if (Unit === 'Seconds' || Unit === 'None') reading.last = Number(values.at(-1))
      if (Unit === 'None') reading.sum = reading.last ?? 0
    }
  }
  return readings
}

function readPrometheus(text: string): Readings {
  const readings: Readings = {}
  const families = parseExposition(text)
  const value = (name: string, labels: Record<string, string>) =>
    families.get(name)?.samples.find(sample => key('', sample.labels) === key('', labels))?.value ?? Number.NaN
  for (const [name, { type, samples }] of families) {
    if (type === 'untyped') continue
    for (const { labels, value: last } of samples) {
      if (type === 'counter') readings[key(name, labels)] = { sum: last }
      else if (!families.has(`${name}_sum`)) readings[key(name, labels)] = { sum: last, last }
      else
        readings[key(name, labels)] = { sum: value(`${name}_sum`, labels), count: value(`${name}_count`, labels), last }
    }
  }
  return readings
}

for (const { name, make } of adapters) {
  describe(`metrics contract: ${name}`, () => {
    it('counts, times and sets, by labels', () => {
      const { metrics, read } = make()
      metrics.count('signed_total', { algorithm: 'a', status: 'success' })
      metrics.count('signed_total', { status: 'success', algorithm: 'a' }, 2)
      metrics.count('signed_total', { algorithm: 'b', status: 'success' })
      metrics.count('plain_total', {})
      metrics.count('nothing_total', {}, 0)
      metrics.duration('signed_duration_seconds', { algorithm: 'a' }, 0.25)
      metrics.duration('signed_duration_seconds', { algorithm: 'a' }, 0.5)
      metrics.gauge('age_seconds', { country: 'DE' }, 7)
      metrics.gauge('age_seconds', { country: 'DE' }, -1)
      assert.deepEqual(read(), {
        'signed_total{algorithm=a,status=success}': { sum: 3 },
        'signed_total{algorithm=b,status=success}': { sum: 1 },
        'plain_total{}': { sum: 1 },
        'nothing_total{}': { sum: 0 },
        'signed_duration_seconds{algorithm=a}': { sum: 0.75, count: 2, last: 0.5 },
        'age_seconds{country=DE}': { sum: -1, last: -1 },
      })
    })

    it('takes any label value and bounds it', () => {
      const { metrics, read } = make()
      metrics.count('a_total', { v: 'x"\\\n}y', w: '' })
      metrics.count('b_total', { v: 'é'.repeat(5000) })
      const { 'a_total{v=x"\\ }y,w=none}': first, ...rest } = read()
      assert.deepEqual(first, { sum: 1 })
      assert.deepEqual(Object.keys(rest), [`b_total{v=${'é'.repeat(128)}}`])
    })

    it('counts too many different label values together as "other"', () => {
      const { metrics, read } = make()
      for (let n = 0; n < 1500; n++) metrics.count('a_total', { path: `/${n}` })
      const readings = read()
      assert.equal(Object.keys(readings).length, 1001)
      assert.deepEqual(readings['a_total{path=other}'], { sum: 500 })
    })

    it('loses nothing of many measurements', () => {
      const { metrics, read } = make()
      for (let n = 0; n < 1000; n++) {
        metrics.count('n_total', { shard: String(n % 7) })
        metrics.duration('n_seconds', {}, 1)
        metrics.count(`family_${n % 150}_total`, {})
      }
      const readings = read()
      assert.deepEqual(readings['n_seconds{}'], { sum: 1000, count: 1000, last: 1 })
      assert.deepEqual(readings['n_total{shard=0}'], { sum: 143 })
      assert.deepEqual(readings['family_149_total{}'], { sum: 6 })
    })

    it('refuses names that are no names, kinds that change, and numbers that are none', () => {
      const { metrics, read } = make()
      metrics.count('good_total', {})
      metrics.duration('d_seconds', {}, 1)
      const labels = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`l${n}`, '']))
      const mistakes = [
        () => metrics.count('not a name', {}),
        () => metrics.count('', {}),
        () => metrics.count('a_total', { 'not-a-label': '' }),
        () => metrics.count('a_total', { __name__: '' }),
        () => metrics.count('a_total', { _aws: '' }),
        () => metrics.count('a_total', { a_total: '' }),
        () => metrics.count('a_total', labels),
        () => metrics.gauge('good_total', {}, 1),
        () => metrics.count('d_seconds_sum', {}),
        () => metrics.count('good_total', {}, -1),
        () => metrics.duration('d_seconds', {}, Number.NaN),
        () => metrics.gauge('g', {}, Number.POSITIVE_INFINITY),
      ]
      for (const mistake of mistakes) assert.throws(mistake, TypeError)
      assert.deepEqual(read(), { 'good_total{}': { sum: 1 }, 'd_seconds{}': { sum: 1, count: 1, last: 1 } })
    })

    it('refuses metric names made from data', () => {
      const { metrics } = make()
      const many = () => {
        for (let n = 0; n < 1000; n++) metrics.count(`n${n}_total`, {})
      }
      assert.throws(many, /more than 500 metric names/)
    })
  })
}

describe('EMF', () => {
  it('writes one line per label set, once, and nothing when there is nothing', () => {
    const lines: string[] = []
    const metrics = createEmfMetrics({ namespace: 'Marty/testing', clock, sink: line => lines.push(line) })
    metrics.flush()
    assert.deepEqual(lines, [])
    metrics.count('marty_pki_document_sign_requests_total', { algorithm: 'RSA-SHA256', status: 'success' })
    metrics.duration('marty_pki_document_sign_requests_duration_seconds', { algorithm: 'RSA-SHA256' }, 0.045)
    metrics.flush()
    metrics.flush()
    assert.deepEqual(parsedLines(lines.join('')), [
      {
        _aws: {
          Timestamp: 1_700_000_000_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Marty/testing',
              Dimensions: [['algorithm', 'status']],
              Metrics: [{ Name: 'marty_pki_document_sign_requests_total', Unit: 'Count' }],
            },
          ],
        },
        algorithm: 'RSA-SHA256',
        status: 'success',
        marty_pki_document_sign_requests_total: 1,
      },
      {
        _aws: {
          Timestamp: 1_700_000_000_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Marty/testing',
              Dimensions: [['algorithm']],
              Metrics: [{ Name: 'marty_pki_document_sign_requests_duration_seconds', Unit: 'Seconds' }],
            },
          ],
        },
        algorithm: 'RSA-SHA256',
        marty_pki_document_sign_requests_duration_seconds: 0.045,
      },
    ])
  })
})

describe('Prometheus text', () => {
  it('shows the names of the specification in a valid exposition', () => {
    const metrics = createPrometheusMetrics()
    metrics.count('marty_pki_document_sign_requests_total', { algorithm: 'RSA-SHA256', status: 'success' }, 150)
    metrics.duration('marty_pki_document_sign_requests_duration_seconds', { algorithm: 'RSA-SHA256' }, 0.045)
    const text = metrics.text()
    const lines = text.split('\n')
    assert(lines.includes('marty_pki_document_sign_requests_total{algorithm="RSA-SHA256",status="success"} 150'))
    assert(lines.includes('marty_pki_document_sign_requests_duration_seconds{algorithm="RSA-SHA256"} 0.045'))
    assert.deepEqual(
      [...parseExposition(text)].map(([name, { type }]) => [name, type]),
      [
        ['marty_pki_document_sign_requests_duration_seconds', 'gauge'],
        ['marty_pki_document_sign_requests_duration_seconds_count', 'untyped'],
        ['marty_pki_document_sign_requests_duration_seconds_sum', 'untyped'],
        ['marty_pki_document_sign_requests_total', 'counter'],
      ],
    )
    assert.equal(createPrometheusMetrics().text(), '')
  })
})
