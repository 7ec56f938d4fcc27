import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { environments } from '../contract/environment.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { baseConfigSchema } from './base-schema.ts'
import { testConfigFolder } from './config-folder-fixture.ts'
import type { Variables } from './overrides.ts'
import { createPluginConfigManager } from './plugin-config-manager.ts'
import { requireIssuers } from './require-issuers.ts'
import { looseMaps } from './schema-walk.ts'

function base(t: TestContext, yaml: string, env: Variables = {}) {
  const { folder } = testConfigFolder(t, { 'base.yaml': yaml })
  return createPluginConfigManager({ configDir: folder, environment: 'testing', env }).getBaseConfig()
}

test('an empty file gives the defaults: loopback only, half a minute of leeway, no issuer', async t => {
  const config = await base(t, '')
  assert.equal(config.server.host, '127.0.0.1')
  assert.equal(config.server.port, 8080)
  assert.equal(config.authentication.clock_leeway_seconds, 30)
  assert.equal(config.authentication.issuer, undefined)
  assert.equal(config.plugins.enabled, true)
})

test('the variables of the description: plugins enabled or not, by name, and where they are found', async t => {
  const cases = [
    [{ MMF_PLUGINS_ENABLED: 'true' }, true],
    [{ MMF_PLUGINS_ENABLED: 'false' }, false],
    [{ MMF_PLUGINS_ENABLED: 'marty, other' }, ['marty', 'other']],
    [{ MMF__plugins__enabled: '["marty"]' }, ['marty']],
    [{ MMF_PLUGINS_ENABLED: 'true', MMF__plugins__enabled: 'false' }, false],
  ] as const
  for (const [env, expected] of cases) assert.deepEqual((await base(t, '', env)).plugins.enabled, expected)
  const { plugins } = await base(t, '', { MMF_PLUGIN_DISCOVERY_PATHS: '/opt/mmf/plugins:./mine' })
  assert.deepEqual(plugins.discovery_paths, ['/opt/mmf/plugins', './mine'])
})

test('HOST, PORT and MARTY_DATA_DIR set their settings; a port that is none is refused by the name of its variable', async t => {
  const { server, embedded } = await base(t, 'default: {server: {port: 1}}', {
    HOST: '::1',
    PORT: '9000',
    MARTY_DATA_DIR: '/tmp/m',
  })
  assert.deepEqual([server.host, server.port, embedded.data_dir], ['::1', 9000, '/tmp/m'])
  await assert.rejects(base(t, '', { PORT: 'eighty' }), /server\.port: must be a .*environment variable PORT/)
})

test('HS256 and none cannot be allowed for tokens', async t => {
  for (const algorithm of ['HS256', 'none']) {
    await assert.rejects(base(t, `default: {authentication: {algorithms: [${algorithm}]}}`), /must be one of "RS256"/)
  }
})

test('without a complete issuer nothing boots; staging and production want https', async t => {
  const complete = { issuer: 'https://i', audience: 'a', jwks_uri: 'https://i/keys' }
  const withIssuer = (authentication: object) => base(t, JSON.stringify({ default: { authentication } }))
  for (const environment of environments) {
    for (const name of ['issuer', 'audience', 'jwks_uri']) {
      const config = await withIssuer({ ...complete, [name]: undefined })
      assert.throws(
        () => requireIssuers(config, environment),
        (error: unknown) => isMmfError(error, 'config_invalid') && error.message.includes(`authentication.${name}`),
      )
    }
    assert.equal(requireIssuers(await withIssuer(complete), environment)[0].jwks_uri, 'https://i/keys')
  }
  const local = await withIssuer({ ...complete, jwks_uri: 'http://127.0.0.1:8080/keys' })
  assert.equal(requireIssuers(local, 'testing')[0].jwks_uri, 'http://127.0.0.1:8080/keys')
  assert.throws(() => requireIssuers(local, 'production'), /authentication\.jwks_uri must be an https address/)
})

test('the shipped base.yaml loads everywhere; where it is deployed it wants its issuer from the environment', async () => {
  const configDir = fileURLToPath(new URL('../../../../config', import.meta.url))
  const read = (environment: string, env: Variables) =>
    createPluginConfigManager({ configDir, environment, env }).getBaseConfig()
  for (const environment of ['development', 'testing']) {
    assert.equal((await read(environment, {})).authentication.issuer, undefined)
  }
  const issuer = { MMF_TOKEN_ISSUER: 'https://i', MMF_TOKEN_AUDIENCE: 'marty', MMF_TOKEN_JWKS_URI: 'https://i/keys' }
  for (const environment of ['staging', 'production'] as const) {
    await assert.rejects(read(environment, {}), /MMF_TOKEN_ISSUER is not set/)
    assert.deepEqual(requireIssuers(await read(environment, issuer), environment)[0].audience, ['marty'])
  }
})

test('no part of the schema lets unknown settings pass', () => {
  assert.deepEqual(looseMaps(baseConfigSchema), [])
})
