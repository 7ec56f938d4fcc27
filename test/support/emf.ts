import { Ajv } from 'ajv'

// Embedded Metric Format as CloudWatch's user guide specifies it ("Specification: Embedded metric format", with a schema; MetricDatum for the units).

const unitOf = [
  'Bytes',
  'Kilobytes',
  'Megabytes',
  'Gigabytes',
  'Terabytes',
  'Bits',
  'Kilobits',
  'Megabits',
  'Gigabits',
  'Terabits',
]
const units = ['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'Count/Second', 'None']
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength })

const metricDefinition = {
  type: 'object',
  required: ['Name'],
  additionalProperties: false,
  properties: {
    Name: text(1024),
    Unit: { enum: [...units, ...unitOf, ...unitOf.map(unit => `${unit}/Second`)] },
    StorageResolution: { enum: [1, 60] },
  },
}
const directive = {
  type: 'object',
  required: ['Namespace', 'Dimensions', 'Metrics'],
  additionalProperties: false,
  properties: {
    Namespace: text(1024),
    Dimensions: { type: 'array', minItems: 1, items: { type: 'array', maxItems: 30, items: text(250) } },
    Metrics: { type: 'array', minItems: 1, maxItems: 100, items: metricDefinition },
  },
}
const schema = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      additionalProperties: false,
      properties: {
        Timestamp: { type: 'integer', minimum: 0 },
        CloudWatchMetrics: { type: 'array', minItems: 1, items: directive },
      },
    },
  },
} as const

/** What a reference of a directive leads to: members of the root, as the same page says. */
const targets = {
  metric: { oneOf: [{ type: 'number' }, { type: 'array', minItems: 1, maxItems: 100, items: { type: 'number' } }] },
  dimension: text(1024),
}

/** The largest line, bytes. */
const maxBytes = 256 * 1024

const ajv = new Ajv({ allErrors: true, strictTypes: false })
const isDocument = ajv.compile<EmfDocument>(schema)
const isMetric = ajv.compile(targets.metric)
const isDimension = ajv.compile(targets.dimension)

interface EmfDocument {
  readonly _aws: {
    readonly Timestamp: number
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string }[]
    }[]
  }
  readonly [member: string]: unknown
}

/** What CloudWatch would not take of a line, by place; none for a good one. */
export function emfMistakes(line: string): readonly string[] {
  const large = Buffer.byteLength(line) > maxBytes ? [`more than ${maxBytes} bytes`] : []
  const document: unknown = JSON.parse(line)
  if (!isDocument(document)) return [...large, ...(isDocument.errors ?? []).map(e => `${e.instancePath} ${e.message}`)]
  const at = (name: string) => (Object.hasOwn(document, name) ? document[name] : undefined)
  const referenced = document._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => [
    ...Dimensions.flat().flatMap(name =>
      isDimension(at(name)) ? [] : [`dimension ${name}: no text of 1 to 1024 characters`],
    ),
    ...Metrics.flatMap(({ Name }) =>
      isMetric(at(Name)) ? [] : [`metric ${Name}: no number, and no 1 to 100 of them`],
    ),
  ])
  return [...large, ...referenced]
}
