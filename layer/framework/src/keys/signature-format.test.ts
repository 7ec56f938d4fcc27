import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseEcdsaSignature } from './ecdsa-der.ts'
import { derOf, inFormat } from './signature-format.ts'

const message = Buffer.from('a message')
const curves = { 'ECDSA-SHA256': 'P-256', 'ECDSA-SHA384': 'P-384', 'ECDSA-SHA512': 'P-521' } as const
const widths = { 'ECDSA-SHA256': 64, 'ECDSA-SHA384': 96, 'ECDSA-SHA512': 132 } as const
const algorithms = Object.keys(curves) as (keyof typeof curves)[]

for (const algorithm of algorithms) {
  test(`${algorithm}: numbers with leading zeros are padded to the width, as node:crypto reads it`, () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curves[algorithm] })
    const hash = algorithm.slice(6).toLowerCase()
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    for (let tries = 0, short = 0; short === 0; tries += 1) {
      assert.ok(tries < 5000, 'no short number in 5,000 signatures')
      const der = sign(hash, message, privateKey)
      const { r, s } = parseEcdsaSignature(der) ?? { r: der, s: der }
      // P-521 numbers have 66 bytes of which the first is 0 or 1: one of 65 bytes is every second one.
      if (Math.min(r.length, s.length) >= widths[algorithm] / 2) continue
      short += 1
      const fixed = inFormat(algorithm, der, 'p1363')
      assert.equal(fixed.length, widths[algorithm])
      assert.ok(verify(hash, message, key, fixed))
      assert.deepEqual(Buffer.from(derOf(algorithm, fixed, 'p1363') ?? []), der)
    }
  })

  test(`${algorithm}: any bytes of the right length become strict DER of the same numbers; of another length nothing`, () => {
    const width = widths[algorithm]
    fc.assert(
      fc.property(fc.uint8Array({ minLength: width, maxLength: width }), fixed => {
        const der = derOf(algorithm, fixed, 'p1363')
        assert.ok(der !== undefined)
        assert.deepEqual(inFormat(algorithm, der, 'p1363'), fixed)
      }),
    )
    for (const length of [0, 1, width - 2, width - 1, width + 1, width + 2, 2 * width]) {
      assert.equal(derOf(algorithm, new Uint8Array(length), 'p1363'), undefined)
    }
  })
}
