import assert from 'node:assert/strict'
import { test } from 'node:test'
import { derWriter as der, oids, parseName } from '@mmf/pki'
import fc from 'fast-check'
import { NameSyntaxError, parseDistinguishedName } from './distinguished-name.ts'
import { nameFromText } from './name-key.ts'

const keyOf = (text: string) => nameFromText(text).key

test('the examples of RFC 4514 §4', () => {
  const parsed: [string, [string, string][][]][] = [
    ['UID=jsmith,DC=example,DC=net', [[['UID', 'jsmith']], [['DC', 'example']], [['DC', 'net']]]],
    ['OU=Sales+CN=J.  Smith,DC=example', [[['OU', 'Sales'], ['CN', 'J.  Smith']], [['DC', 'example']]]],
    ['CN=James \\"Jim\\" Smith\\, III,DC=net', [[['CN', 'James "Jim" Smith, III']], [['DC', 'net']]]],
    ['CN=Before\\0dAfter,DC=net', [[['CN', 'Before\rAfter']], [['DC', 'net']]]],
    ['1.3.6.1.4.1.1466.0=#04024869', [[['1.3.6.1.4.1.1466.0', '#04024869']]]],
    ['CN=Lu\\C4\\8Di\\C4\\87', [[['CN', 'Lučić']]]],
    ['CN=\\ a\\ ', [[['CN', ' a ']]]],
    ['', []],
  ] // biome-ignore format: examples
  for (const [text, rdns] of parsed) {
    assert.deepEqual(
      parseDistinguishedName(text).map(rdn => rdn.map(({ type, value }) => [type, value])),
      rdns,
      text,
    )
  }
})

test('what is no distinguished name is refused with the place', () => {
  for (const text of [
    'CN',
    'CN=a,',
    'CN=a b="c',
    '=a',
    'CN=a\\',
    'CN=a\\x',
    'CN=\\C4',
    'CN=a<b',
    ',CN=a',
    'CN=a\0',
    'CN=#0',
  ]) {
    assert.throws(() => nameFromText(text), NameSyntaxError, text)
  }
  assert.throws(() => nameFromText('XYZ=1'), /XYZ/)
  assert.throws(() => nameFromText(`CN=${'a'.repeat(9000)}`), NameSyntaxError)
})

test('names compare as RFC 5280 §7.1 says', () => {
  assert.equal(keyOf('CN=Some  Name,O=Örg,C=DE'), keyOf('cn=some name, O=örg , c=de'))
  assert.equal(keyOf('commonName=a,2.5.4.6=de'), keyOf('CN=A,C=DE'))
  assert.equal(keyOf('OU=a+CN=b'), keyOf('CN=b+OU=a'))
  for (const other of ['C=DE,CN=a', 'CN=a', 'CN=a+C=DE', 'CN=a,CN=a,C=DE', 'CN=a,C=D E']) {
    assert.notEqual(keyOf(other), keyOf('CN=a,C=DE'), other)
  }
})

const types = [
  oids.commonName,
  oids.organizationName,
  oids.countryName,
  oids.serialNumber,
  oids.emailAddress,
  '1.2.3.4',
]
const attribute = fc.tuple(fc.constantFrom(...types), fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }))
const name = fc.array(fc.uniqueArray(attribute, { minLength: 1, maxLength: 2, selector: ([type]) => type }), {
  maxLength: 4,
})

test('the text that a certificate gives of a name means the same name', () => {
  fc.assert(
    fc.property(name, rdns => {
      const encoded = der.sequence(
        ...rdns.map(rdn =>
          der.set(...rdn.map(([type, value]) => der.sequence(der.oid(type), der.utf8String(value.toWellFormed())))),
        ),
      )
      const parsed = parseName(encoded)
      assert.equal(keyOf(parsed.toString()), parsed.key, parsed.toString())
    }),
    { numRuns: 500 },
  )
})

test('any text is a name or is refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), text => {
      try {
        nameFromText(`CN=${text}`)
      } catch (error) {
        assert.ok(error instanceof NameSyntaxError, String(error))
      }
    }),
    { numRuns: 1000 },
  )
})
