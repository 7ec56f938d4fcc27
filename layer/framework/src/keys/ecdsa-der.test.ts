import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeEcdsaSignature, fixedEcdsaSignature, parseEcdsaSignature } from './ecdsa-der.ts'

const parse = (hex: string) => parseEcdsaSignature(Buffer.from(hex, 'hex'))

test('what is encoded is read back, and each prefix or extension is refused', () => {
  const width = fc.constantFrom(32, 48, 66)
  const fixed = width.chain(bytes => fc.uint8Array({ minLength: 2 * bytes, maxLength: 2 * bytes }))
  fc.assert(
    fc.property(fixed, fc.nat(), (bytes, cut) => {
      const der = encodeEcdsaSignature(bytes)
      const numbers = parseEcdsaSignature(der)
      assert.ok(numbers)
      assert.deepEqual(fixedEcdsaSignature(numbers, bytes.length / 2), bytes)
      assert.equal(parseEcdsaSignature(der.subarray(0, cut % der.length)), undefined)
      assert.equal(parseEcdsaSignature(Uint8Array.from([...der, 0])), undefined)
    }),
  )
})

test('any bytes that are read are the only encoding of their numbers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), tail => {
      const der = Uint8Array.from([0x30, tail.length, ...tail])
      const numbers = parseEcdsaSignature(der)
      if (numbers === undefined) return
      const fixed = fixedEcdsaSignature(numbers, 12)
      assert.deepEqual(fixed && encodeEcdsaSignature(fixed), der)
    }),
    { numRuns: 500 },
  )
})

test('what strict DER forbids', () => {
  assert.ok(parse('3006020101020101'))
  for (const [why, hex] of Object.entries({
    'empty input': '',
    'another tag': '3106020101020101',
    'an indefinite length': '30800201010201010000',
    'a length in long form': '308106020101020101',
    'a longer long form': '30820006020101020101',
    'a number in long form': '300702810101020101',
    'trailing bytes inside': '30080201010201010500',
    'trailing bytes behind': '300602010102010100',
    'a leading zero': '300702020001020101',
    'a negative number': '3006020181020101',
    'an empty number': '30050200020101',
    'one number': '3003020101',
    'another type': '3006020101050101',
  }))
    assert.equal(parse(hex), undefined, why)
})
