import assert from 'node:assert/strict'
import { constants, createHash, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDer } from '../der/reader.ts'
import * as der from '../der/writer.ts'
import { type TestKey, type TestKeyKind, testKey } from '../testing/keys.ts'
import { defaultAlgorithm, type SigningAlgorithmName, signBytes, signingAlgorithms } from '../testing/signing.ts'
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { encodePkcs1Digest } from './digest-info.ts'
import { createKeyCache, importPublicKey } from './key-cache.ts'
import { signatureAlgorithms, signatureParameterFault } from './signature-algorithms.ts'
import type { AlgorithmIdentifier, SignatureRequest } from './types.ts'
import { verifySignature } from './verify.ts'
import { verifyWithScheme } from './verify-with-scheme.ts'

const data = new TextEncoder().encode('the signed octets')

const algorithm = (encoded: Uint8Array): AlgorithmIdentifier => readAlgorithmIdentifier(parseDer(encoded))

function request(key: TestKey, name: SigningAlgorithmName = defaultAlgorithm(key)): SignatureRequest {
  return {
    algorithm: algorithm(signingAlgorithms[name].identifier),
    spki: key.spki,
    data,
    signature: signBytes(data, key, name),
  }
}

/** Signs other data until a signature is as wanted: one in 256 begins with a zero octet. */
function requestWith(
  kind: TestKeyKind,
  name: SigningAlgorithmName,
  wanted: (signature: Uint8Array) => boolean,
): SignatureRequest {
  const key = testKey(kind)
  for (let number = 0; number < 20_000; number++) {
    const numbered = new TextEncoder().encode(`octets ${number}`)
    const signature = signBytes(numbered, key, name)
    if (wanted(signature)) return { ...request(key, name), data: numbered, signature }
  }
  throw new Error(`no such signature of ${name}`)
}

function flipped(bytes: Uint8Array, index = bytes.length - 1, mask = 1): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[index] = (copy[index] ?? 0) ^ mask
  return copy
}

const status = (input: SignatureRequest) => verifySignature(input).status

const kindTable: readonly [TestKeyKind, readonly SigningAlgorithmName[]][] = [
  [
    'rsa-2048',
    ['rsa-sha1', 'rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'pss-sha1', 'pss-sha256', 'pss-sha384', 'pss-sha512'],
  ],
  ['rsa-pss-2048', ['pss-sha256']],
  ['p256', ['ecdsa-sha1', 'ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512']],
  ['p384', ['ecdsa-sha384']],
  ['p521', ['ecdsa-sha512']],
  ['secp256k1', ['ecdsa-sha256']],
  ['brainpoolP256r1', ['ecdsa-sha256']],
  ['brainpoolP384r1', ['ecdsa-sha384']],
  ['brainpoolP512r1', ['ecdsa-sha512']],
  ['ed25519', ['ed25519']],
  ['ml-dsa-44', ['ml-dsa-44']],
  ['ml-dsa-65', ['ml-dsa-65']],
  ['ml-dsa-87', ['ml-dsa-87']],
]

for (const [kind, names] of kindTable) {
  test(`${kind}: a right signature is valid, any change makes it invalid`, () => {
    const key = testKey(kind)
    for (const name of names) {
      const right = request(key, name)
      assert.deepEqual(verifySignature(right), { status: 'valid' }, name)
      assert.equal(status({ ...right, data: flipped(data) }), 'invalid', name)
      assert.equal(status({ ...right, signature: flipped(right.signature) }), 'invalid', name)
      assert.equal(status({ ...right, signature: right.signature.subarray(1) }), 'invalid', name)
      assert.equal(status({ ...right, signature: new Uint8Array(0) }), 'invalid', name)
      assert.equal(status({ ...right, spki: testKey(kind, 'other').spki }), 'invalid', name)
    }
  })
}

test('an RSA signature is as long as the modulus: a leading zero octet is not left out (RFC 8017 §8.1.2, §8.2.2)', () => {
  for (const [kind, name] of [
    ['rsa-2048', 'rsa-sha256'],
    ['rsa-2048', 'pss-sha256'],
    ['rsa-pss-2048', 'pss-sha256'],
  ] as const) {
    const right = requestWith(kind, name, signature => signature[0] === 0)
    assert.equal(status(right), 'valid', name)
    assert.equal(status({ ...right, signature: right.signature.subarray(1) }), 'invalid', `${kind} ${name}, shorter`)
    assert.equal(status({ ...right, signature: Uint8Array.of(0, ...right.signature) }), 'invalid', `${name}, longer`)
  }
})

test('a key of another type than the algorithm’s is invalid, never tried', () => {
  const rsa = request(testKey('rsa-2048'))
  assert.equal(status({ ...rsa, spki: testKey('p256').spki }), 'invalid')
  assert.equal(status({ ...request(testKey('p256')), spki: testKey('rsa-2048').spki }), 'invalid')
  assert.equal(status({ ...request(testKey('ml-dsa-44')), spki: testKey('ml-dsa-65').spki }), 'invalid')
  // RFC 4055 §1.2: a PSS key does not serve PKCS #1 v1.5.
  assert.equal(status({ ...rsa, spki: testKey('rsa-pss-2048').spki }), 'invalid')
  const { key } = importPublicKey(testKey('p256').spki)
  assert.equal(verifyWithScheme({ kind: 'rsa-pkcs1', hash: 'sha256' }, key, data, rsa.signature).status, 'invalid')
  const secret = verifyWithScheme(
    { kind: 'ecdsa', hash: 'sha256', encoding: 'der' },
    testKey('p256').privateKey,
    data,
    data,
  )
  assert.equal(secret.status, 'invalid', 'a private key is no key to verify with')
})

test('what the table or the runtime lacks is unavailable, never invalid', () => {
  const right = request(testKey('rsa-2048'))
  const md5 = { oid: '1.2.840.113549.1.1.4', parameters: der.nullValue() }
  assert.equal(status({ ...right, algorithm: md5 }), 'unavailable')
  assert.equal(status({ ...right, algorithm: { oid: '1.2.3.4' } }), 'unavailable')
  const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'der', type: 'spki' })
  assert.equal(status({ ...right, spki: x25519 }), 'unavailable')
  const oddCurve = generateKeyPairSync('ec', { namedCurve: 'sect283r1' }).publicKey.export({
    format: 'der',
    type: 'spki',
  })
  assert.equal(status({ ...request(testKey('p256')), spki: oddCurve }), 'unavailable')
})

