import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import * as der from '../der/writer.ts'
import { isPkiError } from '../errors.ts'
import { type PublicKeyInfo, readPublicKey } from '../signature/public-key.ts'
import { testKey } from '../testing/index.ts'
import { readUsualRsaKey } from './usual-rsa-key.ts'

const rsa = (modulus: bigint, exponent: bigint, parameters: readonly Uint8Array[] = [der.nullValue()]): Uint8Array =>
  der.sequence(
    der.sequence(der.oid('1.2.840.113549.1.1.1'), ...parameters),
    der.bitString(der.sequence(der.integer(modulus), der.integer(exponent))),
  )

const attempt = (
  read: (spki: Uint8Array) => PublicKeyInfo | undefined,
  spki: Uint8Array,
): PublicKeyInfo | undefined => {
  try {
    return read(spki)
  } catch (error) {
    assert.ok(isPkiError(error))
    return undefined
  }
}

describe('the usual RSA key', () => {
  test('is read as the long way reads it', () => {
    for (const kind of ['rsa-1024', 'rsa-2048', 'rsa-3072'] as const) {
      const { spki } = testKey(kind)
      assert.deepEqual(readUsualRsaKey(spki), readPublicKey(spki))
    }
  })

  test('or not at all', () => {
    const odd = (1n << 1023n) | 1n
    for (const spki of [
      testKey('p256').spki,
      testKey('rsa-pss-2048').spki,
      rsa(odd, 3n),
      rsa(odd - 1n, 65_537n),
      rsa(odd >> 1n, 65_537n),
      rsa(odd, 65_537n, []),
      rsa(-odd, 65_537n),
      rsa((1n << 16_391n) | 1n, 65_537n),
      der.sequence(),
    ]) {
      assert.equal(attempt(readUsualRsaKey, spki), undefined)
    }
  })

  test('with any octet changed gives the same as the long way, or leaves it to decide', () => {
    const { spki } = testKey('rsa-1024')
    fc.assert(
      fc.property(fc.nat(spki.length - 1), fc.nat(255), fc.nat(spki.length), (at, octet, length) => {
        const changed = Uint8Array.from(spki)
        changed[at] = octet
        for (const input of [changed, changed.subarray(0, length)]) {
          const usual = attempt(readUsualRsaKey, input)
          if (usual !== undefined) assert.deepEqual(usual, readPublicKey(input))
        }
      }),
      { numRuns: 3000 },
    )
  })
})
