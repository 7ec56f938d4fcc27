import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Value } from '../table.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('CBOR', () => {
  // RFC 8949 Appendix A.
  const examples: readonly (readonly [Value, string])[] = [
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [1000, '1903e8'],
    [1000000, '1a000f4240'],
    [1000000000000, '1b000000e8d4a51000'],
    [-1, '20'],
    [-1000, '3903e7'],
    [1.1, 'fb3ff199999999999a'],
    [false, 'f4'],
    [true, 'f5'],
    [null, 'f6'],
    [Uint8Array.of(1, 2, 3, 4), '4401020304'],
    ['ü', '62c3bc'],
    [[1, [2, 3], [4, 5]], '8301820203820405'],
    [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  ]
  for (const [value, encoded] of examples) {
    it(`encodes ${encoded} as RFC 8949 does`, () => {
      assert.equal(hex(encodeCbor(value)), encoded)
      assert.deepEqual(decodeCbor(Buffer.from(encoded, 'hex')), value)
    })
  }

  it('gives every value back', () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => (value === 0 ? 0 : value)),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
    )
    const value = fc.object({ values: [scalar], withNullPrototype: false, maxDepth: 4 }) as fc.Arbitrary<Value>
    fc.assert(fc.property(value, given => assert.deepEqual(decodeCbor(encodeCbor(given)), given)))
  })

  it('refuses what it would not have written', () => {
    for (const bad of ['', '18', '1c00', '61', 'ff', 'c000', '0000', '9f01ff', 'a10102', '5affffffff00', 'f97e00']) {
      assert.throws(() => decodeCbor(Buffer.from(bad, 'hex')), RangeError, bad)
    }
    assert.throws(() => decodeCbor(Buffer.alloc(1000, 0x81)), RangeError)
  })
})
