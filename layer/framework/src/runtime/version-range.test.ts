import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isVersion, isVersionRange, satisfies } from './version-range.ts'

const table: readonly (readonly [range: string, inside: readonly string[], outside: readonly string[]])[] = [
  ['*', ['0.0.0', '9.9.9'], []],
  ['1.2.3', ['1.2.3', '1.2.3+build'], ['1.2.4', '1.2.3-rc.1']],
  ['=1.2.3', ['1.2.3'], ['1.2.2']],
  ['1', ['1.0.0', '1.9.9'], ['0.9.9', '2.0.0', '2.0.0-rc.1']],
  ['1.x', ['1.0.0', '1.9.9'], ['2.0.0']],
  ['1.2.x', ['1.2.0', '1.2.9'], ['1.3.0', '1.1.9']],
  ['^1.2.3', ['1.2.3', '1.9.0'], ['1.2.2', '2.0.0', '2.0.0-rc.1']],
  ['^0.2.3', ['0.2.3', '0.2.9'], ['0.3.0', '1.0.0']],
  ['^0.0.3', ['0.0.3'], ['0.0.4']],
  ['^0.1', ['0.1.0', '0.1.7'], ['0.2.0']],
  ['^0', ['0.0.1', '0.9.0'], ['1.0.0']],
  ['~1.2.3', ['1.2.3', '1.2.9'], ['1.3.0', '1.2.2']],
  ['~1.2', ['1.2.0'], ['1.3.0']],
  ['~1', ['1.0.0', '1.9.0'], ['2.0.0']],
  ['>=1.2.3', ['1.2.3', '9.0.0'], ['1.2.2', '1.2.3-rc.1']],
  ['>=24', ['24.0.0', '25.1.0'], ['23.9.9']],
  ['> 1.2', ['1.3.0'], ['1.2.9']],
  ['<2', ['1.9.9'], ['2.0.0', '2.0.0-rc.1']],
  ['<=1.2', ['1.2.9'], ['1.3.0']],
  ['>=1 <3', ['1.0.0', '2.9.9'], ['3.0.0', '0.9.9']],
  ['^1 || ^3', ['1.5.0', '3.0.1'], ['2.0.0']],
  ['>=1.0.0-alpha.2', ['1.0.0-alpha.10', '1.0.0-beta', '1.0.0'], ['1.0.0-alpha.1', '1.0.0-alpha']],
]

test('what lies in a range and what does not', () => {
  for (const [range, inside, outside] of table) {
    assert.ok(isVersionRange(range), range)
    for (const version of inside) assert.ok(satisfies(version, range), `${version} in ${range}`)
    for (const version of outside) assert.ok(!satisfies(version, range), `${version} not in ${range}`)
  }
})

test('what is no version or no range satisfies nothing', () => {
  for (const range of ['', 'latest', '^', '1.2.3.4', '>=1 && <2', '^1 ||', '1 - 2', '>*']) {
    assert.ok(!isVersionRange(range), range)
    assert.ok(!satisfies('1.0.0', range), range)
  }
  for (const version of ['1', '1.0', 'one', '1.0.0.0', '']) {
    assert.ok(!isVersion(version), version)
    assert.ok(!satisfies(version, '*'), version)
  }
})
