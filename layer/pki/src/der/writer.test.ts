import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as der from './writer.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('integers are minimal two’s complement', () => {
  const cases: [number | bigint | Uint8Array, string][] = [
    [0, '020100'],
    [127, '02017f'],
    [128, '02020080'],
    [256, '02020100'],
    [-1, '0201ff'],
    [-128, '020180'],
    [-129, '0202ff7f'],
    [Uint8Array.of(), '020100'],
    [Uint8Array.of(0, 0, 0x80), '02020080'],
    [Uint8Array.of(0x7f), '02017f'],
    [2n ** 64n, '0209010000000000000000'],
  ]
  for (const [value, expected] of cases) assert.equal(hex(der.integer(value)), expected)
})

test('lengths are minimal at every boundary', () => {
  assert.equal(hex(der.octetString(new Uint8Array(127))).slice(0, 4), '047f')
  assert.equal(hex(der.octetString(new Uint8Array(128))).slice(0, 6), '048180')
  assert.equal(hex(der.octetString(new Uint8Array(255))).slice(0, 6), '0481ff')
  assert.equal(hex(der.octetString(new Uint8Array(256))).slice(0, 8), '04820100')
  assert.equal(hex(der.octetString(new Uint8Array(65536))).slice(0, 10), '0483010000')
})

test('object identifiers', () => {
  assert.equal(hex(der.oid('1.2.840.113549.1.1.11')), '06092a864886f70d01010b')
  assert.equal(hex(der.oid('2.999.3')), '0603883703')
  assert.equal(hex(der.oid('2.5.29.15')), '0603551d0f')
  assert.throws(() => der.oid('1.40.1'), { code: 'der_encoding' })
  assert.throws(() => der.oid('1.02.1'), { code: 'der_encoding' })
  assert.throws(() => der.oid('3.1'), { code: 'der_encoding' })
})

test('a set is sorted by encoding', () => {
  assert.equal(
    hex(der.set(der.integer(300), der.integer(2), der.integer(1))),
    '310a' + '020101' + '020102' + '0202012c',
  )
})

test('times follow the rule of RFC 5280 §4.1.2.5', () => {
  const text = (bytes: Uint8Array) => `${bytes[0]}:${Buffer.from(bytes.subarray(2)).toString('latin1')}`
  assert.equal(text(der.time(new Date('2049-12-31T23:59:59.900Z'))), '23:491231235959Z')
  assert.equal(text(der.time(new Date('2050-01-01T00:00:00Z'))), '24:20500101000000Z')
  assert.equal(text(der.time(new Date('1949-06-01T00:00:00Z'))), '24:19490601000000Z')
  assert.throws(() => der.utcTime(new Date('2050-01-01T00:00:00Z')), RangeError)
  assert.throws(() => der.time(new Date(Number.NaN)), RangeError)
})

test('named bits drop trailing zeros', () => {
  assert.equal(hex(der.namedBits(5, 6)), '03020106')
  assert.equal(hex(der.namedBits(0)), '03020780')
  assert.equal(hex(der.namedBits(8)), '0303070080')
  assert.equal(hex(der.namedBits()), '030100')
  assert.throws(() => der.bitString(Uint8Array.of(1), 1), RangeError)
})

test('tags: explicit, implicit, application, high numbers', () => {
  assert.equal(hex(der.explicit(0, der.integer(2))), 'a003020102')
  assert.equal(hex(der.implicit(1, der.set(der.integer(1)))), 'a103020101')
  assert.equal(hex(der.implicit(2, der.octetString(Uint8Array.of(7)))), '820107')
  assert.equal(hex(der.implicit(2, der.octetString(new Uint8Array(200)))).slice(0, 6), '8281c8')
  assert.equal(hex(der.application(23, der.nullValue())), '77020500')
  assert.equal(hex(der.explicit(31, der.nullValue())), 'bf1f020500')
  assert.equal(hex(der.explicit(201, der.nullValue())), 'bf8149020500')
  assert.throws(() => der.tlv(0x1f, Uint8Array.of()), RangeError)
})

test('strings refuse characters outside their alphabet', () => {
  assert.equal(hex(der.printableString('UN')), '1302554e')
  assert.equal(hex(der.utf8String('é')), '0c02c3a9')
  assert.throws(() => der.printableString('a@b'), TypeError)
  assert.throws(() => der.ia5String('é'), TypeError)
})

test('an integer reads back as itself', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), value => {
      const encoded = der.integer(value)
      const size = encoded[1] ?? 0
      const read = BigInt.asIntN(size * 8, BigInt(`0x${hex(encoded.subarray(2))}`))
      assert.equal(read, value)
      const [first = 0, second = 0] = encoded.subarray(2)
      if (size > 1) assert.ok(!(first === 0 && second < 0x80) && !(first === 0xff && second >= 0x80), 'not minimal')
    }),
  )
})
