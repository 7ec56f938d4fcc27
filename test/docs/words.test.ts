import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plugins } from '../support/plugins.ts'
import { allPages, type Page } from './pages.ts'
import { isRoute, metrics, settings, sources, stem, words } from './vocabulary.ts'

// What stands in backticks on the pages that people write must be there in the code. Each test names page and line of what is not.

const pages = allPages()

/** Spans that say what a thing was called in Python are not ours. */
function ourSpans({ path, spans, text }: Page): Page['spans'] {
  if (path !== 'docs/migration.md') return spans
  const lines = text.split('\n')
  const old = (line: number) => /^\| ([^|]*)\|/.exec(lines[line - 1] ?? '')?.[1] ?? ''
  return spans.filter(span => !old(span.line).includes(`\`${span.text}\``))
}

const isKnown = (word: string) => words.has(word) || metrics.has(stem(word)) || foreign.has(word)

function unknown(matches: (span: string, page: Page) => readonly string[]): readonly string[] {
  return pages.flatMap(page =>
    ourSpans(page).flatMap(({ text, line }) => matches(text, page).map(word => `${page.path}:${line} ${word}`)),
  )
}

/** Names of others: npm, JWK. */
const foreign = new Set(['node_modules', 'key_ops'])

test('error codes, settings, roles, tables, events: every word in snake_case means something', () => {
  const inBlocks = (page: Page, word: string) => page.blocks.some(({ text }) => new RegExp(`\\b${word}\\b`).test(text))
  const strange = unknown((span, page) =>
    /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(span) && !isKnown(span) && !inBlocks(page, span) ? [span] : [],
  )
  assert.deepEqual(strange, [])
})

test('routes', () => {
  const strange = unknown(span => {
    const route = /^(GET|POST|PUT|DELETE) (\/[^\s?]*)$/.exec(span)?.[0]
    return route === undefined || isRoute(route) ? [] : [route]
  })
  assert.deepEqual(strange, [])
  assert.ok(isRoute('GET /plugins/marty/health') && !isRoute('GET /plugins/marty/wealth'))
})

test('metrics', () => {
  const prefixes = ['mmf', ...plugins.map(({ metricPrefix }) => metricPrefix)].join('|')
  const names = new RegExp(`\\b(?:${prefixes})_[a-z_]+(?=\\{|$)`, 'g')
  const strange = unknown(span => (span.match(names) ?? []).filter(name => !isKnown(name)))
  assert.deepEqual(strange, [])
})

const isNamespace = (
  [plugin, service, ...more]: readonly string[],
  name: string,
  services: readonly { name: string }[],
) => plugin === name && more.length === 0 && (service === undefined || services.some(known => known.name === service))

test('settings by their path', () => {
  const known = new Set(settings())
  const sections = new Set([...known].filter(path => !path.includes('.')))
  const strange = unknown(span => {
    const [section = '', ...rest] = span.split('.')
    const isPath = /^[a-z_]+(\.[a-z_]+)+$/.test(span) && sections.has(section) && rest[0] !== 'yaml'
    // Namespaces of the log.
    if (plugins.some(({ name, services }) => isNamespace(rest, name, services))) return []
    return isPath && !known.has(span) ? [span] : []
  })
  assert.deepEqual(strange, [])
})

test('environment variables are read by something', () => {
  const names = plugins.map(({ name }) => name)
  const known = new Set(settings())
  const strange = pages.flatMap(({ path, text }) => {
    const plain = text.match(/\b(?:MMF|MARTY|POWERTOOLS)_[A-Z][A-Z_]*[A-Z]\b/g) ?? []
    const overrides = text.match(/\bMMF__[a-z]\w*[a-z]\b/g) ?? []
    return [
      ...plain.filter(name => !sources.includes(name) && !name.startsWith('MMF_SECRET_')),
      ...overrides.filter(name => {
        const [first = '', second = '', ...rest] = name.slice('MMF__'.length).split('__')
        // Examples of pages may have plugins of their own.
        if (first === 'plugins' && rest.length > 0) return names.includes(second) && !known.has(rest.join('.'))
        const path = [first, second, ...rest].filter(part => part !== '')
        return !known.has(path.join('.')) && !(path.length > 2 && known.has(path.with(2, '*').join('.')))
      }),
    ].map(name => `${path} ${name}`)
  })
  assert.deepEqual(strange, [])
})
