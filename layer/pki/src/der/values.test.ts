import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isPkiError } from '../errors.ts'
import { decodeOid, encodeOid, oidName, readOid } from './oid.ts'
import { oidNames, oids } from './oid-names.ts'
import { type DerElement, parseDer } from './reader.ts'
import { readString } from './strings.ts'
import { isUnexpectedTimeType, readTime } from './time.ts'
import { readBitString, readBoolean, readInteger, readNamedBits, readSmallInteger } from './values.ts'
import { generalizedTime, integer, oid, time, utcTime } from './writer.ts'

const element = (hex: string): DerElement => parseDer(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')))
const malformed = (error: unknown): boolean => isPkiError(error, 'der_malformed')

describe('values', () => {
  test('BOOLEAN is 00 or FF', () => {
    assert.equal(readBoolean(element('0101ff')), true)
    assert.equal(readBoolean(element('010100')), false)
    for (const hex of ['010101', '0100', '0102ffff']) assert.throws(() => readBoolean(element(hex)), malformed)
  })

  test('INTEGER of any size comes back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }), value => {
        assert.equal(readInteger(parseDer(integer(value))), value)
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), value => {
        assert.equal(readSmallInteger(parseDer(integer(value))), value)
      }),
    )
  })

  test('INTEGER is minimal and not empty', () => {
    for (const hex of ['0200', '02020001', '0202ff80']) assert.throws(() => readInteger(element(hex)), malformed)
    assert.throws(() => readSmallInteger(element('02050100000000')), malformed)
  })

  test('BIT STRING has its unused bits zero', () => {
    assert.deepEqual(readBitString(element('03020780')), { bytes: Uint8Array.of(0x80), unusedBits: 7 })
    for (const hex of ['0300', '03020880', '030107', '03020781'])
      assert.throws(() => readBitString(element(hex)), malformed)
  })

  test('named bits end at the last that is set', () => {
    assert.equal(readNamedBits(element('03020780')), 1)
    assert.equal(readNamedBits(element('0303070080')), 1 << 8)
    assert.equal(readNamedBits(element('030100')), 0)
    for (const hex of ['03020680', '0304000000 01']) assert.throws(() => readNamedBits(element(hex)), malformed)
  })
})

describe('object identifiers', () => {
  const arcs = fc
    .tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 39 }),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n }), { maxLength: 6 }),
    )
    .map(([root, second, rest]) => [root, second, ...rest].join('.'))

  test('come back from their octets', () => {
    fc.assert(fc.property(arcs, text => assert.equal(decodeOid(encodeOid(text)), text)))
    assert.equal(decodeOid(encodeOid('2.999.3')), '2.999.3')
  })

  test('of the table are found and named', () => {
    for (const [text, name] of Object.entries(oidNames)) {
      assert.equal(readOid(parseDer(oid(text))), text)
      assert.equal(oidName(text), name)
    }
    assert.equal(oids.keyUsage, '2.5.29.15')
    assert.equal(new Set(Object.values(oidNames)).size, Object.keys(oidNames).length)
  })

  test('are minimal, whole and not empty', () => {
    for (const hex of ['0600', '060180', '06038037 01', '0602 5581'])
      assert.throws(() => readOid(element(hex)), malformed)
  })

  test('that are none are not written', () => {
    for (const text of ['', '1', '3.1', '1.40', '1.2.x', '1.02']) {
      assert.throws(
        () => encodeOid(text),
        error => isPkiError(error, 'der_encoding'),
      )
    }
  })
})

describe('times', () => {
  test('come back from their octets', () => {
    const seconds = fc.integer({ min: -631_152_000, max: 253_402_300_799 })
    fc.assert(
      fc.property(seconds, value => assert.equal(readTime(parseDer(time(new Date(value * 1000)))), value * 1000)),
    )
  })

  test('of every year that four digits write come back', () => {
    const first = new Date(0).setUTCFullYear(0, 0, 1)
    const moment = fc.integer({ min: Math.ceil(first / 1000), max: 253_402_300_799 }).map(seconds => seconds * 1000)
    fc.assert(
      fc.property(moment, value => {
        const text = `${new Date(value).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
        const hex = `180f${Buffer.from(text).toString('hex')}`
        assert.equal(readTime(element(hex)), Math.floor(value / 1000) * 1000)
      }),
      { numRuns: 500 },
    )
  })

  test('are in UTC, whole and exist', () => {
    const text = (tag: string, value: string): DerElement =>
      element(`${tag}${value.length.toString(16).padStart(2, '0')}${Buffer.from(value).toString('hex')}`)
    assert.equal(readTime(text('17', '490101000000Z')), Date.UTC(2049, 0, 1))
    assert.equal(readTime(text('17', '500101000000Z')), Date.UTC(1950, 0, 1))
    assert.equal(readTime(text('18', '20240229235959Z')), Date.UTC(2024, 1, 29, 23, 59, 59))
    assert.ok(readTime(text('18', '00500101000000Z')) < Date.UTC(1000))
    for (const value of [
      '2401010000Z',
      '240101000000+0000',
      '240230000000Z',
      '241301000000Z',
      '240101240000Z',
      '24010100006xZ',
    ]) {
      assert.throws(() => readTime(text('17', value)), malformed, value)
    }
    for (const value of ['20230229000000Z', '20240101000000.5Z', '20240101000000', '20240101000060Z']) {
      assert.throws(() => readTime(text('18', value)), malformed, value)
    }
    assert.throws(() => readTime(text('0c', '240101000000Z')), malformed)
  })

  test('of the other type than RFC 5280 asks for are reported', () => {
    const at = new Date('2026-01-01T00:00:00Z')
    assert.equal(isUnexpectedTimeType(parseDer(utcTime(at)).tag, at.getTime()), false)
    assert.equal(isUnexpectedTimeType(parseDer(generalizedTime(at)).tag, at.getTime()), true)
    assert.equal(isUnexpectedTimeType(0x18, Date.UTC(2050)), false)
  })
})

describe('strings', () => {
  test('are decoded by their type', () => {
    assert.equal(readString(element('0c03e282ac')), '€')
    assert.equal(readString(element('1e0220ac')), '€')
    assert.equal(readString(element('1c040001f600')), '😀')
    assert.equal(readString(element('1403e4f6fc')), 'äöü')
    assert.equal(readString(element('130141')), 'A')
  })

  test('that their type does not allow are refused', () => {
    for (const hex of ['0c01ff', '1e0120', '1e02d800', '1c0400110000', '1601ff', '120141', '020141']) {
      assert.throws(() => readString(element(hex)), malformed, hex)
    }
  })

  test('text of every length is the octets one by one, and one above 127 in it is refused', () => {
    for (let length = 0; length < 80; length++) {
      const octets = Uint8Array.from({ length }, (_, index) => 0x20 + ((index * 7) % 0x5f))
      const ia5 = Uint8Array.of(0x16, length, ...octets)
      assert.equal(readString(parseDer(ia5)), Buffer.from(octets).toString('latin1'))
      assert.equal(readString(parseDer(Uint8Array.of(0x14, length, ...octets))), Buffer.from(octets).toString('latin1'))
      for (let index = 2; index < ia5.length; index++) {
        assert.throws(() => readString(parseDer(ia5.with(index, 0x80))), malformed, `octet ${index} of ${length}`)
      }
    }
  })
})
