import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { environments } from '../contract/environment.ts'
import { isMmfError, type MmfError } from '../errors/mmf-error.ts'
import { testConfigFolder } from './config-folder-fixture.ts'
import { pluginConfig } from './plugin-config.ts'
import { createPluginConfigManager, type PluginConfigManagerOptions } from './plugin-config-manager.ts'

const shippedFolder = fileURLToPath(new URL('../../../../config', import.meta.url))
const shipped = readFileSync(`${shippedFolder}/plugins/marty.yaml`, 'utf8')

const marty = pluginConfig({
  trust_anchor_url: z.url(),
  trust_anchor_timeout: z.int(),
  pkd_url: z.url(),
  pkd_cache_ttl: z.int().min(1).max(100_000),
  document_signer_url: z.url(),
  signing_algorithms: z.array(z.enum(['RSA-SHA256', 'RSA-SHA384', 'ECDSA-SHA256', 'ECDSA-SHA384'])).min(1),
  require_mutual_tls: z.boolean(),
  certificate_validation_enabled: z.boolean(),
  label: z.string().default('none'),
  pkd: z.strictObject({ retries: z.int().default(3), hosts: z.array(z.string()).default([]) }).prefault({}),
})

function manager(test: TestContext, yaml: string, options: PluginConfigManagerOptions = {}) {
  const { folder, write } = testConfigFolder(test, { 'plugins/marty.yaml': yaml, 'base.yaml': 'default:\n' })
  const created = createPluginConfigManager({
    configDir: folder,
    environment: 'development',
    env: {},
    ...options,
    schemas: { marty },
  })
  return { created, folder, write }
}

async function refusal(promise: Promise<unknown>, code: MmfError['code'] = 'config_invalid'): Promise<MmfError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isMmfError(error, code)) assert.fail(`expected ${code}, got ${String(error)}`)
  return error
}

test('the shipped marty.yaml: default and the section of each environment', async t => {
  const expected = {
    development: { tls: false, validation: false, algorithms: ['RSA-SHA256', 'ECDSA-SHA256'] },
    testing: { tls: true, validation: true, algorithms: ['RSA-SHA256', 'ECDSA-SHA256'] },
    staging: { tls: true, validation: true, algorithms: ['RSA-SHA256', 'ECDSA-SHA256'] },
    // What `default` demands stays in force in production, and its list is replaced, not joined.
    production: { tls: true, validation: true, algorithms: ['RSA-SHA384', 'ECDSA-SHA384'] },
  }
  for (const environment of environments) {
    const config = await manager(t, shipped, { environment }).created.getPluginConfig('marty')
    const { tls, validation, algorithms } = expected[environment]
    assert.deepEqual(config, {
      enabled: true,
      version: '1.0.0',
      trust_anchor_url: 'https://trust-anchor.marty.internal:8443',
      trust_anchor_timeout: 30,
      pkd_url: 'https://pkd.marty.internal:8443',
      pkd_cache_ttl: 3600,
      document_signer_url: 'https://doc-signer.marty.internal:8443',
      signing_algorithms: algorithms,
      require_mutual_tls: tls,
      certificate_validation_enabled: validation,
      label: 'none',
      pkd: { retries: 3, hosts: [] },
    })
  }
})

test('maps merge deeply, other keys of the map stay', async t => {
  const yaml = `${shipped}\nstaging:\n  pkd:\n    hosts: [c]\n`.replace(
    'default:',
    'default:\n  pkd: {retries: 5, hosts: [a, b]}',
  )
  const config = await manager(t, yaml, { environment: 'staging' }).created.getPluginConfig('marty')
  assert.deepEqual(config.pkd, { retries: 5, hosts: ['c'] })
})

test('an unknown environment is refused and the known ones are named; none at all too', () => {
  for (const environment of ['prod', '', undefined]) {
    assert.throws(
      () => createPluginConfigManager({ env: { MMF_ENVIRONMENT: environment } }),
      (error: unknown) =>
        isMmfError(error, 'environment_unknown') && /development, testing, staging, production/.test(error.message),
    )
  }
})

