import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type JsonFault, parseStrictJson } from './strict-json.ts'

const limits = { depth: 32, members: 1000, elements: 1000 }

function faultOf(text: string, given = limits): JsonFault {
  const result = parseStrictJson(text, given)
  assert('fault' in result, text)
  return result.fault
}

const read = (text: string): unknown => {
  const result = parseStrictJson(text, limits)
  assert('value' in result, JSON.stringify(result))
  return result.value
}

describe('strict JSON', () => {
  it('refuses a member that is there twice, with its path, however its name is written', () => {
    const cases: Readonly<Record<string, string>> = {
      '{"a":1,"a":1}': 'a',
      '{"a":1,"\\u0061":2}': 'a',
      '{"\\u0061":1,"b":{},"a":2}': 'a',
      '{"a":{"b":[0,{"c":1,"d":[{}],"c":2}]}}': 'a.b.1.c',
      '[[],[{"x":"{\\"x\\":1}","x":0}]]': '1.0.x',
      '{"":1,"":2}': '',
      '{"a" : 1 ,\n\t"a" : 2}': 'a',
      '{"a":"\\\\","a":"\\""}': 'a',
      '{"/":1,"\\/":2}': '/',
      '{"\\ud83d\\ude00":1,"😀":2}': '😀',
    }
    for (const [text, path] of Object.entries(cases)) {
      const fault = faultOf(text)
      assert.deepEqual([fault.kind, fault.path], ['duplicate', path], text)
    }
    assert.equal(faultOf(`{"${'n'.repeat(500)}":1,"${'n'.repeat(500)}":2}`).path?.length, 64)
    assert.equal(faultOf('{"\\ud800":1,"\\ud800":2}').path, '\ufffd')
  })

  it('takes the same name in different objects, and texts that look like members', () => {
    for (const text of [
      '[{"a":1},{"a":1}]',
      '{"a":{"a":{"a":[]}},"b":{"a":1}}',
      '{"a":["a","a"],"b":"\\"a\\":1,\\"a\\":1"}',
    ]) {
      assert.deepEqual(read(text), JSON.parse(text))
    }
  })

  it('refuses __proto__ as a name, also in escapes, and takes constructor', () => {
    for (const text of ['{"__proto__":{}}', '{"a":[{"\\u005f_proto__":1}]}'])
      assert.equal(faultOf(text).kind, 'reserved')
    assert.deepEqual(read('{"constructor":1,"prototype":2}'), { constructor: 1, prototype: 2 })
  })

  it('stops at its bounds while it reads', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    assert.deepEqual(read(nested(32)), JSON.parse(nested(32)))
    assert.equal(faultOf(nested(33)).kind, 'depth')
    assert.equal(faultOf('['.repeat(4_000_000)).kind, 'depth')
    assert.equal(faultOf('{"a":'.repeat(1_000_000)).kind, 'depth')
    const members = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, 0])))
    assert.equal(Object.keys(read(members(1000)) as object).length, 1000)
    assert.equal(faultOf(members(1001)).kind, 'count')
    assert.equal(faultOf(`[${'0,'.repeat(1001)}0]`).kind, 'count')
    // What comes after the bound is not looked at: a text that is no JSON behind it changes nothing.
    assert.equal(faultOf(`${members(1001).slice(0, -1)},,,,`).kind, 'count')
  })

  it('leaves syntax to the parser, and quotes nothing of the text', () => {
    for (const text of [
      '',
      '{',
      '{"a":1',
      '"',
      '"\\',
      '{"a" 1}',
      '{1:2}',
      '[1,]',
      '{"a":1,}',
      "{'a':1}",
      '}{',
      ']]',
      '{"\\x":1}',
      '\ufeff{}',
      'NaN',
      'secret',
    ]) {
      const { kind, reason, path } = faultOf(text)
      assert.deepEqual([kind, path], ['syntax', undefined], text)
      assert(!reason.includes('secret'))
    }
  })

  it('agrees with JSON.parse on whatever has no member twice', () => {
    const json = fc.json({ maxDepth: 6, noUnicodeString: false } as object)
    fc.assert(
      fc.property(json, text => {
        if (text.includes('__proto__')) return
        // fast-check makes objects first, so no name is there twice.
        assert.deepEqual(read(text), JSON.parse(text))
      }),
      { numRuns: 500 },
    )
  })

  it('finds a member that was put in twice anywhere', () => {
    const name = fc.string({ unit: 'binary', maxLength: 5 }).filter(text => text !== '__proto__')
    const member = fc.tuple(
      name,
      fc.jsonValue({ maxDepth: 2 }).filter(value => !JSON.stringify(value).includes('__proto__')),
    )
    fc.assert(
      fc.property(fc.array(member, { maxLength: 6 }), name, fc.nat(6), fc.nat(6), (members, twice, first, second) => {
        const distinct = [...new Map(members.filter(([key]) => key !== twice))]
        const escaped = `"${[...twice].map(hex).join('')}"`
        const texts = distinct.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
        texts.splice(first, 0, `${JSON.stringify(twice)}:0`)
        assert.ok('value' in parseStrictJson(`{${texts.join(',')}}`, limits))
        texts.splice(second, 0, `${escaped}:0`)
        assert.equal(faultOf(`{${texts.join(',')}}`).kind, 'duplicate')
      }),
      { numRuns: 300 },
    )
  })

  it('never throws, and accepts nothing that JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '"a"',
      '"b":',
      '1',
      'null',
      ' ',
      '\\u0061',
      '"\\""',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), pieces => {
        const text = pieces.join('')
        const result = parseStrictJson(text, limits)
        if ('value' in result) assert.deepEqual(result.value, JSON.parse(text))
      }),
      { numRuns: 2000 },
    )
  })
})

/** The escapes of a character's UTF-16 units. */
function hex(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
}