test('parameters of the AlgorithmIdentifier follow each algorithm’s rule', () => {
  const rsa = request(testKey('rsa-2048'))
  const { oid } = rsa.algorithm
  assert.equal(status({ ...rsa, algorithm: { oid } }), 'valid', 'RFC 4055 §5: absence must be accepted')
  assert.equal(signatureParameterFault(rsa.algorithm, 'exact'), undefined)
  assert.equal(signatureParameterFault({ oid }, 'conforming'), undefined)
  assert.match(signatureParameterFault({ oid }, 'exact') ?? '', /RFC 4055 §5/)
  assert.equal(status({ ...rsa, algorithm: { oid, parameters: der.sequence() } }), 'malformed')
  const ec = request(testKey('p256'))
  const withNull = { oid: ec.algorithm.oid, parameters: der.nullValue() }
  assert.equal(status({ ...ec, algorithm: withNull }), 'valid')
  assert.match(signatureParameterFault(withNull, 'conforming') ?? '', /RFC 5758 §3.2/)
  assert.equal(status({ ...ec, algorithm: { oid: ec.algorithm.oid, parameters: der.integer(1) } }), 'malformed')
  for (const kind of ['ed25519', 'ml-dsa-44'] as const) {
    const pure = request(testKey(kind))
    assert.equal(status({ ...pure, algorithm: { oid: pure.algorithm.oid, parameters: der.nullValue() } }), 'malformed')
  }
})

test('the table names each algorithm once', () => {
  const { length } = signatureAlgorithms
  assert.equal(new Set(signatureAlgorithms.map(row => row.oid)).size, length)
  assert.equal(new Set(signatureAlgorithms.map(row => row.name)).size, length)
})

test('a DigestInfo without NULL passes only where the policy says so, and by name', () => {
  const key = testKey('rsa-2048')
  const raw = (message: Uint8Array | null) =>
    privateEncrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, message ?? new Uint8Array(256))
  const digest = createHash('sha256').update(data).digest()
  const signature = raw(encodePkcs1Digest('sha256', digest, 256, false))
  const base = { ...request(key), signature }
  const policy = { digestInfoWithoutNull: true }
  assert.deepEqual(verifySignature(base), { status: 'invalid' })
  assert.deepEqual(verifySignature({ ...base, policy: { digestInfoWithoutNull: false } }), { status: 'invalid' })
  assert.deepEqual(verifySignature({ ...base, policy }), {
    status: 'valid',
    compatibility: ['rsa-digestinfo-without-null'],
  })
  assert.deepEqual(verifySignature({ ...request(key), policy }), { status: 'valid' }, 'not reported where not needed')
  // Same form, but another digest, another hash, shortened padding with garbage behind, garbage before.
  assert.equal(status({ ...base, policy, data: flipped(data) }), 'invalid')
  const info = der.sequence(der.sequence(der.oid('2.16.840.1.101.3.4.2.1')), der.octetString(digest))
  const forged = (padding: number, tail: Uint8Array) =>
    raw(der.concatBytes([Uint8Array.of(0, 1), new Uint8Array(padding).fill(0xff), Uint8Array.of(0), info, tail]))
  const room = 256 - 3 - info.length
  assert.equal(
    status({ ...base, policy, signature: forged(room, new Uint8Array(0)) }),
    'valid',
    'the forger’s tool works',
  )
  assert.equal(status({ ...base, policy, signature: forged(8, new Uint8Array(room - 8)) }), 'invalid')
  assert.equal(status({ ...base, policy, signature: forged(room - 1, Uint8Array.of(0)) }), 'invalid')
  assert.equal(status({ ...base, policy, signature: new Uint8Array(256).fill(0xff) }), 'invalid', 'above the modulus')
  assert.equal(status({ ...base, policy, signature: signature.subarray(1) }), 'invalid')
})

