import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { isMmfError } from '../errors/mmf-error.ts'
import { digestOf } from '../keys/digest.ts'
import type { KeyProvider, ProviderKey } from '../keys/key-provider.ts'
import { algorithmsOf, keySpecNames } from '../keys/key-specs.ts'
import {
  type KeySpec,
  type SigningAlgorithmName,
  signingAlgorithm,
  signingAlgorithmNames,
} from '../keys/signing-algorithms.ts'
import { isOfKeySpec } from '../keys/spki.ts'
import { verifySignature } from '../keys/verify-signature.ts'

export interface KeyProviderSubject {
  readonly provider: KeyProvider
  /** A well-formed reference to a key that is not there. */
  readonly unknownRef: string
  close(): Promise<void>
}

/** What every key provider has to do. Registers tests with node:test. */
export function keyProviderContract(name: string, open: () => Promise<KeyProviderSubject>): void {
  describe(`key provider contract: ${name}`, () => {
    let subject: KeyProviderSubject
    const keys = new Map<KeySpec, ProviderKey>()
    const keyOf = (algorithm: SigningAlgorithmName) => keys.get(signingAlgorithm(algorithm).keySpec) as ProviderKey
    const refused = (error: unknown) => isMmfError(error, 'key_service_refused')
    const message = Buffer.from('a document')

    before(async () => {
      subject = await open()
      const made = await Promise.all(keySpecNames.map(spec => subject.provider.create(spec)))
      for (const [index, spec] of keySpecNames.entries()) keys.set(spec, made[index] as ProviderKey)
    })
    after(() => subject.close())

    test('create makes a key of the spec, and publicKey finds it again', async () => {
      for (const [spec, { providerRef, publicKey }] of keys) {
        const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
        assert.ok(isOfKeySpec(key, spec), spec)
        assert.deepEqual(Buffer.from(await subject.provider.publicKey(providerRef)), Buffer.from(publicKey))
      }
      assert.equal(new Set([...keys.values()].map(key => key.providerRef)).size, keys.size)
    })

    for (const algorithm of signingAlgorithmNames) {
      const { hash, keySpec, kms } = signingAlgorithm(algorithm)
      test(`${algorithm}: messages of any size`, async () => {
        for (const size of [0, 1, 4096, 4097, 100_000]) {
          const document = Buffer.alloc(size, 0x61)
          const signature = await subject.provider.sign({ ...keyOf(algorithm), algorithm, message: document })
          const verdict = await verifySignature(algorithm, keyOf(algorithm).publicKey, { message: document }, signature)
          assert.deepEqual(verdict, { valid: true }, `${size} bytes`)
        }
      })

      test(`${algorithm}: ${hash === undefined ? 'no digests' : 'digests'}`, async () => {
        if (hash === undefined) {
          const request = { ...keyOf(algorithm), algorithm, digest: new Uint8Array(64) }
          await assert.rejects(subject.provider.sign(request), error => isMmfError(error, 'digest_not_supported'))
          return
        }
        const digest = digestOf(algorithm, message)
        const signature = await subject.provider.sign({ ...keyOf(algorithm), algorithm, digest })
        for (const input of [{ message }, { digest }])
          assert.deepEqual(await verifySignature(algorithm, keyOf(algorithm).publicKey, input, signature), {
            valid: true,
          })
        for (const wrong of [digest.subarray(1), new Uint8Array([...digest, 0]), new Uint8Array()])
          await assert.rejects(subject.provider.sign({ ...keyOf(algorithm), algorithm, digest: wrong }), error =>
            isMmfError(error, 'digest_length_invalid'),
          )
      })

      test(`${algorithm}: a key of another spec is refused`, async () => {
        // KMS names the algorithms of some key specs alike (ML-DSA; ECDSA_SHA_256 of two curves), so it signs with such a key too.
        const named = (spec: KeySpec) => algorithmsOf(spec).some(name => signingAlgorithm(name).kms === kms)
        for (const [spec, key] of keys)
          if (spec !== keySpec && !named(spec))
            await assert.rejects(subject.provider.sign({ ...key, algorithm, message }), refused, spec)
      })
    }

    test('an unknown key is refused', async () => {
      const providerRef = subject.unknownRef
      await assert.rejects(subject.provider.publicKey(providerRef), refused)
      const request = { ...keyOf('ECDSA-SHA256'), providerRef, algorithm: 'ECDSA-SHA256', message } as const
      await assert.rejects(subject.provider.sign(request), refused)
    })

    test('health looks at each key', async () => {
      const refs = [...keys.values()].map(key => key.providerRef)
      assert.deepEqual(await subject.provider.health(refs), { status: 'healthy' })
      const bad = await subject.provider.health([...refs, subject.unknownRef])
      assert.equal(bad.status, 'unhealthy')
      assert.ok(bad.reason)
    })

    test('an aborted call does nothing', async () => {
      const signal = AbortSignal.abort()
      const deadline = (error: unknown) => isMmfError(error, 'deadline_exceeded')
      const request = { ...keyOf('RSA-SHA256'), algorithm: 'RSA-SHA256', message, signal } as const
      await assert.rejects(subject.provider.sign(request), deadline)
      await assert.rejects(subject.provider.create('ECC_NIST_P256', { signal }), deadline)
      await assert.rejects(subject.provider.publicKey(request.providerRef, { signal }), deadline)
    })

    test('overlapping signatures do not mix', async () => {
      const algorithms = signingAlgorithmNames.filter(name => signingAlgorithm(name).keySpec !== 'ECC_NIST_P521')
      await Promise.all(
        algorithms.flatMap(algorithm =>
          [1, 2, 3].map(async number => {
            const document = Buffer.from(`${algorithm} ${number}`)
            const signature = await subject.provider.sign({ ...keyOf(algorithm), algorithm, message: document })
            const key = keyOf(algorithm).publicKey
            assert.deepEqual(await verifySignature(algorithm, key, { message: document }, signature), { valid: true })
          }),
        ),
      )
    })
  })
}
