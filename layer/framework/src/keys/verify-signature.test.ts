import assert from 'node:assert/strict'
import { constants, createHash, generateKeyPair, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { isMmfError } from '../errors/mmf-error.ts'
import { digestOf } from './digest.ts'
import { encodeEcdsaSignature, fixedEcdsaSignature, parseEcdsaSignature } from './ecdsa-der.ts'
import { signEcdsaDigest } from './ecdsa-digest.ts'
import { keySpecs } from './key-specs.ts'
import { signRsaDigest } from './rsa-digest.ts'
import { signatureParameters } from './signature-parameters.ts'
import type { KeyShape } from './signing-algorithms.ts'
import {
  type KeySpec,
  type SigningAlgorithmName,
  signingAlgorithm,
  signingAlgorithmNames,
} from './signing-algorithms.ts'
import { exportSpki } from './spki.ts'
import { verifySignature } from './verify-signature.ts'

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const generate = promisify(generateKeyPair)

/** A key of each spec; RSA is 2,048 bits here because its generation is slow and no size is prescribed by this function. */
async function generatePair(row: KeyShape): Promise<Pair> {
  if (row.type === 'rsa') return generate('rsa', { modulusLength: 2048 })
  if (row.type === 'ec') return generate('ec', { namedCurve: row.curve })
  return generate(row.type as 'ml-dsa-44')
}

const pairs = new Map<KeySpec, Pair>()
const message = Buffer.from('the quick brown fox jumps over the lazy dog')

before(async () => {
  const specs = Object.keys(keySpecs) as KeySpec[]
  const made = await Promise.all(specs.map(spec => generatePair(keySpecs[spec])))
  for (const [index, spec] of specs.entries()) pairs.set(spec, made[index] as Pair)
})

function pairOf(algorithm: SigningAlgorithmName): Pair {
  return pairs.get(signingAlgorithm(algorithm).keySpec) as Pair
}

/** The reference: node:crypto over the whole message. */
function signMessage(algorithm: SigningAlgorithmName, data: Uint8Array = message): Buffer {
  const { scheme, hash, saltBytes } = signingAlgorithm(algorithm)
  const key = pairOf(algorithm).privateKey
  if (scheme === 'rsa-pss')
    return sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes })
  return sign(hash ?? null, data, { key })
}

