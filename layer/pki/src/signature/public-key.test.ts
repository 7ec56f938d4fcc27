import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyPairKeyObjectResult, type RSAPSSKeyPairKeyObjectOptions, sign } from 'node:crypto'
import { test } from 'node:test'
import * as der from '../der/writer.ts'
import { testKey } from '../testing/keys.ts'
import { completeDsaParameters } from './dsa-parameters.ts'
import { importPublicKey } from './key-cache.ts'
import { type CurveDomain, namedCurves } from './named-curves.ts'
import { decodePssParameters } from './pss-parameters.ts'
import { maxRsaBits, readPublicKey } from './public-key.ts'
import { verifySignature } from './verify.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const ecOid = der.oid('1.2.840.10045.2.1')

interface DomainChange {
  version?: Uint8Array
  field?: Uint8Array
  curve?: Uint8Array
  generator?: Uint8Array
  order?: Uint8Array
  cofactor?: Uint8Array | 'absent'
  extra?: Uint8Array
}

function explicitParameters(domain: CurveDomain, change: DomainChange): Uint8Array {
  const { cofactor = der.integer(1), extra } = change
  return der.sequence(
    change.version ?? der.integer(1),
    change.field ?? der.sequence(der.oid('1.2.840.10045.1.1'), der.integer(hex(domain.p))),
    change.curve ?? der.sequence(der.octetString(hex(domain.a)), der.octetString(hex(domain.b))),
    der.octetString(change.generator ?? hex(`04${domain.gx}${domain.gy}`)),
    change.order ?? der.integer(hex(domain.n)),
    ...(cofactor === 'absent' ? [] : [cofactor]),
    ...(extra === undefined ? [] : [extra]),
  )
}

const ecSpki = (parameters: Uint8Array, point: Uint8Array) =>
  der.sequence(der.sequence(ecOid, parameters), der.bitString(point))

test('every curve of the table is one the runtime computes with, and its explicit form is recognised', () => {
  for (const { name, oid, runtimeName, bits, domain } of namedCurves) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: runtimeName, paramEncoding: 'explicit' })
    const { publicKey: named } = generateKeyPairSync('ec', { namedCurve: runtimeName })
    const info = readPublicKey(named.export({ format: 'der', type: 'spki' }))
    assert.deepEqual(
      [info.type, info.type === 'ec' && info.curve.oid, info.type === 'ec' && info.bits],
      ['ec', oid, bits],
    )
    const spelled = publicKey.export({ format: 'der', type: 'spki' })
    if (domain === undefined) {
      assert.throws(() => readPublicKey(spelled), { code: 'algorithm_unavailable' }, name)
      continue
    }
    const found = readPublicKey(spelled)
    assert.ok(found.type === 'ec' && found.explicit && found.curve.name === name, name)
    const imported = importPublicKey(spelled).key
    assert.deepEqual(
      imported.export({ format: 'der', type: 'spki' }).subarray(-20),
      spelled.subarray(-20),
      'the same point, now on the named curve',
    )
  }
})

