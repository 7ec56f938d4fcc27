import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prepareString } from '../src/x509/string-preparation.ts'
import { tableB2 } from './rfc3454-table-b2.ts'

const between = (text: string): string => `x${text}x`
const codePoint = (text: string): string => (text.codePointAt(0) ?? 0).toString(16)

test('names are folded by RFC 3454 table B.2, for every code point of the table', () => {
  // The number of rows that the RFC prints.
  assert.equal(tableB2.size, 1371)
  const wrong = [...tableB2].filter(([from, to]) => prepareString(between(from)) !== between(to.normalize('NFKC')))
  assert.deepEqual(
    wrong.map(([from]) => codePoint(from)),
    [],
  )
})

test('folding changes no letter that the table does not name', () => {
  const changed: string[] = []
  for (let code = 0xa0; code < 0x3400; code++) {
    const letter = String.fromCodePoint(code)
    // Capitals that Unicode took in after 3.2, the version of the table, have lower case all the same.
    if (!/\p{L}/u.test(letter) || tableB2.has(letter) || letter.toLowerCase() !== letter) continue
    if (prepareString(between(letter)) !== between(letter.normalize('NFKC').toLowerCase()))
      changed.push(codePoint(letter))
  }
  assert.deepEqual(changed, [])
})

test('what has another lower case than its folding is equal in every spelling', () => {
  for (const [a, b] of [
    ['Straße', 'STRASSE'],
    ['STRAẞE', 'strasse'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδοσ', 'οδος'],
    ['ΣΟΦΟΣ ΣΟΦΟΣ', 'σοφοσ σοφος'],
    ['ᾠδή', 'ὠιδή'],
    ['ᾼ', 'αι'],
    ['İzmir', 'i\u0307zmir'],
    ['ŉ', 'ʼN'],
    ['ǰ', 'J\u030c'],
    ['ﬃﬆ', 'FFIST'],
    ['ϲ', 'Σ'],
    ['ſ', 'S'],
    ['㎐', 'hz'],
  ] as const) {
    assert.equal(prepareString(a), prepareString(b), `${a} ${b}`)
  }
  for (const [a, b] of [
    ['ı', 'i'],
    ['Straße', 'Strase'],
    ['é', 'e'],
  ] as const) {
    assert.notEqual(prepareString(a), prepareString(b), `${a} ${b}`)
  }
})

test('what RFC 4518 §2.2 maps to nothing or to a space does not count', () => {
  for (const nothing of [
    '\u00ad',
    '\u1806',
    '\u034f',
    '\u180b',
    '\ufe0f',
    '\ufffc',
    '\u200b',
    '\u{1d173}',
    '\u{e0001}',
    '\u{e0041}',
    '\u0007',
  ]) {
    assert.equal(prepareString(`a${nothing}b`), 'ab', codePoint(nothing))
  }
  for (const space of ['\t', '\n', '\r', '\u0085', '\u00a0', '\u1680', '\u2000', '\u2028', '\u3000']) {
    assert.equal(prepareString(`${space}a${space}${space}b${space}`), 'a b', codePoint(space))
  }
})

test('a space that carries a combining mark is none (RFC 4518 §2.6.1)', () => {
  assert.notEqual(prepareString('a\u00b4'), prepareString('a \u00b4'))
  assert.equal(prepareString('a  \u00b4 '), 'a  \u0301')
})