async function signDigest(algorithm: SigningAlgorithmName, digest: Uint8Array): Promise<Uint8Array> {
  const parameters = signatureParameters(algorithm)
  const { hash } = signingAlgorithm(algorithm)
  const { privateKey } = pairOf(algorithm)
  if (hash === undefined) throw new Error('ML-DSA signs messages')
  if (parameters.scheme === 'rsa-pss')
    return signRsaDigest({ mgfHash: parameters.hash, ...parameters }, privateKey, digest)
  if (parameters.scheme === 'rsa-pkcs1') return signRsaDigest({ scheme: 'rsa-pkcs1', hash }, privateKey, digest)
  return signEcdsaDigest(privateKey, digest)
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

const digesting = signingAlgorithmNames.filter(name => signingAlgorithm(name).hash !== undefined)
const reasonOf = async (...parameters: Parameters<typeof verifySignature>) => {
  const verdict = await verifySignature(...parameters)
  return verdict.valid ? 'valid' : verdict.reason
}

for (const algorithm of signingAlgorithmNames) {
  describe(algorithm, () => {
    test('a signature over the message verifies, and over no other message', async () => {
      const signature = signMessage(algorithm)
      const { publicKey } = pairOf(algorithm)
      assert.deepEqual(await verifySignature(algorithm, publicKey, { message }, signature), { valid: true })
      assert.deepEqual(await verifySignature(algorithm, exportSpki(publicKey), { message }, signature), { valid: true })
      const empty = signMessage(algorithm, new Uint8Array())
      assert.equal(await reasonOf(algorithm, publicKey, { message: new Uint8Array() }, empty), 'valid')
      assert.equal(await reasonOf(algorithm, publicKey, { message }, empty), 'signature_mismatch')
    })

    test('a flipped bit in document, signature or key makes it invalid', async () => {
      const signature = signMessage(algorithm)
      const { publicKey } = pairOf(algorithm)
      const spki = exportSpki(publicKey)
      const bits = fc.record({ where: fc.constantFrom('message', 'signature', 'key'), at: fc.nat() })
      await fc.assert(
        fc.asyncProperty(bits, async ({ where, at }) => {
          const changed = where === 'message' ? message : where === 'signature' ? signature : spki
          const bytes = flip(changed, at % (changed.length * 8))
          const verdict = await verifySignature(
            algorithm,
            where === 'key' ? bytes : spki,
            { message: where === 'message' ? bytes : message },
            where === 'signature' ? bytes : signature,
          )
          assert.equal(verdict.valid, false, `${where} ${at}`)
        }),
        { numRuns: 60 },
      )
    })

    test('a truncated or extended signature is malformed', async () => {
      const signature = signMessage(algorithm)
      const { publicKey } = pairOf(algorithm)
      for (const bad of [
        signature.subarray(0, -1),
        signature.subarray(1),
        Buffer.concat([signature, Buffer.of(0)]),
        Buffer.concat([Buffer.of(0), signature]),
        new Uint8Array(),
      ])
        assert.equal(await reasonOf(algorithm, publicKey, { message }, bad), 'signature_malformed')
    })

    test('a key of another type or curve is a mismatch, garbage is malformed', async () => {
      const signature = signMessage(algorithm)
      const { keySpec } = signingAlgorithm(algorithm)
      for (const [spec, pair] of pairs)
        if (spec !== keySpec)
          assert.equal(await reasonOf(algorithm, pair.publicKey, { message }, signature), 'key_mismatch', spec)
      const spki = exportSpki(pairOf(algorithm).publicKey)
      for (const bad of [new Uint8Array(), spki.subarray(0, -1), Buffer.concat([spki, Buffer.of(0)]), spki.subarray(4)])
        assert.equal(await reasonOf(algorithm, bad, { message }, signature), 'key_malformed')
      assert.equal(await reasonOf(algorithm, pairOf(algorithm).privateKey, { message }, signature), 'key_mismatch')
    })
  })
}

for (const algorithm of digesting) {
  describe(`${algorithm} by digest`, () => {
    test('signatures from document and digest verify both ways', async () => {
      const digest = digestOf(algorithm, message)
      const { publicKey } = pairOf(algorithm)
      for (const signature of [signMessage(algorithm), await signDigest(algorithm, digest)]) {
        assert.equal(await reasonOf(algorithm, publicKey, { message }, signature), 'valid')
        assert.equal(await reasonOf(algorithm, publicKey, { digest }, signature), 'valid')
        assert.equal(await reasonOf(algorithm, publicKey, { digest: flip(digest, 7) }, signature), 'signature_mismatch')
      }
    })

    test('message and digest give the same verdict for any changed signature', async () => {
      const digest = digestOf(algorithm, message)
      const { publicKey } = pairOf(algorithm)
      const signature = signMessage(algorithm)
      await fc.assert(
        fc.asyncProperty(fc.nat(signature.length * 8 - 1), async bit => {
          const bad = flip(signature, bit)
          const byMessage = await verifySignature(algorithm, publicKey, { message }, bad)
          assert.deepEqual(await verifySignature(algorithm, publicKey, { digest }, bad), byMessage)
          assert.equal(byMessage.valid, false)
        }),
        { numRuns: 25 },
      )
    })

    test('the digest of a digest is not accepted as the digest', async () => {
      const digest = digestOf(algorithm, message)
      const hashedAgain = signMessage(algorithm, digest)
      assert.equal(
        await reasonOf(algorithm, pairOf(algorithm).publicKey, { digest }, hashedAgain),
        'signature_mismatch',
      )
    })

    test('a digest of another length is refused', async () => {
      const { publicKey } = pairOf(algorithm)
      for (const length of [0, 20, 31, 33, 47, 49, 63, 65])
        await assert.rejects(
          verifySignature(algorithm, publicKey, { digest: new Uint8Array(length) }, signMessage(algorithm)),
          error => isMmfError(error, 'digest_length_invalid'),
        )
    })
  })
}

test('ML-DSA takes no digest', async () => {
  for (const algorithm of ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const)
    await assert.rejects(
      verifySignature(algorithm, pairOf(algorithm).publicKey, { digest: new Uint8Array(64) }, new Uint8Array(1)),
      error => isMmfError(error, 'digest_not_supported'),
    )
})

test('ML-DSA with a context verifies only with that context', async () => {
  const { privateKey, publicKey } = pairOf('ML-DSA-65')
  const context = Buffer.from('context')
  const options = { key: privateKey, context }
  const signature = sign(null, message, options)
  const parameters = { scheme: 'ml-dsa', type: 'ml-dsa-65' } as const
  assert.equal(await reasonOf({ ...parameters, context }, publicKey, { message }, signature), 'valid')
  assert.equal(await reasonOf(parameters, publicKey, { message }, signature), 'signature_mismatch')
})

test('PSS: the salt has exactly the length of the digest', async () => {
  const { privateKey, publicKey } = pairOf('RSA-PSS-SHA256')
  const digest = digestOf('RSA-PSS-SHA256', message)
  for (const saltLength of [0, 20, 31, 33, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
    const padding = constants.RSA_PKCS1_PSS_PADDING
    const signature = sign('sha256', message, { key: privateKey, padding, saltLength })
    assert.equal(await reasonOf('RSA-PSS-SHA256', publicKey, { message }, signature), 'signature_mismatch')
    assert.equal(await reasonOf('RSA-PSS-SHA256', publicKey, { digest }, signature), 'signature_mismatch')
  }
})

test('PSS: odd sizes of the modulus encode and verify as OpenSSL does', async () => {
  const sizes = [1024, 1025, 1026, 1031, 1032]
  const made = await Promise.all(sizes.map(modulusLength => generate('rsa', { modulusLength })))
  const digest = createHash('sha256').update(message).digest()
  for (const { privateKey, publicKey } of made)
    for (const saltBytes of [0, 20, 32]) {
      const parameters = { scheme: 'rsa-pss', hash: 'sha256', saltBytes } as const
      const ours = signRsaDigest({ ...parameters, mgfHash: 'sha256' }, privateKey, digest)
      assert.equal(await reasonOf(parameters, publicKey, { message }, ours), 'valid')
      const padding = constants.RSA_PKCS1_PSS_PADDING
      const theirs = sign('sha256', message, { key: privateKey, padding, saltLength: saltBytes })
      assert.equal(await reasonOf(parameters, publicKey, { digest }, theirs), 'valid')
    }
})

test('PSS: a key restricted to PSS serves its own parameters only, by message and by digest', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa-pss', {
    modulusLength: 1024,
    hashAlgorithm: 'sha256',
    mgf1HashAlgorithm: 'sha256',
    saltLength: 32 as number & string, // the declaration says string, the runtime wants a number
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const signature = sign('sha256', message, { key: privateKey, saltLength: 32 })
  const digest = digestOf('RSA-PSS-SHA256', message)
  assert.equal(await reasonOf('RSA-PSS-SHA256', publicKey, { message }, signature), 'valid')
  assert.equal(await reasonOf('RSA-PSS-SHA256', publicKey, { digest }, signature), 'valid')
  assert.equal(await reasonOf('RSA-PSS-SHA384', publicKey, { message }, signature), 'key_mismatch')
  assert.equal(await reasonOf('RSA-SHA256', publicKey, { message }, signature), 'key_mismatch')
})

test('PSS: MGF1 with another hash is another algorithm', async () => {
  const { privateKey, publicKey } = pairOf('RSA-PSS-SHA256')
  const digest = digestOf('RSA-PSS-SHA256', message)
  const parameters = { scheme: 'rsa-pss', hash: 'sha256', saltBytes: 32, mgfHash: 'sha1' } as const
  const signature = signRsaDigest(parameters, privateKey, digest)
  assert.equal(await reasonOf(parameters, publicKey, { message }, signature), 'valid')
  assert.equal(await reasonOf('RSA-PSS-SHA256', publicKey, { message }, signature), 'signature_mismatch')
  assert.equal(await reasonOf('RSA-PSS-SHA256', publicKey, { digest }, signature), 'signature_mismatch')
})

test('RSA: a number not smaller than the modulus is no signature', async () => {
  const { publicKey } = pairOf('RSA-SHA256')
  const digest = digestOf('RSA-SHA256', message)
  const signature = new Uint8Array(256).fill(0xff)
  for (const algorithm of ['RSA-SHA256', 'RSA-PSS-SHA256'] as const) {
    assert.equal(await reasonOf(algorithm, publicKey, { message }, signature), 'signature_mismatch')
    assert.equal(await reasonOf(algorithm, publicKey, { digest }, signature), 'signature_mismatch')
  }
})

test('RSA: a modulus too small for the encoding is no exception', async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 512 })
  const digest = new Uint8Array(64)
  const signature = new Uint8Array(64).fill(1)
  for (const algorithm of ['RSA-SHA512', 'RSA-PSS-SHA512'] as const) {
    assert.notEqual(await reasonOf(algorithm, publicKey, { message }, signature), 'valid')
    assert.notEqual(await reasonOf(algorithm, publicKey, { digest }, signature), 'valid')
  }
})

