// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configuration look like template strings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseReferences } from './references.ts'

const pieces = (text: string) => {
  const parsed = parseReferences(text)
  if ('error' in parsed) throw new Error(parsed.error)
  return parsed.pieces
}

test('text, variables, nested fallbacks and escapes', () => {
  assert.deepEqual(pieces('https://${HOST}:${PORT:-${DEFAULT_PORT:-80}}/'), [
    { kind: 'text', text: 'https://' },
    { kind: 'variable', name: 'HOST' },
    { kind: 'text', text: ':' },
    {
      kind: 'variable',
      name: 'PORT',
      fallback: [{ kind: 'variable', name: 'DEFAULT_PORT', fallback: [{ kind: 'text', text: '80' }] }],
    },
    { kind: 'text', text: '/' },
  ])
  assert.deepEqual(pieces('cost: $5, $${HOME}, ${A:-}'), [
    { kind: 'text', text: 'cost: $5, ${HOME}, ' },
    { kind: 'variable', name: 'A', fallback: [] },
  ])
})

test('secrets with a version and a member', () => {
  assert.deepEqual(pieces('${SECRET:pkd/login@v2#password}'), [
    { kind: 'secret', reference: { name: 'pkd/login', version: 'v2', jsonKey: 'password' } },
  ])
})

test('what is not well-formed is refused', () => {
  for (const text of [
    '${',
    '${A',
    '${A:-b',
    '${1A}',
    '${}',
    '${A B}',
    '${SECRET:}',
    '${SECRET:a b}',
    '${SECRET:a:-b}',
  ]) {
    assert.ok('error' in parseReferences(text), text)
  }
})

test('any text survives being escaped', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', ':', '-', 'A') }), text => {
      const parsed = pieces(text.replaceAll('${', () => '$${'))
      assert.equal(parsed.map(piece => (piece.kind === 'text' ? piece.text : '!')).join(''), text)
    }),
  )
})
