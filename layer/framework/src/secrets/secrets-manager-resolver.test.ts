import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { isMmfError } from '../errors/mmf-error.ts'
import { createSecretsManagerResolver, type SecretsManagerResolverOptions } from './secrets-manager-resolver.ts'

interface Store {
  /** Secret id, or id and version, → value. */
  readonly values: Record<string, string>
  isDown: boolean
  /** Keeps answers back. */
  hangs?: Promise<void>
  calls: number
}

/** The real client against a store on loopback that checks what it is asked. */
async function setup(context: TestContext, options: Partial<SecretsManagerResolverOptions> = {}) {
  const store: Store = { values: {}, isDown: false, calls: 0 }
  const server = createServer(async (request, response) => {
    store.calls++
    const asked = JSON.parse(Buffer.concat(await request.toArray()).toString())
    assert.equal(request.headers['x-amz-target'], 'secretsmanager.GetSecretValue')
    assert.match(String(request.headers.authorization), /^AWS4-HMAC-SHA256 Credential=test\//)
    await store.hangs
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
    const id = [asked.SecretId, asked.VersionId ?? asked.VersionStage].filter(part => part !== undefined).join('@')
    const value = store.values[id]
    if (store.isDown) answer(500, { __type: 'InternalServiceError' })
    else if (value === undefined) answer(400, { __type: 'ResourceNotFoundException', Message: 'none' })
    else if (value === 'binary') answer(200, { Name: asked.SecretId, SecretBinary: 'AAAA' })
    else answer(200, { Name: asked.SecretId, SecretString: value })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new SecretsManagerClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  context.after(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  let time = Date.UTC(2026, 10, 22)
  const clock = { now: () => new Date(time) }
  const advance = (seconds: number) => {
    time += seconds * 1000
  }
  const commands = { GetSecretValueCommand }
  const resolver = createSecretsManagerResolver({ client, commands, prefix: 'marty/testing/', clock, ...options })
  return { store, resolver, advance }
}

const unreadable = (error: unknown) => isMmfError(error, 'config_unreadable') && !error.message.includes('hunter2')

describe('Secrets Manager resolver', () => {
  it('reads a secret below its prefix, a version by id or by stage, and does not know the others', async context => {
    const { store, resolver } = await setup(context)
    const id = '0123456789abcdef0123456789abcdef'
    store.values['marty/testing/pkd/api-key'] = 'hunter2'
    store.values[`marty/testing/pkd/api-key@${id}`] = 'by id'
    store.values['marty/testing/pkd/api-key@AWSPREVIOUS'] = 'by stage'
    assert.equal(await resolver.resolve('pkd/api-key'), 'hunter2')
    assert.equal(await resolver.resolve('pkd/api-key', id), 'by id')
    assert.equal(await resolver.resolve('pkd/api-key', 'AWSPREVIOUS'), 'by stage')
    assert.equal(await resolver.resolve('other'), undefined)
  })

  it('asks once for overlapping and later requests, and again when the value is old', async context => {
    const { store, resolver, advance } = await setup(context)
    store.values['marty/testing/a'] = 'one'
    const values = await Promise.all(Array.from({ length: 20 }, () => resolver.resolve('a')))
    assert.deepEqual([new Set(values), store.calls], [new Set(['one']), 1])
    store.values['marty/testing/a'] = 'two'
    advance(299)
    assert.deepEqual([await resolver.resolve('a'), store.calls], ['one', 1])
    advance(1)
    assert.deepEqual([await resolver.resolve('a'), store.calls], ['two', 2])
  })

  it('asks at once after a value was refused', async context => {
    const { store, resolver } = await setup(context)
    store.values['marty/testing/a'] = 'one'
    await resolver.resolve('a')
    store.values['marty/testing/a'] = 'two'
    resolver.forget('a')
    assert.deepEqual([await resolver.resolve('a'), store.calls], ['two', 2])
  })

  it('serves the old value while the store is down, for an hour', async context => {
    const failures: Error[] = []
    const { store, resolver, advance } = await setup(context, { onStale: error => failures.push(error) })
    store.values['marty/testing/a'] = 'one'
    await resolver.resolve('a')
    store.isDown = true
    advance(300)
    assert.equal(await resolver.resolve('a'), 'one')
    assert.equal(await resolver.resolve('a'), 'one')
    assert.deepEqual([store.calls, failures.length], [2, 1], 'not asked again at once')
    advance(5)
    assert.equal(await resolver.resolve('a'), 'one')
    assert.equal(store.calls, 3)
    advance(3_600)
    await assert.rejects(resolver.resolve('a'), unreadable)
    await assert.rejects(resolver.resolve('b'), unreadable)
    store.isDown = false
    assert.equal(await resolver.resolve('a'), 'one')
  })

  it('a store that hangs delays no other caller while the old value serves: one caller asks, for a moment, all others answer at once', {
    timeout: 1500,
  }, async context => {
    const { store, resolver, advance } = await setup(context, { refreshWaitMs: 20 })
    store.values['marty/testing/a'] = 'one'
    await resolver.resolve('a')
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    store.hangs = promise
    store.values['marty/testing/a'] = 'two'
    advance(300)
    let isWaiting = true
    const asking = resolver.resolve('a').then(value => {
      isWaiting = false
      return value
    })
    const others = await Promise.all(Array.from({ length: 20 }, () => resolver.resolve('a')))
    assert.deepEqual([new Set(others), isWaiting], [new Set(['one']), true])
    assert.equal(await asking, 'one')
    answer()
    resolver.forget('a')
    assert.equal(await resolver.resolve('a'), 'two', 'after a value was refused, the answer is waited for')
    assert.equal(store.calls, 2)
  })

  it('a store that never answers is given up', { timeout: 1500 }, async context => {
    const { store, resolver } = await setup(context, { timeoutMs: 30 })
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    context.after(() => answer())
    store.hangs = promise
    await assert.rejects(resolver.resolve('a'), unreadable)
  })

  it('forgets a secret that was deleted, and refuses a binary one', async context => {
    const { store, resolver, advance } = await setup(context)
    store.values['marty/testing/a'] = 'one'
    await resolver.resolve('a')
    delete store.values['marty/testing/a']
    advance(300)
    assert.equal(await resolver.resolve('a'), undefined)
    store.values['marty/testing/a'] = 'binary'
    await assert.rejects(resolver.resolve('a'), unreadable)
  })
})
