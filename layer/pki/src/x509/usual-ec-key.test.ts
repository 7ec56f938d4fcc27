import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isPkiError } from '../errors.ts'
import { type PublicKeyInfo, readPublicKey } from '../signature/public-key.ts'
import { testKey } from '../testing/index.ts'
import { readUsualEcKey } from './usual-ec-key.ts'

const kindTable = ['p256', 'p384', 'p521'] as const

/** What a reader gives, or the code of what it throws. */
function outcome(read: (spki: Uint8Array) => PublicKeyInfo | undefined, spki: Uint8Array) {
  try {
    return read(spki)
  } catch (error) {
    assert.ok(isPkiError(error))
    return error.code
  }
}

describe('the usual EC key', () => {
  test('is read as the long way reads it', () => {
    for (const kind of kindTable) {
      const { spki } = testKey(kind)
      assert.ok(readUsualEcKey(spki) !== undefined)
      assert.deepEqual(readUsualEcKey(spki), readPublicKey(spki))
    }
  })

  test('or not at all', () => {
    for (const kind of ['rsa-2048', 'brainpoolP256r1', 'secp256k1', 'p256-explicit', 'ed25519'] as const) {
      assert.equal(readUsualEcKey(testKey(kind).spki), undefined)
    }
    assert.equal(readUsualEcKey(new Uint8Array(0)), undefined)
    assert.equal(readUsualEcKey(new Uint8Array(91)), undefined)
  })

  test('with any octet changed gives the same as the long way, or leaves it to decide', () => {
    for (const kind of kindTable) {
      const { spki } = testKey(kind)
      for (let at = 0; at < spki.length; at++) {
        for (const octet of [0, 2, 3, 4, 0x80, 0xff, (spki[at] as number) ^ 1]) {
          const changed = spki.with(at, octet)
          const usual = outcome(readUsualEcKey, changed)
          if (usual !== undefined) assert.deepEqual(usual, outcome(readPublicKey, changed), `octet ${at} of ${kind}`)
        }
      }
    }
  })

  test('takes no point that is not on the curve, and no coordinate outside the field', () => {
    for (const kind of kindTable) {
      const { spki } = testKey(kind)
      const width = (readPublicKey(spki) as { point: Uint8Array }).point.length >> 1
      fc.assert(
        fc.property(fc.nat(2 * width - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
          const changed = Uint8Array.from(spki)
          const place = spki.length - 1 - at
          changed[place] = (changed[place] as number) ^ difference
          assert.equal(outcome(readUsualEcKey, changed), 'key_malformed')
        }),
      )
      for (const from of [spki.length - 2 * width, spki.length - width]) {
        assert.equal(outcome(readUsualEcKey, Uint8Array.from(spki).fill(0xff, from, from + width)), 'key_malformed')
      }
    }
  })
})
