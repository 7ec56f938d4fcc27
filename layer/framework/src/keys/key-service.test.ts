import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Database } from '../database/database.ts'
import { update } from '../database/write.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { digestOf } from './digest.ts'
import { keyCatalogue, keyOf } from './key-catalogue.ts'
import type { KeyProvider } from './key-provider.ts'
import { algorithm, code, documentSigner, keyId, keyServiceFixture, message } from './key-service.fixture.ts'
import { createKeyService } from './key-service.ts'
import { defineKey } from './keys.ts'

const { embedded, platform } = keyServiceFixture()

describe('signing and verifying', () => {
  test('signs with the active version, by message and digest, and verifies both ways', async () => {
    const { keys } = await platform()
    assert.deepEqual(await keys.ensure(documentSigner, [algorithm, 'ML-DSA-65']), [keyId, 'document_signer-ml-dsa-65'])
    const digest = digestOf(algorithm, message)
    for (const input of [{ message }, { digest }]) {
      const signed = await keys.sign('document_signer', algorithm, input)
      assert.deepEqual([signed.keyId, signed.keyVersion], [keyId, 1])
      for (const other of [{ message }, { digest }])
        assert.deepEqual(await keys.verify(signed, algorithm, other, signed.signature), { valid: true })
      const changed = await keys.verify(signed, algorithm, { message: Buffer.from('b') }, signed.signature)
      assert.deepEqual(changed, { valid: false, reason: 'signature_mismatch' })
    }
  })

  test('verifying never calls the provider, and reads the catalogue once', async () => {
    const { keys, service, calls, reads } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const signed = await keys.sign('document_signer', algorithm, { message })
    const cold = service()
    const before = { ...calls }
    const earlier = reads['get'] ?? 0
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => cold.verify(signed, algorithm, { message }, signed.signature)),
    )
    assert.ok(verdicts.every(verdict => verdict.valid))
    await cold.verify(signed, algorithm, { message }, signed.signature)
    await cold.version(keyId, 1)
    assert.deepEqual(calls, before)
    assert.equal((reads['get'] ?? 0) - earlier, 1)
  })

  test('one provider call and one catalogue read for many signatures', async () => {
    const { keys, calls, reads, clock } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const before = reads['query'] ?? 0
    await Promise.all([1, 2, 3].map(() => keys.sign('document_signer', algorithm, { message })))
    await keys.sign('document_signer', algorithm, { message })
    assert.equal(calls['sign'], 4)
    assert.equal((reads['query'] ?? 0) - before, 1)
    clock.advance(60_000)
    await keys.sign('document_signer', algorithm, { message })
    assert.equal((reads['query'] ?? 0) - before, 2)
  })

  test('what cannot be: unknown versions, other keys, algorithms that are not declared', async () => {
    const { keys, reads } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const signed = await keys.sign('document_signer', algorithm, { message })
    const verify = (reference: { keyId: string; keyVersion: number }) =>
      keys.verify(reference, algorithm, { message }, signed.signature)
    for (const keyVersion of [2, 999_999]) await assert.rejects(verify({ keyId, keyVersion }), code('key_not_found'))
    const before = { ...reads }
    for (const keyVersion of [0, -1, 1.5, Number.NaN, 1_000_000, 2 ** 53])
      await assert.rejects(verify({ keyId, keyVersion }), code('key_not_found'))
    for (const id of ['', 'a#1', 'A', 'x'.repeat(129), '__proto__#', '\u0000'])
      await assert.rejects(verify({ keyId: id, keyVersion: 1 }), code('key_not_found'))
    assert.deepEqual(reads, before, 'what could not exist is not looked up')
    assert.deepEqual(await keys.verify(signed, 'ECDSA-SHA384', { message }, signed.signature), {
      valid: false,
      reason: 'key_mismatch',
    })
    const sign = keys.sign('document_signer', 'RSA-SHA256', { message })
    await assert.rejects(sign, code('algorithm_not_allowed'))
    await assert.rejects(keys.sign('another', algorithm, { message }), code('access_undeclared'))
    await assert.rejects(keys.sign('document_signer', 'ML-DSA-65', { message }), code('key_service_refused'))
    for (const call of [
      keys.sign('document_signer', 'ML-DSA-65', { digest: new Uint8Array(64) }),
      keys.verify(signed, 'ML-DSA-65', { digest: new Uint8Array(64) }, signed.signature),
    ])
      await assert.rejects(call, code('digest_not_supported'))
    for (const call of [
      keys.sign('document_signer', algorithm, { digest: new Uint8Array(31) }),
      keys.verify(signed, algorithm, { digest: new Uint8Array(31) }, signed.signature),
    ])
      await assert.rejects(call, code('digest_length_invalid'))
  })

  test('a failing provider fails the signature and nothing else', async () => {
    const failing: KeyProvider = {
      ...embedded(),
      sign: () => Promise.reject(new MmfError('key_service_unavailable', { headers: { 'retry-after': '1' } })),
    }
    const { keys } = await platform({ provider: failing })
    await keys.ensure(documentSigner, [algorithm])
    const sign = keys.sign('document_signer', algorithm, { message })
    await assert.rejects(sign, code('key_service_unavailable'))
    assert.equal((await keys.version(keyId, 1)).state, 'active')
  })
})

