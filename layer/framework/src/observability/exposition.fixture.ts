import assert from 'node:assert/strict'

export interface ParsedFamily {
  readonly type: string
  readonly samples: { readonly labels: Record<string, string>; readonly value: number }[]
}

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const labelPattern = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/
const reserved = /_(sum|count|bucket)$/

/**
 * Reads the Prometheus text format 0.0.4 and holds it against the rules that `promtool check metrics` checks: HELP and TYPE before the
 * samples, lines of a family together, no sample twice, counters (and only they) end in `_total`, reserved suffixes only untyped.
 */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>()
  let current: { name: string; family: ParsedFamily } | undefined
  let help: string | undefined
  assert(text === '' || text.endsWith('\n'), 'the last line has an end')
  for (const line of text.split('\n').slice(0, -1)) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') {
      assert(!families.has(name), `${name} comes twice`)
      help = name
    } else if (keyword === 'TYPE') {
      assert.equal(help, name, 'a help text stands before the type')
      checkType(name, rest)
      current = { name, family: { type: rest, samples: [] } }
      families.set(name, current.family)
    } else {
      assert(current, `a sample before its type: ${line}`)
      readSample(line, current.name, current.family)
    }
  }
  return families
}

function checkType(name: string, type: string): void {
  assert(['counter', 'gauge', 'untyped'].includes(type), `type ${type}`)
  assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
  if (reserved.test(name)) assert.equal(type, 'untyped')
}

function readSample(line: string, name: string, { samples }: ParsedFamily): void {
  const [, sampleName, labelText = '', number = ''] = samplePattern.exec(line) ?? []
  assert.equal(sampleName, name, `not a sample of ${name}: ${line}`)
  const value = Number(number)
  assert(Number.isFinite(value), line)
  const labels = readLabels(labelText)
  const identity = JSON.stringify(labels)
  assert(!samples.some(sample => JSON.stringify(sample.labels) === identity), `twice: ${line}`)
  samples.push({ labels, value })
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (let rest = text; rest !== ''; ) {
    const [whole, name, value] = labelPattern.exec(rest) ?? []
    assert(whole !== undefined && name !== undefined && value !== undefined, `labels ${text}`)
    assert(!Object.hasOwn(labels, name), `label ${name} twice`)
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    rest = rest.slice(whole.length)
  }
  return labels
}