test('explicit EC parameters need the policy and are named', () => {
  for (const kind of ['p256-explicit', 'brainpoolP256r1-explicit'] as const) {
    const right = request(testKey(kind))
    assert.equal(status(right), 'malformed')
    const policy = { explicitCurves: true }
    assert.deepEqual(verifySignature({ ...right, policy }), {
      status: 'valid',
      compatibility: ['explicit-curve-parameters'],
    })
    assert.equal(status({ ...right, policy, data: flipped(data) }), 'invalid')
  }
})

test('a key cache is bounded, keeps what is used, and changes no verdict', () => {
  const keyCache = createKeyCache(2)
  const [a, b, c] = [testKey('p256', 'a'), testKey('p256', 'b'), testKey('p256', 'c')]
  const first = importPublicKey(a.spki, keyCache)
  assert.equal(importPublicKey(Uint8Array.from(a.spki), keyCache), first)
  importPublicKey(b.spki, keyCache)
  importPublicKey(a.spki, keyCache)
  importPublicKey(c.spki, keyCache)
  assert.equal(keyCache.entries.size, 2)
  assert.equal(importPublicKey(a.spki, keyCache), first, 'used last but one, so kept')
  for (const key of [a, b, c]) {
    assert.equal(status({ ...request(key), keyCache }), 'valid')
    assert.equal(status({ ...request(key), keyCache, data: flipped(data) }), 'invalid')
  }
  assert.equal(status({ ...request(a), spki: Uint8Array.of(0x30, 0), keyCache }), 'malformed')
  assert.equal(keyCache.entries.size, 2, 'failures are not kept')
  assert.throws(() => createKeyCache(0), { code: 'argument_invalid' })
})

test('ML-DSA with a context verifies under that context alone', () => {
  const key = testKey('ml-dsa-65')
  const context = Buffer.from('marty')
  const signature = sign(null, data, { key: key.privateKey, context } as never)
  const scheme = { kind: 'pure', keyType: 'ml-dsa-65' } as const
  assert.equal(verifyWithScheme({ ...scheme, context }, key.publicKey, data, signature).status, 'valid')
  assert.equal(verifyWithScheme(scheme, key.publicKey, data, signature).status, 'invalid')
  const tooLong = new Uint8Array(256)
  assert.notEqual(verifyWithScheme({ ...scheme, context: tooLong }, key.publicKey, data, signature).status, 'valid')
})

test('ECDSA in the plain format of TR-03111', () => {
  const key = testKey('brainpoolP256r1')
  const signature = sign('sha256', data, { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  const plain = { algorithm: { oid: '0.4.0.127.0.7.1.1.4.1.3' }, spki: key.spki, data, signature }
  assert.equal(status(plain), 'valid')
  assert.equal(status({ ...plain, algorithm: { oid: '1.2.840.10045.4.3.2' } }), 'invalid')
})

test('whatever bytes come in, a verdict comes out and never “valid”', () => {
  const bases = [
    request(testKey('rsa-2048'), 'pss-sha256'),
    request(testKey('p256')),
    request(testKey('p256-explicit')),
  ]
  const policy = { digestInfoWithoutNull: true, explicitCurves: true }
  fc.assert(
    fc.property(
      fc.constantFrom(...bases),
      fc.nat(400),
      fc.integer({ min: 1, max: 255 }),
      fc.nat(2),
      (base, at, mask, part) => {
        const mutate = (bytes: Uint8Array) => flipped(bytes, at % bytes.length, mask)
        const { parameters } = base.algorithm
        const changed: SignatureRequest =
          part === 0
            ? { ...base, signature: mutate(base.signature) }
            : part === 1
              ? { ...base, spki: mutate(base.spki) }
              : { ...base, algorithm: { oid: base.algorithm.oid, parameters: mutate(parameters ?? der.integer(1)) } }
        const result = verifySignature({ ...changed, policy })
        // A bit of the explicit curve's seed or of the unused sign form may leave the key the same; the signature stands then.
        if (part === 1 && result.status === 'valid') {
          assert.deepEqual(
            importPublicKey(changed.spki).key.export({ format: 'jwk' }),
            importPublicKey(base.spki).key.export({ format: 'jwk' }),
          )
        } else if (part === 2 && result.status === 'valid') {
          assert.fail(`valid under changed parameters, mask ${mask} at ${at}`)
        } else assert.notEqual(result.status, 'valid')
      },
    ),
    { numRuns: 400 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 80 }), (spki, signature) => {
      assert.notEqual(status({ algorithm: { oid: '1.2.840.10045.4.3.2' }, spki, data, signature }), 'valid')
    }),
  )
})
