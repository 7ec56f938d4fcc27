import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { root } from './pages.ts'
import { coverageMistakes, coverageRows, linesOfOriginal, missingLines } from './spec-coverage.ts'

const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined)
const page = read('docs/spec-coverage.md') ?? ''
const original = process.env['SPEC_FILE'] ?? ''

const rule = '| the original | holds | here | proved by |\n| --- | --- | --- | --- |\n'
const files: Readonly<Record<string, string>> = {
  'a.test.ts': "test('it works', () => {})\nit(\n  'on a line of its own', () => {})\n// 'only a comment'",
  'docs/decisions/0001-so.md': '# So',
}
const mistakes = (row: string) => coverageMistakes(rule + row, { read: file => files[file] })

describe('docs/spec-coverage.md', () => {
  it('has no empty row, and every test and decision that it names is there', () => {
    assert.deepEqual(coverageMistakes(page, { read }), [])
    assert.ok(coverageRows(page).length > 100)
  })

  it('has a row for every heading and block of the original', {
    skip: original === '' ? 'SPEC_FILE names no file of the original description' : false,
  }, () => {
    const text = readFileSync(original, 'utf8')
    assert.ok(linesOfOriginal(text).length > 50)
    assert.deepEqual(missingLines(page, text), [])
  })
})

describe('a row of the page', () => {
  const link = '[0001](decisions/0001-so.md)'
  it('that is right passes', () => {
    assert.deepEqual(mistakes('| a | yes | works | `a.test.ts` › it works<br>`a.test.ts` › on a line of its own |'), [])
    assert.deepEqual(mistakes(`| a | differently | so: ${link} | \`a.test.ts\` › it works |`), [])
    assert.deepEqual(mistakes('| a | not yet | nobody wrote it | – |'), [])
  })

  for (const [what, row, finding] of [
    [
      'names a test that is not there',
      '| a | yes | works | `a.test.ts` › it flies |',
      /names a test that a\.test\.ts has not: it flies/,
    ],
    ['names a comment as a test', '| a | yes | works | `a.test.ts` › only a comment |', /names a test/],
    [
      'names a file that is not there',
      '| a | yes | works | `b.test.ts` › it works |',
      /names a file that is not there: b/,
    ],
    ['names no proof', '| a | yes | works | |', /is no proof/],
    ['is empty', '| a | yes | | `a.test.ts` › it works |', /has an empty cell/],
    ['gives another answer', '| a | maybe | works | `a.test.ts` › it works |', /answers "maybe"/],
    ['differs without a decision', '| a | differently | works | `a.test.ts` › it works |', /names no decision/],
    [
      'names a decision that is not there',
      '| a | yes | [0002](decisions/0002-no.md) | `a.test.ts` › it works |',
      /0002-no/,
    ],
    ['does not hold and claims a proof', '| a | not yet | no | `a.test.ts` › it works |', /names a proof/],
  ] as const) {
    it(`that ${what} is found`, () => {
      const found = mistakes(row)
      assert.equal(found.length, 1)
      assert.match(found[0] ?? '', finding)
    })
  }

  it('that is missing is found, also where a heading is there twice', () => {
    const text = '# One\n```python\n# no heading\n```\n## Two\n## Two\n'
    assert.deepEqual(linesOfOriginal(text), ['heading One', 'block 1 (python)', 'heading Two', 'heading Two'])
    const rows = '| heading One | yes | | |\n| block 1 (python): it | yes | | |\n| heading Two | yes | | |'
    assert.deepEqual(missingLines(rule + rows, text), ['heading Two'])
  })
})