test('an unknown section is refused with its line and a suggestion', async t => {
  const error = await refusal(manager(t, `${shipped}\nprodction:\n  enabled: true\n`).created.getPluginConfig('marty'))
  assert.match(error.message, /marty\.yaml:34:1: "prodction" is no section; did you mean "production"\?/)
})

test('an unknown setting is refused with file, path, line and a suggestion, also inside a map', async t => {
  const yaml = shipped.replace('pkd_cache_ttl', 'pkd_cache_tll').replace('default:', 'default:\n  pkd: {retrys: 5}')
  const error = await refusal(manager(t, yaml).created.getPluginConfig('marty'))
  const { findings: reported } = error.members
  const findings = reported as readonly { path: string; line: number; file: string; message: string }[]
  const misspelt = findings.find(finding => finding.path === 'pkd_cache_tll')
  assert.equal(misspelt?.line, 13)
  assert.match(misspelt?.file ?? '', /marty\.yaml$/)
  assert.match(misspelt?.message ?? '', /did you mean "pkd_cache_ttl"\?/)
  assert.match(findings.find(({ path }) => path === 'pkd.retrys')?.message ?? '', /did you mean "retries"\?/)
})

test('a wrong value is refused with what is allowed, where it stands, and without the value', async t => {
  const yaml = shipped
    .replace('RSA-SHA384', 'MD5-hunter2')
    .replace('trust_anchor_timeout: 30', 'trust_anchor_timeout: soon')
  const error = await refusal(manager(t, yaml, { environment: 'production' }).created.getPluginConfig('marty'))
  assert.match(error.message, /signing_algorithms\.0: must be one of "RSA-SHA256", .*marty\.yaml:31:7 \(production\)/)
  assert.match(
    error.message,
    /trust_anchor_timeout: must be a number, received a string, at .*marty\.yaml:8:3 \(default\)/,
  )
  assert.doesNotMatch(error.message, /hunter2|soon/)
})

test('malformed YAML stops the read, and so does a missing base.yaml', async t => {
  const broken = await refusal(manager(t, 'default:\n  a: [1\n').created.getPluginConfig('marty'), 'config_malformed')
  assert.match(broken.message, /marty\.yaml:\d+:\d+/)
  const { folder } = testConfigFolder(t, {})
  const empty = createPluginConfigManager({ configDir: folder, environment: 'testing', env: {}, schemas: { marty } })
  const needed = await refusal(empty.getPluginConfig('marty'))
  assert.match(needed.message, /trust_anchor_url: must be a string, received nothing, at .*plugins\/marty\.yaml/)
  empty.registerSchema('modest', pluginConfig({ word: z.string().default('hello') }))
  assert.deepEqual(await empty.getPluginConfig('modest'), { enabled: true, word: 'hello' }, 'defaults need no file')
  assert.match((await refusal(empty.getBaseConfig(), 'config_unreadable')).message, /base\.yaml/)
})

test('an unknown plugin is plugin_not_found, also when its name is a path', async t => {
  const { created } = manager(t, shipped)
  assert.match((await refusal(created.getPluginConfig('mary'), 'plugin_not_found')).message, /did you mean "marty"\?/)
  await refusal(created.getPluginConfig('../base'), 'plugin_not_found')
})

test('MMF_CONFIG_DIR and MMF_ENVIRONMENT are honoured', async t => {
  const { folder } = manager(t, shipped)
  const env = { MMF_CONFIG_DIR: folder, MMF_ENVIRONMENT: 'production' }
  const config = await createPluginConfigManager({ env, schemas: { marty } }).getPluginConfig('marty')
  assert.deepEqual(config.signing_algorithms, ['RSA-SHA384', 'ECDSA-SHA384'])
})

