import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { name } from '../testing/index.ts'
import type { GeneralName } from '../x509/general-name.ts'
import { parseName } from '../x509/name.ts'
import { matchSubtree, type SubtreeMatch, subtreeFault } from './name-subtree.ts'

const dns = (value: string): GeneralName => ({ kind: 'dNSName', value })
const email = (value: string): GeneralName => ({ kind: 'rfc822Name', value })
const uri = (value: string): GeneralName => ({ kind: 'uniformResourceIdentifier', value })
const ip = (...octets: number[]): GeneralName => ({ kind: 'iPAddress', value: Uint8Array.from(octets) })
const directory = (text: string): GeneralName => ({ kind: 'directoryName', value: parseName(name(text)) })
const other: GeneralName = { kind: 'otherName', typeId: '1.2.3', value: Uint8Array.of(5, 0) }

const permitted: readonly (readonly [GeneralName, GeneralName, SubtreeMatch])[] = [
  [dns('host.example.com'), dns('example.com'), 'within'],
  [dns('EXAMPLE.com'), dns('example.COM'), 'within'],
  [dns('notexample.com'), dns('example.com'), 'outside'],
  [dns('example.com'), dns('host.example.com'), 'outside'],
  [dns('any.test'), dns(''), 'within'],
  [dns('.example.com'), dns('example.com'), 'malformed'],
  [dns('exa mple.com'), dns('example.com'), 'malformed'],
  [dns('a.*.example.com'), dns('example.com'), 'malformed'],
  [dns('*.example.com'), dns('example.com'), 'within'],
  [dns('*.example.com'), dns('foo.example.com'), 'outside'],
  [email('a@example.com'), email('a@example.com'), 'within'],
  [email('a@EXAMPLE.com'), email('a@example.com'), 'within'],
  [email('A@example.com'), email('a@example.com'), 'outside'],
  [email('a@example.com'), email('example.com'), 'within'],
  [email('a@host.example.com'), email('example.com'), 'outside'],
  [email('a@host.example.com'), email('.example.com'), 'within'],
  [email('a@example.com'), email('.example.com'), 'outside'],
  [email('a@b@example.com'), email('example.com'), 'malformed'],
  [email('"a@b"@example.com'), email('example.com'), 'within'],
  [email('"a"@example.com'), email('a@example.com'), 'within'],
  [email('a@example.com'), email('"\\a"@example.com'), 'within'],
  [email('"a b"@example.com'), email('"a\\ b"@example.com'), 'within'],
  [email('"\\"a"@example.com'), email('a@example.com'), 'outside'],
  [uri('https://host.example.com/x'), uri('.example.com'), 'within'],
  [uri('https://example.com/x'), uri('.example.com'), 'outside'],
  [uri('ftp://u:p@example.com:21/'), uri('example.com'), 'within'],
  [uri('https://example.com.evil.test/'), uri('example.com'), 'outside'],
  [uri('https://evil.test\\@example.com/'), uri('example.com'), 'malformed'],
  [uri('urn:isbn:1'), uri('example.com'), 'malformed'],
  [uri('https://192.0.2.1/'), uri('example.com'), 'malformed'],
  [uri('https://[::1]/'), uri('example.com'), 'malformed'],
  [ip(192, 0, 2, 7), ip(192, 0, 2, 0, 255, 255, 255, 0), 'within'],
  [ip(192, 0, 3, 7), ip(192, 0, 2, 0, 255, 255, 255, 0), 'outside'],
  [ip(...new Array(16).fill(0)), ip(0, 0, 0, 0, 0, 0, 0, 0), 'outside'],
  [directory('C=UT, O=A, CN=x'), directory('C=ut, O=a'), 'within'],
  [directory('C=UT, O=B'), directory('C=UT, O=A'), 'outside'],
  [other, other, 'unsupported'],
  [dns('example.com'), email('example.com'), 'outside'],
]

describe('a name lies within a permitted subtree or not', () => {
  for (const [name, base, expected] of permitted) {
    const text = (value: GeneralName): string => (typeof value.value === 'string' ? `'${value.value}'` : value.kind)
    test(`${text(name)} in ${text(base)}: ${expected}`, () =>
      assert.equal(matchSubtree(name, base, 'permitted'), expected))
  }
})

describe('a wildcard lies within an excluded subtree', () => {
  for (const [constraint, expected] of [
    ['example.com', 'within'],
    ['bar.example.com', 'within'],
    ['deep.bar.example.com', 'outside'],
    ['example.org', 'outside'],
    ['com', 'within'],
  ] as const) {
    test(`of ${constraint}: ${expected}`, () => {
      assert.equal(matchSubtree(dns('*.example.com'), dns(constraint), 'excluded'), expected)
    })
  }
})

describe('a constraint that cannot be processed is refused', () => {
  const fault = (base: GeneralName, minimum = 0, maximum?: number): string | undefined =>
    subtreeFault({ base, minimum, maximum })?.code
  for (const base of [
    dns('.example.com'),
    dns('*.example.com'),
    dns('example..com'),
    email('a@b@example.com'),
    email(''),
    uri('https://example.com'),
    ip(127, 0, 0, 1),
    ip(10, 0, 0, 0, 255, 0, 255, 0),
    ip(10, 0, 0, 0, 253, 0, 0, 0),
  ]) {
    test(`${base.kind} ${String(base.value)}`, () => assert.equal(fault(base), 'name_constraint_malformed'))
  }

  test('with minimum or maximum', () => {
    assert.equal(fault(dns('a.test'), 1), 'name_constraint_unsupported')
    assert.equal(fault(dns('a.test'), 0, 3), 'name_constraint_unsupported')
  })

  test('and one that can, is not', () => {
    for (const base of [
      dns(''),
      dns('test'),
      email('.test'),
      uri('.test'),
      ip(0, 0, 0, 0, 0, 0, 0, 0),
      ip(10, 1, 0, 0, 255, 254, 0, 0),
      other,
    ]) {
      assert.equal(fault(base), undefined)
    }
  })
})
