import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { plugins } from '../../support/plugins.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

const signBody = { document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: { ...signingWith('ECDSA-SHA256'), MMF_LOG_LEVELS: 'framework.config=debug' } })
})
after(() => marty.stop())

const operator = () => marty.token({ subject: 'ops', roles: ['platform_administrator'], permissions: [] })
const set = (overrides: object, token = operator()) =>
  marty.request('PUT', '/logs/levels', { token, body: { overrides } })

/** The debug lines that `work` leads to. */
async function debugLines(work: () => Promise<unknown>) {
  const from = marty.lines.length
  await work()
  return marty.lines.slice(from).filter(({ level }) => level === 'DEBUG')
}

const sign = () => marty.request('POST', '/v1/documents/sign', { token: marty.token(), body: signBody })
const lookUp = () => marty.request('GET', `/v1/pkd/keys?fingerprint=${'a'.repeat(64)}`, { token: marty.token() })

describe('levels of the log', () => {
  it('are set for one namespace by the environment: the origin of each setting, never its value', () => {
    const read = marty.lines.filter(({ level, message }) => level === 'DEBUG' && message === 'configuration read')
    assert.deepEqual(
      read.map(({ configuration, namespace }) => [configuration, namespace]),
      [['base', 'framework.config'], ...plugins.map(({ name }) => [name, 'framework.config'])],
    )
    const { settings } = read[1] as { settings: string[] }
    assert.ok(settings.includes('signing_algorithms: environment variable MMF__plugins__marty__signing_algorithms'))
    assert.ok(settings.some(line => /^pkd_cache_ttl: config\/plugins\/marty\.yaml:\d+:\d+ \(default\)$/.test(line)))
    assert.equal(marty.lines.filter(({ level }) => level === 'DEBUG').length, 1 + plugins.length)
  })

  it('can be read and set while it runs by an operator, and by no other', async () => {
    const answer = await marty.request('GET', '/logs/levels', { token: operator() })
    assert.deepEqual(answer.json, { level: 'info', levels: { 'framework.config': 'debug' }, overrides: {} })
    assert.equal((await set({ plugins: 'debug' }, marty.token())).json.code, 'role_missing')
    assert.equal((await marty.request('PUT', '/logs/levels', { body: { overrides: {} } })).status, 401)
    for (const wrong of [{ 'Plugins.Marty': 'debug' }, { 'plugins.marty': 'loud' }, { '': 'debug' }]) {
      assert.equal((await set(wrong)).json.code, 'validation_failed', JSON.stringify(wrong))
    }
    assert.deepEqual(await debugLines(sign), [])
  })

  it('show each decision of a request, with plugin, service and operation, and no credential', async () => {
    const token = marty.token()
    await set({ 'framework.http': 'debug', 'plugins.marty': 'debug', 'framework.cache': 'debug' })
    const lines = await debugLines(async () => {
      await sign()
      await lookUp()
      await lookUp()
    })
    const signed = lines.filter(({ operation }) => operation === 'document_signer.sign_document')
    assert.deepEqual(
      signed.map(({ message }) => message),
      ['route matched', 'authenticated', 'authorized'],
    )
    for (const { plugin, service, correlationId } of signed) {
      assert.deepEqual([plugin, service, typeof correlationId], ['marty', 'document_signer', 'string'])
    }
    const looked = lines.filter(({ message }) => message === 'cache')
    assert.deepEqual(
      looked.map(({ namespace, plugin, service, operation, hit }) => [namespace, plugin, service, operation, hit]),
      [false, true].map(hit => ['plugins.marty.pkd', 'marty', 'pkd', 'pkd.lookup_public_key', hit]),
    )
    const all = JSON.stringify(marty.lines)
    assert.ok(!all.includes(token) && !all.includes(token.split('.')[2] ?? ''))
  })

  it('say why a request was not authorized', async () => {
    await set({ framework: 'debug' })
    const lines = await debugLines(() =>
      marty.request('POST', '/v1/documents/sign', { token: marty.token({ roles: [] }), body: signBody }),
    )
    const refused = lines.find(({ message }) => message === 'not authorized')
    assert.deepEqual(refused?.['neededRoles'], ['document_signer'])
    assert.deepEqual(refused?.['roles'], [])
  })

  it('go back to the configuration', async () => {
    const { json } = await set({})
    assert.deepEqual(json.overrides, {})
    assert.deepEqual(await debugLines(sign), [])
  })
})

describe('a level that is none', () => {
  const cases = [
    [
      { MMF_LOG_LEVEL: 'loud' },
      /logging\.level: must be one of "debug", "info", "warn", "error", at environment variable MMF_LOG_LEVEL/,
    ],
    [
      { MMF_LOG_LEVELS: 'plugins.marty' },
      /logging\.levels\.plugins\.marty: must be one of .* at environment variable MMF_LOG_LEVELS/,
    ],
    [{ MMF_LOG_LEVELS: 'Marty=debug' }, /logging\.levels.*MMF_LOG_LEVELS/],
  ] as const
  for (const [env, expected] of cases) {
    it(`stops the start and says what is allowed: ${JSON.stringify(env)}`, async () => {
      await assert.rejects(startPlatform({ env }), (error: Error) => {
        assert.match(`${error.message} ${(error as { detail?: string }).detail}`, expected)
        return true
      })
    })
  }
})