describe('a catalogue that fails or lies', () => {
  test('"no such version" is believed only for a moment', async () => {
    const { keys, service, reads, clock } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const other = service()
    await assert.rejects(other.version(keyId, 2), code('key_not_found'))
    await keys.rotate(keyId)
    const before = reads['get']
    await assert.rejects(other.version(keyId, 2), code('key_not_found'))
    assert.equal(reads['get'], before)
    clock.advance(1000)
    assert.equal((await other.version(keyId, 2)).version, 2)
  })

  test('an unreadable catalogue fails closed once the cache is too old', async () => {
    const { database, clock } = await platform()
    let down = false
    const flaky = new Proxy(database, {
      get: (object, name) =>
        down ? () => Promise.reject(new MmfError('database_unavailable')) : Reflect.get(object, name).bind(object),
    })
    const keys = createKeyService({ definitions: [documentSigner], clock, provider: embedded(), database: flaky })
    await keys.ensure(documentSigner, [algorithm])
    const signed = await keys.sign('document_signer', algorithm, { message })
    await keys.verify(signed, algorithm, { message }, signed.signature)
    down = true
    await keys.verify(signed, algorithm, { message }, signed.signature)
    clock.advance(60_000)
    for (const call of [
      keys.verify(signed, algorithm, { message }, signed.signature),
      keys.sign('document_signer', algorithm, { message }),
    ])
      await assert.rejects(call, code('database_unavailable'))
    assert.equal((await keys.health()).status, 'unhealthy')
    down = false
    await keys.sign('document_signer', algorithm, { message })
    assert.deepEqual(await keys.health(), { status: 'healthy' })
  })

  test('a public key that changes under its version is refused', async () => {
    const { keys, database, clock } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const signed = await keys.sign('document_signer', algorithm, { message })
    await keys.verify(signed, algorithm, { message }, signed.signature)
    const { publicKey } = await embedded().create('ECC_NIST_P256')
    await database.write(update(keyCatalogue, keyOf(keyId, 1), { publicKey }))
    clock.advance(60_000)
    const verify = keys.verify(signed, algorithm, { message }, signed.signature)
    await assert.rejects(verify, code('database_row_invalid'))
  })

  test('an aborted wait ends alone: the read goes on for the others', async () => {
    const { keys, service } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const cold = service()
    const control = new AbortController()
    const [first, second] = [cold.version(keyId, 1, { signal: control.signal }), cold.version(keyId, 1)]
    control.abort()
    await assert.rejects(first, code('deadline_exceeded'))
    assert.equal((await second).version, 1)
  })
})

test('key names are checked', () => {
  const names = [['Upper'], ['with-dash'], [''], ['a', 'a']]
  for (const list of names) {
    const definitions = list.map(name => defineKey({ name, purpose: 'sign', algorithms: [algorithm] }))
    assert.throws(
      () =>
        createKeyService({ definitions, clock: createManualClock(), provider: embedded(), database: {} as Database }),
      code('config_invalid'),
    )
  }
})