test('explicit parameters that differ from a known curve in one value are refused', () => {
  const p256 = namedCurves.find(curve => curve.name === 'secp256r1')
  assert.ok(p256?.domain)
  const { domain } = p256
  const point = hex(`04${domain.gx}${domain.gy}`)
  const read = (change: DomainChange) => readPublicKey(ecSpki(explicitParameters(domain, change), point))
  assert.equal(read({}).type, 'ec')
  assert.equal(read({ cofactor: 'absent' }).type, 'ec')
  assert.equal(read({ generator: hex(`03${domain.gx}`) }).type, 'ec', 'compressed generator; its y is odd')
  assert.equal(read({ extra: der.sequence(der.oid('1.3.14.3.2.26')) }).type, 'ec', 'hash of version 3')
  const bump = (value: string) => der.integer(BigInt(`0x${value}`) + 2n)
  const a = der.octetString(hex(domain.a))
  const refused: [string, DomainChange, string][] = [
    // CVE-2020-0601: a generator of the attacker's choice.
    ['generator', { generator: hex(`04${domain.gy}${domain.gx}`) }, 'algorithm_unavailable'],
    ['wrong parity', { generator: hex(`02${domain.gx}`) }, 'algorithm_unavailable'],
    ['order', { order: bump(domain.n) }, 'algorithm_unavailable'],
    ['cofactor', { cofactor: der.integer(2) }, 'algorithm_unavailable'],
    ['b', { curve: der.sequence(a, der.octetString(Uint8Array.of(5))) }, 'algorithm_unavailable'],
    ['prime', { field: der.sequence(der.oid('1.2.840.10045.1.1'), bump(domain.p)) }, 'algorithm_unavailable'],
    ['field type', { field: der.sequence(der.oid('1.2.840.10045.1.2'), der.sequence()) }, 'algorithm_unavailable'],
    ['version', { version: der.integer(0) }, 'key_malformed'],
    ['empty coefficient', { curve: der.sequence(a, der.octetString(new Uint8Array(0))) }, 'key_malformed'],
    ['unknown field', { extra: der.integer(1) }, 'key_malformed'],
  ]
  for (const [what, change, code] of refused) assert.throws(() => read(change), { code }, what)
})

test('EC points: compressed is read; infinity, hybrid, wrong size and off-curve are refused', () => {
  const p256 = der.oid('1.2.840.10045.3.1.7')
  const key = testKey('p256')
  const jwk = key.publicKey.export({ format: 'jwk' })
  const x = Buffer.from(jwk.x ?? '', 'base64url')
  const y = Buffer.from(jwk.y ?? '', 'base64url')
  const odd = ((y.at(-1) ?? 0) & 1) === 1
  const point = (form: number, ...parts: Uint8Array[]) => ecSpki(p256, der.concatBytes([Uint8Array.of(form), ...parts]))
  const { key: imported } = importPublicKey(point(odd ? 3 : 2, x))
  assert.deepEqual(imported.export({ format: 'jwk' }), jwk)
  const refused = [point(0), point(odd ? 7 : 6, x, y), point(4, x), point(4, x, y, x), point(2, x, y), point(4, y, x)]
  for (const spki of refused) assert.throws(() => importPublicKey(spki), { code: 'key_malformed' })
  assert.throws(() => readPublicKey(ecSpki(der.nullValue(), x)), { code: 'key_malformed' }, 'implicitCurve')
  assert.throws(() => readPublicKey(der.sequence(der.sequence(ecOid), der.bitString(x))), { code: 'key_malformed' })
})

test('RSA keys: sizes are reported, nonsense is refused', () => {
  const info = readPublicKey(testKey('rsa-2048').spki)
  assert.ok(info.type === 'rsa' && info.bits === 2048 && info.exponent === 65537n)
  const spki = (modulus: Uint8Array, exponent: Uint8Array, parameters: Uint8Array = der.nullValue()) =>
    der.sequence(
      der.sequence(der.oid('1.2.840.113549.1.1.1'), parameters),
      der.bitString(der.sequence(modulus, exponent)),
    )
  const modulus = der.integer(info.modulus)
  const e = der.integer(65537)
  assert.equal(readPublicKey(spki(modulus, e)).type, 'rsa')
  const huge = new Uint8Array(maxRsaBits / 8 + 1).fill(0xff)
  const refused: [string, Uint8Array][] = [
    ['even modulus', spki(der.integer(2n ** 2047n), e)],
    ['negative modulus', spki(der.integer(-17), e)],
    ['huge modulus', spki(der.integer(huge), e)],
    ['exponent 1', spki(modulus, der.integer(1))],
    ['even exponent', spki(modulus, der.integer(65536))],
    ['negative exponent', spki(modulus, der.integer(-3))],
    ['huge exponent', spki(modulus, der.integer(2n ** 512n + 1n))],
    ['parameters', spki(modulus, e, der.sequence())],
    ['not DER', Uint8Array.of(0x30, 0x80, 0, 0)],
    ['trailing data', der.concatBytes([spki(modulus, e), Uint8Array.of(0)])],
    ['unused bits', der.sequence(der.sequence(der.oid('1.2.840.113549.1.1.1')), der.bitString(Uint8Array.of(0x80), 7))],
  ]
  for (const [what, bytes] of refused) assert.throws(() => readPublicKey(bytes), { code: 'key_malformed' }, what)
})

