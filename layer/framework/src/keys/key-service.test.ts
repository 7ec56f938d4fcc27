import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Database, DatabaseAdapter } from '../database/database.ts'
import { createMemoryDatabase } from '../database/memory-database.ts'
import { update } from '../database/write.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { digestOf } from './digest.ts'
import { createEmbeddedKeyProvider } from './embedded-key-provider.ts'
import { toJwkSet } from './jwk.ts'
import { keyCatalogue, keyOf } from './key-catalogue.ts'
import type { KeyProvider } from './key-provider.ts'
import { createKeyService, type KeyServiceOptions } from './key-service.ts'
import { defineKey } from './keys.ts'

const documentSigner = defineKey({
  name: 'document_signer',
  purpose: 'sign',
  algorithms: ['ECDSA-SHA256', 'ECDSA-SHA384', 'ML-DSA-65'],
})
const keyId = 'document_signer-ecc-nist-p256'
const algorithm = 'ECDSA-SHA256'
const message = Buffer.from('a document')
const code = (expected: ErrorCode) => (error: unknown) => isMmfError(error, expected)

let directory = ''
let embedded: KeyProvider
const databases: DatabaseAdapter[] = []

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mmf-key-service-'))
  embedded = createEmbeddedKeyProvider({ directory, secret: { passphrase: 'a long passphrase' }, scryptCost: 2 ** 14 })
})
after(async () => {
  for (const database of databases) await database.close()
  await rm(directory, { recursive: true })
})

/** Counts the calls of each method. */
function counting<T extends object>(target: T): { proxy: T; counts: Record<string, number> } {
  const counts: Record<string, number> = {}
  const proxy = new Proxy(target, {
    get(object, name, receiver) {
      const value: unknown = Reflect.get(object, name, receiver)
      if (typeof value !== 'function') return value
      return (...parameters: unknown[]) => {
        counts[String(name)] = (counts[String(name)] ?? 0) + 1
        return value.apply(object, parameters)
      }
    },
  })
  return { proxy, counts }
}

async function platform(options: Partial<KeyServiceOptions> = {}) {
  const clock = createManualClock()
  const database = createMemoryDatabase({ clock })
  await database.open([keyCatalogue])
  databases.push(database)
  const provider = counting(options.provider ?? embedded)
  const reads = counting<Database>(options.database ?? database)
  const service = () =>
    createKeyService({
      definitions: [documentSigner],
      clock,
      ...options,
      provider: provider.proxy,
      database: reads.proxy,
    })
  return { clock, database, service, keys: service(), calls: provider.counts, reads: reads.counts }
}

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
      ...embedded,
      sign: () => Promise.reject(new MmfError('key_service_unavailable', { headers: { 'retry-after': '1' } })),
    }
    const { keys } = await platform({ provider: failing })
    await keys.ensure(documentSigner, [algorithm])
    const sign = keys.sign('document_signer', algorithm, { message })
    await assert.rejects(sign, code('key_service_unavailable'))
    assert.equal((await keys.version(keyId, 1)).state, 'active')
  })
})

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
      provider: embedded,
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
    const { providerRef } = await embedded.create('ECC_NIST_P256')
    const { keys, service, calls } = await platform({ providerRefs: { [keyId]: providerRef } })
    await Promise.all([keys.ensure(documentSigner, [algorithm]), service().ensure(documentSigner, [algorithm])])
    const signed = await keys.sign('document_signer', algorithm, { message })
    assert.deepEqual(await keys.verify(signed, algorithm, { message }, signed.signature), { valid: true })
    assert.equal(calls['create'], undefined)
    await assert.rejects(keys.ensure(documentSigner, ['ECDSA-SHA384']), code('config_invalid'))
    await assert.rejects(keys.rotate(keyId, { providerRef }), code('conflict'))
    const next = await embedded.create('ECC_NIST_P256')
    assert.equal(await keys.rotate(keyId, { providerRef: next.providerRef }), 2)
    assert.equal((await keys.sign('document_signer', algorithm, { message })).keyVersion, 2)
  })

  test('a key of another spec, or none, is not registered', async () => {
    const { providerRef } = await embedded.create('ECC_NIST_P384')
    const { keys } = await platform({ providerRefs: { [keyId]: providerRef } })
    await assert.rejects(keys.ensure(documentSigner, [algorithm]), code('key_service_refused'))
    const none = await platform({ providerRefs: { [keyId]: 'f'.repeat(64) } })
    await assert.rejects(none.keys.ensure(documentSigner, [algorithm]), code('key_service_refused'))
    assert.deepEqual(await keys.versions(), [])
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
    const keys = createKeyService({ definitions: [documentSigner], clock, provider: embedded, database: flaky })
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
    const { publicKey } = await embedded.create('ECC_NIST_P256')
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
      () => createKeyService({ definitions, clock: createManualClock(), provider: embedded, database: {} as Database }),
      code('config_invalid'),
    )
  }
})

test('ensure refuses an algorithm that the key does not declare', async () => {
  const { keys, calls } = await platform()
  await assert.rejects(keys.ensure(documentSigner, ['RSA-SHA256']), code('config_invalid'))
  assert.deepEqual(calls, {})
})
