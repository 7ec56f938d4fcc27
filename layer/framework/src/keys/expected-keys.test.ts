import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KeyProvider } from './key-provider.ts'
import { algorithm, documentSigner, keyId, keyServiceFixture } from './key-service.fixture.ts'

const { embedded, platform } = keyServiceFixture()

describe('the health of the keys of a deployment', () => {
  test('a key that is not registered yet is looked at by its reference', async () => {
    const made = await embedded().create('ECC_NIST_P256')
    const there = await platform({ providerRefs: { [keyId]: made.providerRef } })
    assert.deepEqual(await there.keys.health(), { status: 'healthy' })
    assert.deepEqual(await there.keys.versions(), [], 'and stays unregistered')
    const gone = await platform({ providerRefs: { [keyId]: '0'.repeat(64) } })
    assert.equal((await gone.keys.health()).status, 'unhealthy')
  })

  test('a key that the deployment does not name any more is not looked at', async () => {
    const { keys, database } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const asked: string[] = []
    const provider: KeyProvider = {
      ...embedded(),
      async health(refs) {
        asked.push(...refs)
        return { status: 'healthy' }
      },
    }
    const later = await platform({ database, provider, providerRefs: {} })
    assert.deepEqual(await later.keys.health(), { status: 'healthy' })
    assert.deepEqual(asked, [])
  })

  test('a key without an active version is unhealthy for every function, also where another one registered it', async () => {
    const { keys, database } = await platform()
    await keys.ensure(documentSigner, [algorithm])
    const [version] = await keys.versions()
    assert.ok(version)
    await keys.revoke(keyId, version.version)
    const other = await platform({ database, providerRefs: { [keyId]: '0'.repeat(64) } })
    const { status, reason } = await other.keys.health()
    assert.deepEqual([status, reason], ['unhealthy', `${keyId} has no active version`])
  })
})
