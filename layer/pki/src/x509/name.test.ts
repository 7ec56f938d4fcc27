import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseDer } from '../der/reader.ts'
import * as der from '../der/writer.ts'
import { isPkiError } from '../errors.ts'
import { name } from '../testing/index.ts'
import { canonicalRdn, canonicalRdnsOfPlainName } from './canonical-name.ts'
import { Name, parseName } from './name.ts'
import { differInPlainText, isPlainName } from './name-difference.ts'
import { prepareString } from './string-preparation.ts'

type Attribute = readonly [oid: string, value: Uint8Array]
const encode = (...rdns: readonly (readonly Attribute[])[]): Uint8Array =>
  der.sequence(...rdns.map(rdn => der.set(...rdn.map(([oid, value]) => der.sequence(der.oid(oid), value)))))
const commonNameOid = '2.5.4.3'
const organizationOid = '2.5.4.10'
const equal = (a: Uint8Array, b: Uint8Array): boolean => parseName(a).equals(parseName(b))

describe('names are equal (RFC 5280 §7.1)', () => {
  const utf8 = (text: string): Uint8Array => encode([[commonNameOid, der.utf8String(text)]])
  const printable = (text: string): Uint8Array => encode([[commonNameOid, der.printableString(text)]])

  test('whatever the string type, the case and the white space', () => {
    assert.ok(equal(utf8('Test CA'), printable('test  ca')))
    assert.ok(equal(utf8(' Test CA '), printable('Test CA')))
    assert.ok(equal(utf8('Test\tCA'), utf8('test ca')))
    assert.ok(equal(utf8('STRASSE Ä'), utf8('strasse a\u0308')))
    assert.ok(equal(utf8('soft\u00adhyphen'), utf8('softhyphen')))
    assert.ok(equal(utf8('Ｆｕｌｌ'), utf8('full')))
  })

  test('not with other words, attributes, or order', () => {
    assert.ok(!equal(utf8('Test CA'), utf8('TestCA')))
    assert.ok(!equal(utf8('Test CA'), encode([[organizationOid, der.utf8String('Test CA')]])))
    assert.ok(!equal(name('O=A, CN=B'), name('CN=B, O=A')))
    assert.ok(!equal(name('O=A, CN=B'), name('O=A')))
    assert.ok(!equal(name('O=A, CN=B'), name('O=A+CN=B')))
  })

  test('whatever the order within one RDN', () => {
    const a: Attribute = [organizationOid, der.utf8String('a')]
    const b: Attribute = [commonNameOid, der.utf8String('b')]
    assert.ok(equal(encode([a, b]), encode([b, a])))
  })

  test('and a value that holds separators is not taken for two', () => {
    assert.ok(
      !equal(
        encode([[commonNameOid, der.utf8String('a+2.5.4.10=1:b')]]),
        encode([
          [commonNameOid, der.utf8String('a')],
          [organizationOid, der.utf8String('b')],
        ]),
      ),
    )
  })

  test('by octets where a value is no string', () => {
    assert.ok(equal(encode([[commonNameOid, der.integer(5)]]), encode([[commonNameOid, der.integer(5)]])))
    assert.ok(!equal(encode([[commonNameOid, der.integer(5)]]), encode([[commonNameOid, der.integer(6)]])))
  })

  test('lie within a subtree by whole RDNs', () => {
    assert.ok(parseName(name('C=UT, O=A, CN=B')).isWithin(parseName(name('C=ut, O=a'))))
    assert.ok(parseName(name('C=UT')).isWithin(parseName(name(''))))
    assert.ok(!parseName(name('C=UT')).isWithin(parseName(name('C=UT, O=A'))))
  })

  test('the look at plain text never contradicts string preparation', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'A', 'b', ' ', 'é', '-'), minLength: 0, maxLength: 5 })
    const value = fc.tuple(fc.constantFrom(commonNameOid, organizationOid), word, fc.boolean())
    const names = fc
      .array(value, { maxLength: 3 })
      .map(values =>
        encode(
          ...values.map(([oid, text, wide]): Attribute[] => [
            [oid, wide || /é/.test(text) ? der.utf8String(text) : der.printableString(text)],
          ]),
        ),
      )
    fc.assert(
      fc.property(names, names, (a, b) => {
        const [first, second] = [parseDer(a), parseDer(b)]
        const same = new Name(first).canonical.join('/') === new Name(second).canonical.join('/')
        if (same) assert.equal(differInPlainText(first, second), false)
        assert.equal(new Name(first).equals(new Name(second)), same)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a name of plain text', () => {
  test('has the canonical form that its decoded attributes have', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', '1', ' ', '"', '+', '\u007f', 'é'), maxLength: 8 })
    const type = fc.constantFrom(
      commonNameOid,
      organizationOid,
      '0.9.2342.19200300.100.1.25',
      '2.999.16384.5',
      '1.3.6.1.4.1.311.60.2.1.3',
    )
    const tag = fc.constantFrom(0x0c, 0x13, 0x16, 0x1e)
    let plain = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(type, tag, text), { maxLength: 5 }), attributes => {
        const element = parseDer(
          encode(
            ...attributes.map(([oid, stringTag, value]): Attribute[] => [
              [oid, Uint8Array.of(stringTag, Buffer.byteLength(value), ...Buffer.from(value))],
            ]),
          ),
        )
        if (!isPlainName(element)) return
        plain++
        const decoded = new Name(element).rdns.map(canonicalRdn)
        assert.deepEqual(canonicalRdnsOfPlainName(element), decoded)
        assert.deepEqual(new Name(element).canonical, decoded)
      }),
      { numRuns: 2000 },
    )
    assert.ok(plain > 100)
  })
})

