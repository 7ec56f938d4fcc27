import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Database } from '../database/database.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { toJwkSet } from './jwk.ts'
import { algorithm, code, documentSigner, keyId, keyServiceFixture, message } from './key-service.fixture.ts'
import { createKeyService } from './key-service.ts'

const { embedded, platform } = keyServiceFixture()

describe('versions', () => {
  test('ensure again, and in another process, changes nothing', async () => {
    const { keys, service, calls } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    await keys.ensure(documentSigner, [algorithm])
    await service().ensure(documentSigner, [algorithm])
    assert.equal(calls['create'], 1)
    assert.equal((await keys.versions()).length, 1)
  })

  test('instances that start together end with one version, which all of them use', async () => {
    const { service } = await platform()
    const instances = [1, 2, 3, 4].map(() => service())
    await Promise.all(instances.map(keys => keys.ensure(documentSigner, [algorithm])))
    const signed = await Promise.all(instances.map(keys => keys.sign('document_signer', algorithm, { message })))
    for (const keys of instances) {
      assert.equal((await keys.versions()).length, 1)
      for (const one of signed)
        assert.deepEqual(await keys.verify(one, algorithm, { message }, one.signature), { valid: true })
    }
  })

  test('dying between making a key and registering it leaves no half key in use', async () => {
    const { keys, database, service } = await platform()
    const dying = createKeyService({
      definitions: [documentSigner],
      clock: createManualClock(),
      provider: embedded(),
      database: {
        ...database,
        query: database.query,
        get: database.get,
        write: () => Promise.reject(new Error('killed')),
      } as Database,
    })
    await assert.rejects(dying.ensure(documentSigner, [algorithm]), /killed/)
    assert.deepEqual(await keys.versions(), [])
    await assert.rejects(keys.sign('document_signer', algorithm, { message }), code('key_service_refused'))
    const restarted = service()
    await restarted.ensure(documentSigner, [algorithm])
    const signed = await restarted.sign('document_signer', algorithm, { message })
    assert.equal(signed.keyVersion, 1)
    assert.deepEqual(await restarted.verify(signed, algorithm, { message }, signed.signature), { valid: true })
  })

  test('after a rotation the new version signs and the old one verifies for ever', async () => {
    const { keys, clock } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const signed = [await keys.sign('document_signer', algorithm, { message })]
    for (const version of [2, 3]) {
      clock.advance(1000)
      assert.equal(await keys.rotate(keyId), version)
      const next = await keys.sign('document_signer', algorithm, { message })
      assert.equal(next.keyVersion, version)
      signed.push(next)
    }
    clock.advance(1000 * 60 * 60 * 24 * 365 * 10)
    for (const one of signed) {
      assert.deepEqual(await keys.verify(one, algorithm, { message }, one.signature), { valid: true })
      const other = { keyId, keyVersion: (one.keyVersion % 3) + 1 }
      assert.equal((await keys.verify(other, algorithm, { message }, one.signature)).valid, false)
    }
    const states = (await keys.versions()).map(version => [version.version, version.state])
    assert.deepEqual(states, [
      [1, 'retired'],
      [2, 'retired'],
      [3, 'active'],
    ])
  })

  test('another instance sees a rotation and a revocation within the age of its cache', async () => {
    const { keys, service, clock } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const other = service()
    const signed = await other.sign('document_signer', algorithm, { message })
    await other.verify(signed, algorithm, { message }, signed.signature)
    await keys.rotate(keyId)
    await keys.revoke(keyId, 1)
    const verdict = { valid: false, reason: 'key_revoked' }
    assert.deepEqual(await keys.verify(signed, algorithm, { message }, signed.signature), verdict)
    clock.advance(60_000)
    assert.equal((await other.sign('document_signer', algorithm, { message })).keyVersion, 2)
    assert.deepEqual(await other.verify(signed, algorithm, { message }, signed.signature), verdict)
  })

  test('of two rotations at once one wins, and there is one active version', async () => {
    const { keys, service } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const results = await Promise.allSettled([keys.rotate(keyId), service().rotate(keyId)])
    const lost = results.filter(result => result.status === 'rejected')
    assert.equal(lost.length, 1)
    assert.ok(code('conflict')(lost[0]?.reason))
    const active = (await keys.versions()).filter(version => version.state === 'active')
    assert.deepEqual(
      active.map(version => version.version),
      [2],
    )
  })

  test('a revoked key signs no more until it is rotated, and its signatures are invalid', async () => {
    const { keys } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const signed = await keys.sign('document_signer', algorithm, { message })
    await keys.revoke(keyId, 1)
    await keys.revoke(keyId, 1)
    await assert.rejects(keys.sign('document_signer', algorithm, { message }), code('key_service_refused'))
    assert.equal((await keys.health()).status, 'unhealthy')
    assert.deepEqual(toJwkSet(await keys.versions()).keys, [])
    await keys.ensure(documentSigner, [algorithm])
    await assert.rejects(keys.sign('document_signer', algorithm, { message }), code('key_service_refused'))
    assert.equal(await keys.rotate(keyId), 2)
    const next = await keys.sign('document_signer', algorithm, { message })
    assert.deepEqual(await keys.verify(next, algorithm, { message }, next.signature), { valid: true })
    assert.deepEqual(await keys.verify(signed, algorithm, { message }, signed.signature), {
      valid: false,
      reason: 'key_revoked',
    })
    assert.equal((await keys.version(keyId, 1)).state, 'revoked')
    assert.deepEqual(await keys.health(), { status: 'healthy' })
    for (const [id, version] of [
      ['nothing', 1],
      [keyId, 3],
    ] as const)
      await assert.rejects(keys.revoke(id, version), code('key_not_found'))
    await assert.rejects(keys.rotate('nothing'), code('key_not_found'))
  })

  test('what is listed shows no reference to the private key', async () => {
    const { keys } = await platform()
    await keys.ensure(documentSigner, [algorithm, 'ECDSA-SHA384'])
    const [first] = await keys.versions()
    assert.ok(first)
    const members = ['createdAt', 'keyId', 'keySpec', 'publicKey', 'state', 'version']
    assert.deepEqual(Object.keys(first).sort(), members)
    first.publicKey.fill(0)
    assert.notEqual((await keys.version(keyId, 1)).publicKey[0], 0, 'a caller cannot change what is cached')
  })
})