test('an override is typed by the schema: text where text is taken, JSON where not; it beats the section', async t => {
  const env = {
    MMF__plugins__marty__pkd_cache_ttl: '60',
    MMF__plugins__marty__label: '60',
    MMF__plugins__marty__require_mutual_tls: 'true',
    MMF__plugins__marty__signing_algorithms: '["RSA-SHA384"]',
    MMF__plugins__marty__pkd__retries: '9',
  }
  const config = await manager(t, shipped, { env }).created.getPluginConfig('marty')
  assert.equal(config.pkd_cache_ttl, 60)
  assert.equal(config.label, '60')
  assert.equal(config.require_mutual_tls, true)
  assert.deepEqual(config.signing_algorithms, ['RSA-SHA384'])
  // One key of a map is set; the rest of the map stays.
  assert.deepEqual(config.pkd, { retries: 9, hosts: [] })
})

test('a wrong override names the variable; an override of an unknown plugin or setting is refused', async t => {
  const wrong = manager(t, shipped, { env: { MMF__plugins__marty__pkd_cache_ttl: 'long' } })
  assert.match(
    (await refusal(wrong.created.getPluginConfig('marty'))).message,
    /environment variable MMF__plugins__marty__pkd_cache_ttl/,
  )
  const stray = manager(t, shipped, { env: { MMF__plugins__mary__pkd_cache_ttl: '1' } })
  assert.match((await refusal(stray.created.getPluginConfig('marty'))).message, /did you mean "marty"/)
  const unknown = manager(t, shipped, { env: { MMF__plugins__marty__pkd_cache_tll: '1' } })
  assert.match((await refusal(unknown.created.getPluginConfig('marty'))).message, /did you mean "pkd_cache_ttl"/)
  const torn = manager(t, shipped, { env: { MMF__plugins__marty____x: '1' } })
  await refusal(torn.created.getPluginConfig('marty'))
})

test('a schema that lets unknown settings pass is refused when it is registered, also deep inside', () => {
  const loose = [
    z.object({ enabled: z.boolean() }),
    pluginConfig({ a: z.array(z.object({ b: z.string() })).optional() }),
  ]
  for (const schema of loose) {
    assert.throws(
      () => createPluginConfigManager({ env: { MMF_ENVIRONMENT: 'testing' }, schemas: { loose: schema } }),
      (error: unknown) => isMmfError(error, 'config_invalid') && /strictObject/.test(error.message),
    )
  }
})

test('a schema is registered once per name', t => {
  const { created } = manager(t, shipped)
  created.registerSchema('marty', marty)
  assert.throws(
    () => created.registerSchema('marty', pluginConfig({})),
    (error: unknown) => isMmfError(error, 'plugin_duplicate'),
  )
  assert.throws(
    () => created.registerSchema('../x', pluginConfig({})),
    (error: unknown) => isMmfError(error, 'plugin_duplicate'),
  )
  assert.deepEqual(created.list(), ['marty'])
})

test('a configuration is frozen and the same object for every caller', async t => {
  const { created } = manager(t, shipped)
  const config = await created.getPluginConfig('marty')
  assert.equal(config, await created.getPluginConfig('marty'))
  assert.throws(() => Object.assign(config, { require_mutual_tls: false }), TypeError)
  assert.throws(() => (config.pkd.hosts as string[]).push('x'), TypeError)
})

test('a failed read is not kept', async t => {
  const { created, write } = manager(t, 'default: [')
  await refusal(created.getPluginConfig('marty'), 'config_malformed')
  write('plugins/marty.yaml', shipped)
  assert.equal((await created.getPluginConfig('marty')).pkd_cache_ttl, 3600)
})

test('validate answers instead of throwing', async t => {
  const { created } = manager(t, shipped.replace('pkd_cache_ttl: 3600', 'pkd_cache_ttl: 0'))
  const result = await created.validate('marty')
  assert.equal(result.valid, false)
  assert.match(result.error?.message ?? '', /pkd_cache_ttl: must be at least 1/)
  assert.deepEqual(await created.validate('base'), { name: 'base', valid: true })
})