test('ECDSA: high S is valid, zero and oversized numbers are not', async () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const { publicKey } = pairOf('ECDSA-SHA256')
  const digest = digestOf('ECDSA-SHA256', message)
  const numbers = parseEcdsaSignature(signMessage('ECDSA-SHA256'))
  assert.ok(numbers)
  const bytes = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
  const s = BigInt(`0x${Buffer.from(numbers.s).toString('hex')}`)
  const r = Buffer.from(fixedEcdsaSignature(numbers, 32)?.subarray(0, 32) ?? [])
  const other = encodeEcdsaSignature(Buffer.concat([r, bytes(order - s)]))
  assert.equal(await reasonOf('ECDSA-SHA256', publicKey, { message }, other), 'valid')
  assert.equal(await reasonOf('ECDSA-SHA256', publicKey, { digest }, other), 'valid')
  const zero = Buffer.alloc(32)
  for (const bad of [
    Buffer.concat([zero, zero]),
    Buffer.concat([r, zero]),
    Buffer.concat([zero, r]),
    Buffer.concat([r, bytes(order)]),
    Buffer.concat([Buffer.of(0), r, Buffer.alloc(33, 0x7f)]),
    Buffer.concat([Buffer.alloc(56), r, Buffer.alloc(56), bytes(s + order).subarray(-32)]),
  ]) {
    const signature = encodeEcdsaSignature(bad)
    assert.equal(await reasonOf('ECDSA-SHA256', publicKey, { message }, signature), 'signature_mismatch')
    assert.equal(await reasonOf('ECDSA-SHA256', publicKey, { digest }, signature), 'signature_mismatch')
  }
})

test('an algorithm this runtime lacks is an error, never a verdict', async () => {
  const { publicKey } = pairOf('RSA-SHA256')
  const unavailable = (error: unknown) => isMmfError(error, 'algorithm_unavailable')
  const hash = 'no-such-hash'
  const signature = new Uint8Array(256)
  await assert.rejects(verifySignature({ scheme: 'rsa-pkcs1', hash }, publicKey, { message }, signature), unavailable)
  await assert.rejects(
    verifySignature({ scheme: 'rsa-pkcs1', hash }, publicKey, { digest: message }, signature),
    unavailable,
  )
  const ecdsa = { scheme: 'ecdsa', hash: 'sha256', curve: 'no-such-curve' } as const
  await assert.rejects(verifySignature(ecdsa, new Uint8Array(3), { message }, signature), unavailable)
})