describe('the key of a name', () => {
  const utf8 = (text: string): Name => parseName(encode([[commonNameOid, der.utf8String(text)]]))

  test('is the same exactly for equal names, and so are the canonical bytes', () => {
    const equals: readonly (readonly [Name, Name])[] = [
      [utf8('Straße'), utf8('STRASSE')],
      [utf8('Οδός'), utf8('ΟΔΌΣ')],
      [utf8(' Test  CA'), utf8('test ca')],
    ]
    for (const [a, b] of equals) {
      assert.ok(a.equals(b))
      assert.equal(a.key, b.key)
      assert.deepEqual(a.canonicalBytes, b.canonicalBytes)
      assert.match(a.key, /^[0-9a-f]{64}$/)
    }
    assert.notEqual(utf8('Test CA').key, utf8('TestCA').key)
    assert.notDeepEqual(utf8('Test CA').canonicalBytes, utf8('TestCA').canonicalBytes)
  })

  test('stays what rows are stored under', () => {
    const key = '4764a6bd4f042c5c6cc9c2c66ebcdc0229be01a87a5801ab0cb98a83123371bc'
    assert.equal(parseName(name('C=UT, O=Österreich, CN=CSCA')).key, key)
  })

  test('is refused for a name that cannot be decoded', () => {
    const broken = parseName(encode([[commonNameOid, Uint8Array.of(0x0c, 1, 0xff)]]))
    assert.throws(
      () => broken.key,
      error => isPkiError(error, 'name_malformed'),
    )
  })
})

describe('a name', () => {
  test('reads as RFC 4514 text, escaped', () => {
    assert.equal(parseName(name('C=UT, O=Test, CN=Leaf')).toString(), 'CN=Leaf,O=Test,C=UT')
    const text = parseName(encode([[commonNameOid, der.utf8String(' a,b\n#\u202e ')]])).toString()
    assert.equal(text, 'CN=\\ a\\,b\\0a#\\e2\\80\\ae\\ ')
  })

  test('gives the values of a type', () => {
    const both = parseName(name('CN=a, O=x, CN=b'))
    assert.deepEqual(both.values(commonNameOid), ['a', 'b'])
    assert.deepEqual(both.values('2.5.4.6'), [])
  })

  for (const [what, bytes] of [
    ['an empty RDN', der.sequence(der.set())],
    ['something else than a SET', der.sequence(der.sequence())],
    ['an attribute without a value', der.sequence(der.set(der.sequence(der.oid(commonNameOid))))],
    ['a string that is none', encode([[commonNameOid, Uint8Array.of(0x0c, 1, 0xff)]])],
    [
      'more RDNs than any name has',
      der.sequence(
        ...new Array<Uint8Array>(300).fill(der.set(der.sequence(der.oid(commonNameOid), der.utf8String('a')))),
      ),
    ],
  ] as const) {
    test(`with ${what} is refused when it is read`, () => {
      assert.throws(
        () => parseName(bytes).rdns,
        error => isPkiError(error, 'name_malformed'),
      )
    })
  }
})

test('string preparation is idempotent', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text =>
      assert.equal(prepareString(prepareString(text)), prepareString(text)),
    ),
  )
})
