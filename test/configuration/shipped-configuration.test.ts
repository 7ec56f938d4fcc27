import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  DirectoryPluginDiscoverer,
  environments,
  isMmfError,
  PackagePluginDiscoverer,
  PluginManager,
  signingAlgorithmNames,
} from '@mmf/framework'
import { withDecorators } from '../../infra/plugins/lower-decorators.ts'
import { createPluginConfigManager } from '../../layer/framework/src/config/index.ts'
import { createPluginDiscoverer } from '../../layer/framework/src/runtime/discovery/create-plugin-discoverer.ts'
import { testPlatform } from '../../layer/framework/src/runtime/plugin-fixture.ts'
import { martyConfigSchema } from '../../plugins/marty/config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const schemas = { marty: martyConfigSchema }

test('the shipped configuration of Marty is valid in every environment and keeps what default demands', async () => {
  for (const environment of environments) {
    const manager = createPluginConfigManager({ configDir: join(root, 'config'), environment, env: {}, schemas })
    const config = await manager.getPluginConfig('marty')
    assert.equal(config.require_mutual_tls, environment !== 'development')
    assert.equal(config.certificate_validation_enabled, environment !== 'development')
    assert.deepEqual(
      config.signing_algorithms,
      environment === 'production' ? ['RSA-SHA384', 'ECDSA-SHA384'] : ['RSA-SHA256', 'ECDSA-SHA256'],
    )
  }
})

test('every setting of the shipped file is known, and a wrong value of any of them is refused by name and line', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'mmf-shipped-'))
  t.after(() => rm(folder, { recursive: true }))
  await cp(join(root, 'config'), folder, { recursive: true })
  const text = await readFile(join(folder, 'plugins/marty.yaml'), 'utf8')
  const settings = [...text.slice(0, text.indexOf('development:')).matchAll(/^ {2}(\w+):/gm)].map(
    match => match[1] ?? '',
  )
  assert.equal(settings.length, 10)
  for (const setting of settings) {
    const line = text.split('\n').findIndex(candidate => candidate.startsWith(`  ${setting}:`)) + 1
    const wrong = text.replace(new RegExp(`^  ${setting}:.*(\\n    - .*)*`, 'm'), `  ${setting}: {not: this}`)
    await writeFile(join(folder, 'plugins/marty.yaml'), wrong)
    const manager = createPluginConfigManager({ configDir: folder, environment: 'staging', env: {}, schemas })
    await assert.rejects(manager.getPluginConfig('marty'), (error: unknown) => {
      assert.ok(isMmfError(error, 'config_invalid'))
      assert.deepEqual(
        error.errors.map(({ path }) => path),
        [setting],
      )
      assert.match(error.message, new RegExp(`marty\\.yaml:${line}:3 \\(default\\)`))
      return true
    })
  }
})

test('an unknown algorithm and one named twice are refused', async () => {
  const read = (algorithms: readonly string[]) =>
    createPluginConfigManager({
      configDir: join(root, 'config'),
      environment: 'testing',
      env: { MMF__plugins__marty__signing_algorithms: JSON.stringify(algorithms) },
      schemas,
    }).getPluginConfig('marty')
  assert.deepEqual((await read(['ML-DSA-65', 'RSA-PSS-SHA512'])).signing_algorithms, ['ML-DSA-65', 'RSA-PSS-SHA512'])
  const allowed = signingAlgorithmNames.map(name => `"${name}"`).join(', ')
  await assert.rejects(read(['MD5']), new RegExp(`must be one of ${allowed}.*environment variable MMF__plugins__marty`))
  await assert.rejects(read(['RSA-SHA256', 'RSA-SHA256']), /must name each algorithm once/)
  await assert.rejects(read([]), /at least 1 item,/)
})

test('days of warning that are no whole numbers, come twice or are out of bounds are refused', async () => {
  const read = (days: string) =>
    createPluginConfigManager({
      configDir: join(root, 'config'),
      environment: 'testing',
      env: { MMF__plugins__marty__certificate_expiry_warning_days: days },
      schemas,
    }).getPluginConfig('marty')
  assert.deepEqual((await read('[0, 3650, 14]')).certificate_expiry_warning_days, [0, 3650, 14])
  assert.deepEqual((await read('')).certificate_expiry_warning_days, [90, 60, 30, 15, 7, 3, 1, 0])
  const many = JSON.stringify(Array.from({ length: 33 }, (_, i) => i))
  for (const days of ['[1.5]', '[-1]', '[3651]', '[30, 30]', '[]', '30', '"soon"', '["30"]', many]) {
    await assert.rejects(read(days), (error: unknown) => {
      assert.ok(isMmfError(error, 'config_invalid'), days)
      assert.match(error.message, /certificate_expiry_warning_days/)
      return true
    })
  }
})

test('Marty is found by its folder and by its package, the notary by its package, and manifests say what code says', async () => {
  const byFolder = await new DirectoryPluginDiscoverer([join(root, 'plugins')]).discover()
  const byPackage = await new PackagePluginDiscoverer([join(root, 'node_modules')]).discover()
  const expected = [
    [byFolder, ['MartyTrustPKI']],
    [byPackage, ['MartyTrustPKI', 'Notary']],
  ] as const
  for (const [{ plugins, problems }, titles] of expected) {
    assert.deepEqual(problems, [])
    const loaded = await withDecorators(() => Promise.all(plugins.map(plugin => plugin.load())))
    assert.deepEqual(loaded.map(({ metadata }) => metadata.title).sort(), titles)
  }
})

test('MMF_PLUGIN_DISCOVERY_PATHS decides where plugins are found, and they start from there', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'mmf-found-'))
  t.after(() => rm(folder, { recursive: true }))
  await cp(join(root, 'config'), folder, { recursive: true })
  await mkdir(join(folder, 'found/lists'), { recursive: true })
  await writeFile(join(folder, 'found/lists/plugin.yaml'), 'name: lists\nversion: 1.0.0\ndescription: Lists\n')
  const definition = {
    name: 'lists',
    title: 'Lists',
    version: '1.0.0',
    description: 'Lists',
    metricPrefix: 'lists',
    services: [],
  }
  const schema = new URL('../../layer/framework/src/config/plugin-config.ts', import.meta.url).href
  const code = `import { pluginConfig } from '${schema}'\nexport const lists = { ...${JSON.stringify(definition)}, config: pluginConfig({}) }\n`
  await writeFile(join(folder, 'found/lists/plugin.mjs'), code)
  const env = { MMF_CONFIG_DIR: folder, MMF_ENVIRONMENT: 'testing', MMF_PLUGIN_DISCOVERY_PATHS: join(folder, 'found') }
  const { plugins } = await createPluginConfigManager({ env }).getBaseConfig()
  const manager = new PluginManager(testPlatform().platform, { settings: plugins })
  const results = await manager.discoverPlugins(createPluginDiscoverer(plugins, [join(folder, 'none')]))
  assert.deepEqual(results, [{ name: 'lists', status: 'loaded' }])
  await manager.startAllPlugins()
  assert.equal(manager.getPluginStatus('lists'), 'active')
  await manager.shutdownAll()
})