test('keys of fixed size: a wrong length is malformed, not unavailable', () => {
  const spki = (oid: string, size: number) =>
    der.sequence(der.sequence(der.oid(oid)), der.bitString(new Uint8Array(size)))
  for (const oid of ['2.16.840.1.101.3.4.3.17', '2.16.840.1.101.3.4.3.18', '1.3.101.112']) {
    assert.throws(() => importPublicKey(spki(oid, 31)), { code: 'key_malformed' }, oid)
  }
  assert.equal(importPublicKey(spki('2.16.840.1.101.3.4.3.18', 1952)).key.asymmetricKeyType, 'ml-dsa-65')
  assert.deepEqual(readPublicKey(spki('1.2.3', 4)), { type: 'unknown', oid: '1.2.3' })
})

const hash = (oid: string, parameters = der.nullValue()) => der.sequence(der.oid(oid), parameters)
const sha256Oid = '2.16.840.1.101.3.4.2.1'
const mgf1 = (inner: Uint8Array) => der.sequence(der.oid('1.2.840.113549.1.1.8'), inner)

test('RSASSA-PSS parameters: defaults, and what is refused', () => {
  assert.deepEqual(decodePssParameters(der.sequence()), { hash: 'sha1', mgfHash: 'sha1', saltLength: 20 })
  const full = der.sequence(
    der.explicit(0, der.sequence(der.oid(sha256Oid))),
    der.explicit(1, mgf1(hash('1.3.14.3.2.26'))),
    der.explicit(2, der.integer(17)),
    der.explicit(3, der.integer(1)),
  )
  assert.deepEqual(decodePssParameters(full), { hash: 'sha256', mgfHash: 'sha1', saltLength: 17 })
  const refused: [string, Uint8Array, string][] = [
    ['trailer 2', der.sequence(der.explicit(3, der.integer(2))), 'der_malformed'],
    ['negative salt', der.sequence(der.explicit(2, der.integer(-1))), 'der_malformed'],
    ['huge salt', der.sequence(der.explicit(2, der.integer(1_000_000))), 'der_malformed'],
    ['order', der.sequence(der.explicit(2, der.integer(20)), der.explicit(0, hash(sha256Oid))), 'der_malformed'],
    ['two values', der.sequence(der.explicit(2, der.integer(20), der.integer(20))), 'der_malformed'],
    ['hash parameters', der.sequence(der.explicit(0, hash(sha256Oid, der.integer(1)))), 'der_malformed'],
    ['no sequence', der.nullValue(), 'der_malformed'],
    ['MD5', der.sequence(der.explicit(0, hash('1.2.840.113549.2.5'))), 'algorithm_unavailable'],
    [
      'another mask',
      der.sequence(der.explicit(1, der.sequence(der.oid('1.2.3'), hash(sha256Oid)))),
      'algorithm_unavailable',
    ],
  ]
  for (const [what, bytes, code] of refused) assert.throws(() => decodePssParameters(bytes), { code }, what)
})