describe('keys made by the deployment', () => {
  test('are registered as they are, once, and none is made', async () => {
    const { providerRef } = await embedded().create('ECC_NIST_P256')
    const { keys, service, calls } = await platform({ providerRefs: { [keyId]: providerRef } })
    await Promise.all([keys.ensure(documentSigner, [algorithm]), service().ensure(documentSigner, [algorithm])])
    const signed = await keys.sign('document_signer', algorithm, { message })
    assert.deepEqual(await keys.verify(signed, algorithm, { message }, signed.signature), { valid: true })
    assert.equal(calls['create'], undefined)
    await assert.rejects(keys.ensure(documentSigner, ['ECDSA-SHA384']), code('config_invalid'))
    await assert.rejects(keys.rotate(keyId, { providerRef }), code('conflict'))
    const next = await embedded().create('ECC_NIST_P256')
    assert.equal(await keys.rotate(keyId, { providerRef: next.providerRef }), 2)
    assert.equal((await keys.sign('document_signer', algorithm, { message })).keyVersion, 2)
  })

  test('a key of another spec, or none, is not registered', async () => {
    const { providerRef } = await embedded().create('ECC_NIST_P384')
    const { keys } = await platform({ providerRefs: { [keyId]: providerRef } })
    await assert.rejects(keys.ensure(documentSigner, [algorithm]), code('key_service_refused'))
    const none = await platform({ providerRefs: { [keyId]: 'f'.repeat(64) } })
    await assert.rejects(none.keys.ensure(documentSigner, [algorithm]), code('key_service_refused'))
    assert.deepEqual(await keys.versions(), [])
  })
})

test('ensure refuses an algorithm that the key does not declare', async () => {
  const { keys, calls } = await platform()
  await assert.rejects(keys.ensure(documentSigner, ['RSA-SHA256']), code('config_invalid'))
  assert.deepEqual(calls, {})
})
