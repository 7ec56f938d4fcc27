import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { testConfigFolder } from '../config/config-folder-fixture.ts'
import { isMmfError } from '../errors/mmf-error.ts'
import { readManifest } from './discovery/read-manifest.ts'
import { frameworkVersion } from './framework-version.ts'
import { checkManifest, manifestOf, normalizeManifest } from './manifest.ts'
import { pluginManifestSchema } from './manifest-schema.ts'
import { testDefinition } from './plugin-fixture.ts'

const minimal = 'name: p\nversion: 1.2.3\ndescription: A plugin\n'

test('the least a manifest needs, and what is filled in', async t => {
  const { folder } = testConfigFolder(t, { 'plugin.yaml': minimal })
  assert.deepEqual(await readManifest(`${folder}/plugin.yaml`), {
    name: 'p',
    version: '1.2.3',
    description: 'A plugin',
    keywords: [],
    mmf_version: '*',
    node_version: '*',
    dependencies: {},
    optional_dependencies: {},
    enabled: true,
    priority: 100,
  })
})

test('dependencies are a list, or a map with ranges', async t => {
  const { folder, write } = testConfigFolder(t, { 'plugin.yaml': `${minimal}dependencies: [a, b]\n` })
  assert.deepEqual((await readManifest(`${folder}/plugin.yaml`)).dependencies, { a: '*', b: '*' })
  write('plugin.yaml', `${minimal}optional_dependencies: {a: ^1.2}\n`)
  assert.deepEqual((await readManifest(`${folder}/plugin.yaml`)).optional_dependencies, { a: '^1.2' })
})

test('a manifest that does not fit is refused with file, line and field', async t => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['name: p\ndescription: x\n', /version: must be a string/],
    [minimal.replace('1.2.3', '"1.2"'), /plugin\.yaml:2:1|version: must be a version/],
    [minimal.replace('name: p', 'name: My-Plugin'), /name: must match/],
    [`${minimal}isolation: process\n`, /isolation: unknown setting.*plugin\.yaml:4:1/],
    [`${minimal}licence: MIT\n`, /licence: unknown setting; did you mean "license"\?/],
    [`${minimal}mmf_version: latest\n`, /mmf_version: must be a version range/],
    [`${minimal}dependencies: {a: newest}\n`, /dependencies.*version range/],
    [`${minimal}entry_point: index\n`, /entry_point: must match/],
  ]
  for (const [yaml, pattern] of refused) {
    const { folder } = testConfigFolder(t, { 'plugin.yaml': yaml })
    await assert.rejects(readManifest(`${folder}/plugin.yaml`), (error: unknown) => {
      assert.ok(isMmfError(error, 'manifest_invalid'))
      assert.match(error.message, pattern)
      return true
    })
  }
})

test('the manifest says the same as the code', () => {
  const definition = testDefinition('p')
  const manifest = { ...manifestOf(definition), services: { echo: {} } }
  checkManifest(manifest, definition)
  assert.throws(
    () => checkManifest({ ...manifest, version: '2.0.0', services: { echo: {}, other: {} } }, definition),
    /version is "2\.0\.0" here and "1\.0\.0" in the code; services is "echo, other" here and "echo" in the code/,
  )
})

test('a plugin without a manifest has what an empty one would say', () => {
  const definition = testDefinition('p')
  const { name, version, description } = definition
  const parsed = normalizeManifest(pluginManifestSchema.parse({ name, version, description }))
  assert.deepEqual(manifestOf(definition), parsed)
  for (const wrong of [{ name: 'Not-A-Name' }, { version: '1' }]) {
    assert.throws(
      () => manifestOf({ ...definition, ...wrong }),
      error => isMmfError(error, 'manifest_invalid'),
    )
  }
})

test('the version of the framework is that of its package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.equal(frameworkVersion, version)
})
