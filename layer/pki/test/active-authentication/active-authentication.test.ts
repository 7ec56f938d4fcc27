import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as der from '../../src/der/writer.ts'
import { type ActiveAuthenticationInput, verifyActiveAuthentication } from '../../src/icao/active-authentication.ts'
import { testKey } from '../../src/testing/index.ts'

interface Vector {
  readonly name: string
  readonly dg15: string
  readonly dg14?: string
  readonly challenge: string
  readonly response: string
}

const file = new URL('vectors.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Vector[] }

const octets = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const inputOf = ({ dg15, dg14, challenge, response }: Vector): ActiveAuthenticationInput => ({
  dg15: octets(dg15),
  ...(dg14 === undefined ? {} : { dg14: octets(dg14) }),
  challenge: octets(challenge),
  response: octets(response),
})
const named = (name: string) => inputOf(cases.find(vector => vector.name === name) ?? assert.fail(name))
const codes = (input: ActiveAuthenticationInput) => {
  const { valid, findings } = verifyActiveAuthentication(input)
  assert.equal(valid, findings.length === 0)
  return findings.map(({ code }) => code)
}

test('answers that another implementation made are right', () => {
  assert.ok(cases.length > 20)
  for (const vector of cases) assert.deepEqual(codes(inputOf(vector)), [], vector.name)
})

for (const name of ['RSA-1024 sha1 B.6', 'RSA-1024 sha256 B.4', 'secp256r1 sha256']) {
  test(`each flipped bit refuses: ${name}`, () => {
    const right = named(name)
    for (const field of ['response', 'challenge'] as const) {
      for (let bit = 0; bit < 8 * right[field].length; bit++) {
        const changed = right[field].slice()
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.deepEqual(codes({ ...right, [field]: changed }), ['active_authentication_failed'], `${field} ${bit}`)
      }
    }
  })
}

test('answers of a wrong length, to another key, and of another kind of key are refused', () => {
  const right = named('RSA-1024 sha256 B.6')
  const ecdsa = named('secp256r1 sha256')
  const { dg15 } = named('RSA-1536 sha256 B.6')
  const failed = ['active_authentication_failed']
  for (const { response, challenge, ...keys } of [right, ecdsa]) {
    for (const answer of [new Uint8Array(), response.subarray(1), der.concatBytes([response, Uint8Array.of(0)])]) {
      assert.deepEqual(codes({ ...keys, challenge, response: answer }), failed)
    }
    assert.deepEqual(codes({ ...keys, challenge, response: response.map(() => 0) }), failed)
    assert.deepEqual(codes({ ...keys, challenge, response: response.map(() => 255) }), failed)
  }
  assert.deepEqual(codes({ ...right, dg15 }), failed)
  assert.deepEqual(codes({ ...ecdsa, dg15: named('brainpoolP256r1 sha224').dg15 }), failed)
})

test('what cannot be judged is never a yes', () => {
  const ecdsa = named('secp256r1 sha256')
  const { dg14: _none, ...withoutDg14 } = ecdsa
  const info = (oid: string, version = 1) => der.sequence(der.oid('2.23.136.1.1.5'), der.integer(version), der.oid(oid))
  const dg14 = (...infos: Uint8Array[]) => der.tlv(0x6e, der.set(...infos))
  const sha256 = '0.4.0.127.0.7.1.1.4.1.3'
  const unreadable: ActiveAuthenticationInput[] = [
    withoutDg14,
    { ...ecdsa, dg14: dg14() },
    { ...ecdsa, dg14: dg14(info(sha256, 2)) },
    // SHA-1 and RIPEMD-160 shall not be used (Doc 9303-11 §6.1.2.3); another scheme is none of ours.
    ...['0.4.0.127.0.7.1.1.4.1.1', '0.4.0.127.0.7.1.1.4.1.6', '1.2.840.10045.4.3.2'].map(oid => ({
      ...ecdsa,
      dg14: dg14(info(oid)),
    })),
    { ...ecdsa, dg14: der.tlv(0x6d, der.set(info(sha256))) },
    { ...ecdsa, dg15: ecdsa.dg15.subarray(1) },
    { ...ecdsa, dg15: der.tlv(0x6e, ecdsa.dg15.subarray(2)) },
    { ...ecdsa, dg15: der.tlv(0x6f, testKey('ed25519').spki) },
    { ...ecdsa, dg15: der.tlv(0x6f, testKey('rsa-pss-2048').spki) },
  ]
  for (const [index, input] of unreadable.entries()) {
    assert.deepEqual(codes(input), ['active_authentication_unreadable'], String(index))
  }
  // A hash that is longer than the key (Doc 9303-11 §6.1.2.3).
  assert.deepEqual(codes({ ...ecdsa, dg14: dg14(info('0.4.0.127.0.7.1.1.4.1.5')) }), ['active_authentication_failed'])
  assert.throws(() => codes({ ...ecdsa, challenge: new Uint8Array(7) }), { code: 'argument_invalid' })
})
