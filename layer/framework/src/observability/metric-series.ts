import type { Labels } from './observability.ts'
import { redactText } from './redaction.ts'

/** Bounds that keep the number of series, which is what metrics cost, in hand. */
const metricLimits = {
  names: 500,
  labels: 10,
  /** Different label sets of one metric; further ones are counted together under the value `other`. */
  seriesPerName: 1000,
  valueCharacters: 128,
}

/** Prometheus data model; CloudWatch takes these too. */
const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/
/** Names with two leading underscores are Prometheus's own, `_aws` is EMF's. */
const labelName = /^(?!__|_aws$)[a-zA-Z_][a-zA-Z0-9_]{0,99}$/
/** What a duration is exposed as besides its own name. */
const durationSuffixes = ['_sum', '_count']
/** Longer label sets are looked up anew each time, so that no request fills the memory with its values. */
const maxRememberedKey = 2000

/** Characters of a label value that are looked at: more than are kept, so that a secret is not cut before it is known for one. */
const maxLookedAt = 4096

export type MetricKind = 'counter' | 'duration' | 'gauge'

/** One metric with one set of labels. */
export interface Series {
  readonly name: string
  readonly kind: MetricKind
  /** Sorted by name. */
  readonly labels: readonly (readonly [string, string])[]
  /** The same for the same labels, whatever the metric. */
  readonly labelKey: string
}

/** Finds the series of a measurement and refuses what would grow without bound. */
export interface SeriesRegistry {
  /** @throws {TypeError} for a name or label name outside the grammar, a name used as another kind, too many names or labels */
  of(name: string, kind: MetricKind, labels: Labels): Series
}

/**
 * Names are fixed by the program, so a bad one is a mistake in the code and throws. Label values come from requests: secrets
 * in them are redacted, they are cut to 128 characters, control characters replaced, an empty value becomes `none`.
 */
export function createSeriesRegistry(limits = metricLimits): SeriesRegistry {
  const names = new Map<string, { kind: MetricKind; series: Map<string, Series> }>()

  function known(name: string, kind: MetricKind) {
    const entry = names.get(name)
    if (entry === undefined) {
      if (!metricName.test(name))
        throw new TypeError(`metric name ${JSON.stringify(name)} is not of the form [a-zA-Z_:][a-zA-Z0-9_:]*`)
      if (names.size >= limits.names)
        throw new TypeError(`more than ${limits.names} metric names; is ${name} made from data?`)
      const clash = clashOf(name, kind)
      if (clash !== undefined) throw new TypeError(`metric ${name} has the name of a part of the duration ${clash}`)
      const made = { kind, series: new Map<string, Series>() }
      names.set(name, made)
      return made
    }
    if (entry.kind !== kind) throw new TypeError(`metric ${name} is a ${entry.kind}, not a ${kind}`)
    return entry
  }

  function clashOf(name: string, kind: MetricKind): string | undefined {
    const isPartOf = durationSuffixes
      .filter(suffix => name.endsWith(suffix))
      .map(suffix => name.slice(0, -suffix.length))
    const whole = isPartOf.find(stem => names.get(stem)?.kind === 'duration')
    const isWhole = kind === 'duration' && durationSuffixes.some(suffix => names.has(`${name}${suffix}`))
    return isWhole ? name : whole
  }

  return {
    of(name, kind, labels) {
      const { series } = known(name, kind)
      const rawKey = keyOf(Object.entries(labels))
      const found = series.get(rawKey)
      if (found !== undefined) return found
      const clean = checked(name, labels, limits.labels)
      const isFull = series.size >= limits.seriesPerName
      const kept = isFull ? clean.map(([label]) => [label, 'other'] as const) : clean
      const made: Series = { name, kind, labels: kept, labelKey: keyOf(kept) }
      if (!isFull && rawKey.length <= maxRememberedKey) series.set(rawKey, made)
      return made
    },
  }
}

function keyOf(labels: readonly (readonly [string, string])[]): string {
  return JSON.stringify(labels)
}

function checked(name: string, labels: Labels, max: number): (readonly [string, string])[] {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length > max) throw new TypeError(`metric ${name} has more than ${max} labels`)
  return entries.map(([label, value]) => {
    if (!labelName.test(label) || label === name)
      throw new TypeError(`metric ${name}: label name ${JSON.stringify(label)}`)
    return [label, cleanValue(String(value))] as const
  })
}

function cleanValue(value: string): string {
  const text = redactText(value.slice(0, maxLookedAt))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const printable = text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]/g, ' ').trim()
  return printable === '' ? 'none' : printable.slice(0, metricLimits.valueCharacters).toWellFormed()
}

/** @throws {TypeError} when a measurement is not a finite number, or negative where that has no meaning */
export function checkedMeasurement(name: string, value: number, isSigned = false): number {
  if (!Number.isFinite(value) || (value < 0 && !isSigned))
    throw new TypeError(`metric ${name}: ${value} is no measurement`)
  return value
}
