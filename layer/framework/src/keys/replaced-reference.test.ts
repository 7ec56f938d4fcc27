import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { algorithm, code, documentSigner, keyId, keyServiceFixture, message } from './key-service.fixture.ts'
import { createKeyService } from './key-service.ts'

const { embedded, platform } = keyServiceFixture()

/** A catalogue, and services whose deployment names one key after the other: an algorithm was taken away and came back. */
async function deployments() {
  const made = await platform()
  const provider = embedded()
  const make = async () => (await provider.create('ECC_NIST_P256')).providerRef
  const naming = (providerRef: string) => {
    const { database, clock } = made
    const providerRefs = { [keyId]: providerRef }
    return createKeyService({ definitions: [documentSigner], provider, database, clock, providerRefs })
  }
  return { naming, make }
}

const states = (versions: readonly { version: number; state: string }[]) =>
  versions.map(({ version, state }) => `${version} ${state}`)

describe('a deployment that names another key than before', () => {
  test('signs with it as the next version, and old signatures verify', async () => {
    const { naming, make } = await deployments()
    const first = naming(await make())
    await first.ensure(documentSigner, [algorithm])
    const old = await first.sign('document_signer', algorithm, { message })

    const second = naming(await make())
    await second.ensure(documentSigner, [algorithm])

    const fresh = await second.sign('document_signer', algorithm, { message })
    assert.deepEqual([old.keyVersion, fresh.keyVersion], [1, 2])
    for (const one of [old, fresh]) {
      assert.deepEqual(await second.verify(one, algorithm, { message }, one.signature), { valid: true })
    }
    assert.deepEqual(states(await second.versions()), ['1 retired', '2 active'])
  })

  test('is registered once, however many instances start together', async () => {
    const { naming, make } = await deployments()
    await naming(await make()).ensure(documentSigner, [algorithm])
    const next = await make()
    const instances = [1, 2, 3, 4].map(() => naming(next))
    await Promise.all(instances.map(keys => keys.ensure(documentSigner, [algorithm])))
    await naming(next).ensure(documentSigner, [algorithm])
    assert.deepEqual(states(await naming(next).versions()), ['1 retired', '2 active'])
  })

  test('does not undo a rotation: a reference that is a version already stays what it is', async () => {
    const { naming, make } = await deployments()
    const deployed = naming(await make())
    await deployed.ensure(documentSigner, [algorithm])
    await deployed.rotate(keyId, { providerRef: await make() })
    await deployed.ensure(documentSigner, [algorithm])
    assert.deepEqual(states(await deployed.versions()), ['1 retired', '2 active'])
    await deployed.revoke(keyId, 2)
    await deployed.ensure(documentSigner, [algorithm])
    assert.deepEqual(states(await deployed.versions()), ['1 retired', '2 revoked'])
  })

  test('replaces a revoked version', async () => {
    const { naming, make } = await deployments()
    const first = naming(await make())
    await first.ensure(documentSigner, [algorithm])
    await first.revoke(keyId, 1)
    const second = naming(await make())
    await second.ensure(documentSigner, [algorithm])
    assert.deepEqual(states(await second.versions()), ['1 revoked', '2 active'])
  })

  test('changes nothing while the new key cannot be read', async () => {
    const { naming, make } = await deployments()
    const first = naming(await make())
    await first.ensure(documentSigner, [algorithm])
    await assert.rejects(naming('nowhere').ensure(documentSigner, [algorithm]), code('key_service_refused'))
    assert.deepEqual(states(await first.versions()), ['1 active'])
  })
})
