import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isPkiError, type PkiErrorCode } from '../errors.ts'
import { berRules, derRules, parseDer } from './reader.ts'
import { tags } from './tags.ts'
import { readOctetString } from './values.ts'
import { octetString, sequence } from './writer.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const code = (expected: PkiErrorCode) => (error: unknown) => isPkiError(error, expected)

describe('DER reader', () => {
  test('gives views on the original octets', () => {
    const der = sequence(octetString(bytes('0102')), octetString(bytes('03')))
    const reader = parseDer(der).children()
    const first = reader.next(tags.OCTET_STRING)
    assert.equal(first.content.buffer, der.buffer)
    assert.deepEqual(first.raw, bytes('04020102'))
    assert.deepEqual(reader.next(tags.OCTET_STRING).content, bytes('03'))
    assert.equal(reader.done, true)
    reader.finish()
  })

  for (const [what, hex] of [
    ['nothing', ''],
    ['a tag alone', '30'],
    ['content that is missing', '3003'],
    ['a length in the long form that fits the short one', '04810101'],
    ['a length with a leading zero', `04820080${'00'.repeat(128)}`],
    ['a length that is cut off', '0482'],
    ['a length over 32 bits', '0485010000000000'],
    ['an indefinite length', '30800000'],
    ['trailing data', '040000'],
    ['a high tag number that fits a low one', '1f1e00'],
    ['a high tag number with leading zeros', '1f801f00'],
    ['a tag number beyond every use', '1fffffffff7f00'],
  ] as const) {
    test(`refuses ${what}`, () => assert.throws(() => parseDer(bytes(hex)), code('der_malformed')))
  }

  test('reads a high tag number', () => assert.equal(parseDer(bytes('1f1f00')).tag, 0x1f | (31 << 8)))

  test('refuses a child that exceeds its parent', () => {
    const reader = parseDer(bytes('30030402ff')).children()
    assert.throws(() => reader.any(), code('der_malformed'))
  })

  test('refuses to look into a primitive value', () => {
    assert.throws(() => parseDer(bytes('0400')).children(), code('der_malformed'))
  })

  test('bounds the size and the depth', () => {
    assert.throws(() => parseDer(bytes('040101'), { ...derRules, maxBytes: 2 }), code('der_limit_exceeded'))
    let der = bytes('3000')
    for (let level = 0; level < 70; level++) der = sequence(der)
    let element = parseDer(der)
    const descend = (): void => {
      for (let level = 0; level < 70; level++) element = element.children().next(tags.SEQUENCE)
    }
    assert.throws(descend, code('der_limit_exceeded'))
  })

  test('reads BER only where it is allowed', () => {
    const split = bytes('2480040101040102 0000'.replaceAll(' ', ''))
    assert.throws(() => parseDer(split), code('der_malformed'))
    const element = parseDer(split, berRules)
    assert.deepEqual(readOctetString(element), bytes('0102'))
    assert.equal(element.raw.length, split.length)
    assert.deepEqual(readOctetString(parseDer(bytes('04810101'), berRules)), bytes('01'))
    // A UTF8String in segments, each an OCTET STRING; a segment of another type is none (X.690 §8.7.3.2).
    assert.deepEqual(readOctetString(parseDer(bytes('2c050401612400'), berRules)), bytes('61'))
    assert.throws(() => readOctetString(parseDer(bytes('2c030c0161'), berRules)), code('der_malformed'))
    assert.throws(() => readOctetString(parseDer(bytes('2403040161'))), code('der_malformed'))
  })

  test('bounds nested indefinite lengths', () => {
    const nested = bytes('3080'.repeat(100_000))
    assert.throws(() => parseDer(nested, berRules), code('der_limit_exceeded'))
  })

  test('gives a coded error or an element for any octets, in either set of rules', () => {
    const walk = (element: ReturnType<typeof parseDer>, budget: { left: number }): void => {
      if (!element.constructed || budget.left-- <= 0) return
      const reader = element.children()
      while (!reader.done) walk(reader.any(), budget)
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (octets, ber) => {
        try {
          walk(parseDer(octets, ber ? berRules : derRules), { left: 1000 })
        } catch (error) {
          assert.ok(isPkiError(error), String(error))
        }
      }),
      { numRuns: 500 },
    )
  })
})
