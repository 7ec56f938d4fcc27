import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  type MessageType,
  SignCommand,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { isMmfError } from '../../errors/mmf-error.ts'
import { type FakeKms, type FakeKmsFault, startFakeKms } from '../../testing/fake-kms.ts'
import { keyProviderContract } from '../../testing/key-provider-contract.ts'
import type { KeyProvider } from '../key-provider.ts'
import { externalMu } from '../ml-dsa-mu.ts'
import { exportSpki, publicKeyBits } from '../spki.ts'
import { verifySignature } from '../verify-signature.ts'
import { createKmsKeyProvider } from './kms-key-provider.ts'

const commands = { SignCommand, GetPublicKeyCommand, DescribeKeyCommand, CreateKeyCommand }
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

function clientOf({ endpoint, region }: FakeKms): KMSClient {
  return new KMSClient({ endpoint, region, credentials, maxAttempts: 1 })
}

keyProviderContract('KMS', async () => {
  const kms = await startFakeKms()
  const client = clientOf(kms)
  return {
    provider: createKmsKeyProvider({ client, commands }),
    unknownRef: 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000',
    async close() {
      client.destroy()
      await kms.close()
    },
  }
})

describe('KMS key provider', () => {
  const message = Buffer.from('a document')
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const mlDsa = generateKeyPairSync('ml-dsa-65')
  let kms: FakeKms
  let client: KMSClient
  let provider: KeyProvider
  let ecKey: { providerRef: string; publicKey: Uint8Array }
  let mlDsaKey: { providerRef: string; publicKey: Uint8Array }

  before(async () => {
    kms = await startFakeKms()
    client = clientOf(kms)
    provider = createKmsKeyProvider({ client, commands })
    ecKey = {
      providerRef: kms.addKey('ECC_NIST_P256', ec.privateKey, ec.publicKey),
      publicKey: exportSpki(ec.publicKey),
    }
    mlDsaKey = {
      providerRef: kms.addKey('ML_DSA_65', mlDsa.privateKey, mlDsa.publicKey),
      publicKey: exportSpki(mlDsa.publicKey),
    }
  })
  afterEach(() => kms.fail(undefined))
  after(async () => {
    client.destroy()
    await kms.close()
  })
  const signWith = (signal?: AbortSignal) =>
    provider.sign({ ...ecKey, algorithm: 'ECDSA-SHA256', message, ...(signal && { signal }) })

  test('one call per signature and no other, also for ML-DSA above 4,096 bytes', async () => {
    const before = { ...kms.calls }
    await signWith()
    const large = Buffer.alloc(1_000_000, 1)
    const signature = await provider.sign({ ...mlDsaKey, algorithm: 'ML-DSA-65', message: large })
    assert.deepEqual(await verifySignature('ML-DSA-65', mlDsaKey.publicKey, { message: large }, signature), {
      valid: true,
    })
    assert.equal(kms.calls['Sign'], (before['Sign'] ?? 0) + 2)
    assert.deepEqual({ ...kms.calls, Sign: 0 }, { ...before, Sign: 0 })
  })

  const faults: Readonly<Record<Exclude<FakeKmsFault, 'hang'>, 'key_service_unavailable' | 'key_service_refused'>> = {
    throttle: 'key_service_unavailable',
    internal: 'key_service_unavailable',
    'dependency-timeout': 'key_service_unavailable',
    network: 'key_service_unavailable',
    deny: 'key_service_refused',
  }
  for (const [fault, code] of Object.entries(faults))
    test(`${fault} is ${code}, in every method, after one call`, async () => {
      kms.fail(fault as FakeKmsFault)
      const expected = (error: unknown) => {
        assert.ok(isMmfError(error))
        assert.equal(error.code, code)
        assert.equal(error.headers['retry-after'], code === 'key_service_unavailable' ? '1' : undefined)
        return true
      }
      const before = kms.calls['Sign'] ?? 0
      await assert.rejects(signWith(), expected)
      assert.equal(kms.calls['Sign'], before + 1)
      await assert.rejects(provider.publicKey(ecKey.providerRef), expected)
      await assert.rejects(provider.create('ECC_NIST_P256'), expected)
      assert.equal((await provider.health([ecKey.providerRef])).status, 'unhealthy')
      kms.fail(undefined)
      await signWith()
    })

  test('a hanging KMS ends with the signal, and an address where no server listens is unavailable', async () => {
    kms.fail('hang')
    const signal = AbortSignal.timeout(50)
    await assert.rejects(signWith(signal), error => isMmfError(error, 'deadline_exceeded'))
    const nobody = new KMSClient({ endpoint: 'http://127.0.0.1:9', region: 'x', credentials, maxAttempts: 1 })
    const lost = createKmsKeyProvider({ client: nobody, commands })
    await assert.rejects(lost.publicKey('x'), error => isMmfError(error, 'key_service_unavailable'))
    nobody.destroy()
  })

  test('disabled keys and keys pending deletion are refused and unhealthy', async () => {
    for (const state of ['Disabled', 'PendingDeletion'] as const) {
      kms.setState(ecKey.providerRef, state)
      await assert.rejects(signWith(), error => isMmfError(error, 'key_service_refused'))
      const health = await provider.health([ecKey.providerRef])
      assert.equal(health.status, 'unhealthy')
      assert.match(health.reason ?? '', new RegExp(state))
    }
    kms.setState(ecKey.providerRef, 'Enabled')
    assert.deepEqual(await provider.health([ecKey.providerRef]), { status: 'healthy' })
  })

  test('without CreateKey, keys are made by the deployment only', async () => {
    const { CreateKeyCommand: _, ...few } = commands
    const limited = createKmsKeyProvider({ client, commands: few })
    const before = { ...kms.calls }
    await assert.rejects(limited.create('ECC_NIST_P256'), error => isMmfError(error, 'key_service_refused'))
    assert.deepEqual(kms.calls, before)
  })

  test('the KMS of these tests refuses what KMS refuses', async () => {
    const send = async (KeyId: string, SigningAlgorithm: SigningAlgorithmSpec, type: MessageType, size: number) => {
      const input = { KeyId, SigningAlgorithm, MessageType: type, Message: new Uint8Array(size) }
      return client.send(new SignCommand(input)).then(
        () => 'signed',
        error => error.name,
      )
    }
    const [ecRef, mlRef] = [ecKey.providerRef, mlDsaKey.providerRef]
    assert.equal(await send(ecRef, 'ECDSA_SHA_256', 'DIGEST', 32), 'signed')
    assert.equal(await send(ecRef, 'ECDSA_SHA_256', 'RAW', 4096), 'signed')
    assert.equal(await send(mlRef, 'ML_DSA_SHAKE_256', 'EXTERNAL_MU', 64), 'signed')
    assert.equal(await send(ecRef, 'ECDSA_SHA_256', 'DIGEST', 31), 'ValidationException')
    assert.equal(await send(ecRef, 'ECDSA_SHA_256', 'DIGEST', 48), 'ValidationException')
    assert.equal(await send(ecRef, 'ECDSA_SHA_256', 'RAW', 4097), 'ValidationException')
    assert.equal(await send(ecRef, 'ECDSA_SHA_256', 'RAW', 0), 'ValidationException')
    assert.equal(await send(ecRef, 'ECDSA_SHA_256', 'EXTERNAL_MU', 64), 'ValidationException')
    assert.equal(await send(ecRef, 'ECDSA_SHA_256', 'OTHER' as MessageType, 32), 'ValidationException')
    assert.equal(await send(ecRef, 'ECDSA_SHA_384', 'DIGEST', 48), 'InvalidKeyUsageException')
    assert.equal(await send(ecRef, 'RSASSA_PSS_SHA_256', 'DIGEST', 32), 'InvalidKeyUsageException')
    assert.equal(await send(mlRef, 'ML_DSA_SHAKE_256', 'DIGEST', 64), 'ValidationException')
    assert.equal(await send(mlRef, 'ML_DSA_SHAKE_256', 'EXTERNAL_MU', 63), 'ValidationException')
    assert.equal(await send(mlRef, 'ML_DSA_SHAKE_256', 'RAW', 4097), 'ValidationException')
    assert.equal(await send('nothing', 'ECDSA_SHA_256', 'DIGEST', 32), 'NotFoundException')
  })

  test('the external mu is the one of another implementation', async () => {
    const { ml_dsa65 } = await import('@noble/post-quantum/ml-dsa.js')
    const { secretKey, publicKey } = ml_dsa65.keygen(new Uint8Array(32).fill(7))
    const signature = ml_dsa65.internal.sign(externalMu(publicKey, message), secretKey, { externalMu: true })
    assert.ok(ml_dsa65.verify(signature, message, publicKey))
    const raw = publicKeyBits(mlDsaKey.publicKey)
    assert.ok(raw)
    const ours = await provider.sign({ ...mlDsaKey, algorithm: 'ML-DSA-65', message: Buffer.alloc(5000) })
    assert.ok(ml_dsa65.verify(ours, Buffer.alloc(5000), raw))
  })
})
