import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as der from '../der/writer.ts'
import { testKey } from '../testing/index.ts'
import { createKeyCache, importPublicKey, knownKeyInfo } from './key-cache.ts'
import { readPublicKey } from './public-key.ts'

/** An RSA key whose modulus starts with an octet of choice; nobody knows its factors, and nobody needs them. */
function rsaKey(first: number): Uint8Array {
  const modulus = new Uint8Array(256).fill(0xa5)
  modulus[0] = first
  const key = der.sequence(der.integer(modulus), der.integer(65_537))
  return der.sequence(der.sequence(der.oid('1.2.840.113549.1.1.1'), der.nullValue()), der.bitString(key))
}

const modulusOf = (spki: Uint8Array, cache = createKeyCache()) =>
  Buffer.from(importPublicKey(spki, cache).key.export({ format: 'jwk' }).n ?? '', 'base64url')[0]

test('keys that end alike are not confused', () => {
  const cache = createKeyCache()
  for (const first of [0xc1, 0xc3, 0xc1, 0xc5, 0xc3]) assert.equal(modulusOf(rsaKey(first), cache), first)
  assert.equal(cache.entries.size, 1, 'they take each other’s place')
})

test('the cache keeps its own copy of what a key is recognised by', () => {
  const cache = createKeyCache()
  const spki = rsaKey(0xc1)
  importPublicKey(spki, cache)
  spki.set(rsaKey(0xc3))
  assert.equal(modulusOf(rsaKey(0xc1), cache), 0xc1)
  assert.equal(modulusOf(spki, cache), 0xc3)
})

test('every kind of exponent is read', () => {
  for (const exponent of [3, 65_537, 65_539, 2 ** 32 + 15]) {
    const key = der.sequence(der.integer(new Uint8Array(256).fill(0xa5)), der.integer(exponent))
    const spki = der.sequence(der.sequence(der.oid('1.2.840.113549.1.1.1'), der.nullValue()), der.bitString(key))
    const { info } = importPublicKey(spki)
    assert.equal(info.type === 'rsa' && info.exponent, BigInt(exponent))
  }
})

test('what the cache knows of a key it knows of these octets alone', () => {
  const cache = createKeyCache()
  const { spki } = testKey('p256')
  assert.equal(knownKeyInfo(spki, cache), undefined)
  importPublicKey(spki, cache)
  assert.deepEqual(knownKeyInfo(spki.slice(), cache), readPublicKey(spki))
  // The 40 octets that keys are filed under stay the same.
  for (let at = 0; at < spki.length - 40; at++) {
    assert.equal(knownKeyInfo(spki.with(at, (spki[at] as number) ^ 1), cache), undefined, `octet ${at}`)
  }
})