test('RSASSA-PSS with another hash in the mask, and with keys that restrict it', () => {
  const data = Buffer.from('mask')
  const options = { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha1', saltLength: 20 } as unknown
  const pair: KeyPairKeyObjectResult = generateKeyPairSync('rsa-pss', options as RSAPSSKeyPairKeyObjectOptions)
  const signature = sign('sha256', data, { key: pair.privateKey, saltLength: 20 })
  const parameters = (mask: string, salt: number) =>
    der.sequence(
      der.explicit(0, hash(sha256Oid)),
      ...(mask === 'sha1' ? [] : [der.explicit(1, mgf1(hash(sha256Oid)))]),
      ...(salt === 20 ? [] : [der.explicit(2, der.integer(salt))]),
    )
  const restricted = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }))
  const info = readPublicKey(restricted)
  assert.ok(info.type === 'rsa-pss')
  assert.deepEqual(info.restrictions, { hash: 'sha256', mgfHash: 'sha1', saltLength: 20 })
  const rsaKey = der.bitString(der.sequence(der.integer(info.modulus), der.integer(info.exponent)))
  const keyWith = (...algorithm: Uint8Array[]) => der.sequence(der.sequence(...algorithm), rsaKey)
  const pss = der.oid('1.2.840.113549.1.1.10')
  const plain = keyWith(der.oid('1.2.840.113549.1.1.1'), der.nullValue())
  const verdict = (spki: Uint8Array, mask: string, salt: number) =>
    verifySignature({
      algorithm: { oid: '1.2.840.113549.1.1.10', parameters: parameters(mask, salt) },
      spki,
      data,
      signature,
    }).status
  for (const spki of [plain, restricted, keyWith(pss)]) {
    assert.equal(verdict(spki, 'sha1', 20), 'valid')
    assert.equal(verdict(spki, 'sha256', 20), 'invalid')
    assert.equal(verdict(spki, 'sha1', 21), 'invalid')
  }
  assert.equal(
    verdict(keyWith(pss, parameters('sha1', 17)), 'sha1', 20),
    'valid',
    'a longer salt than the least is right',
  )
  assert.equal(verdict(keyWith(pss, parameters('sha1', 32)), 'sha1', 20), 'invalid', 'a shorter one is not')
  assert.equal(verdict(keyWith(pss, parameters('sha256', 20)), 'sha1', 20), 'invalid')
  assert.equal(verdict(plain, 'sha1', 2000), 'invalid', 'no room for such a salt')
})

test('DSA parameters are inherited from the issuer', () => {
  const { publicKey, privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })
  const full = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  const info = readPublicKey(full)
  assert.ok(info.type === 'dsa' && info.bits === 1024 && !info.inherits)
  const keyBits = der.bitString(subjectPublicKey(full))
  const bare = der.sequence(der.sequence(der.oid('1.2.840.10040.4.1')), keyBits)
  const data = Buffer.from('inherited')
  const request = { algorithm: { oid: '1.2.840.10040.4.3' }, data, signature: sign('sha1', data, privateKey) }
  assert.equal(verifySignature({ ...request, spki: full }).status, 'valid')
  assert.equal(verifySignature({ ...request, spki: bare }).status, 'malformed')
  assert.deepEqual(completeDsaParameters(bare, full), full)
  assert.equal(verifySignature({ ...request, spki: completeDsaParameters(bare, full) }).status, 'valid')
  assert.equal(completeDsaParameters(full, bare), full, 'own parameters stay')
  assert.equal(completeDsaParameters(bare, bare), bare, 'nothing to inherit')
  assert.equal(completeDsaParameters(bare, testKey('p256').spki), bare, 'not from another kind of key')
  assert.equal(completeDsaParameters(testKey('p256').spki, full), testKey('p256').spki)
})

/** The BIT STRING's content at the end of a DSA key: the INTEGER y, found by its length. */
function subjectPublicKey(spki: Uint8Array): Uint8Array {
  for (let at = spki.length - 140; at < spki.length - 64; at++) {
    const rest = spki.subarray(at)
    const header = rest[0] === 0x02 && rest[1] === 0x81 ? 3 : 0
    if (header > 0 && header + (rest[2] ?? 0) === rest.length) return rest
  }
  throw new Error('no INTEGER found')
}
