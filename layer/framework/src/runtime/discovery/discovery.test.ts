import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testConfigFolder } from '../../config/config-folder-fixture.ts'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import { CompositePluginDiscoverer } from './composite-plugin-discoverer.ts'
import { DirectoryPluginDiscoverer } from './directory-plugin-discoverer.ts'
import type { DiscoveryResult } from './discoverer.ts'
import { PackagePluginDiscoverer } from './package-plugin-discoverer.ts'

const manifest = (name: string, more = '') => `name: ${name}\nversion: 1.0.0\ndescription: The plugin ${name}\n${more}`
const code = (name: string) => {
  const definition = { name, title: name, version: '1.0.0', description: name, metricPrefix: name, services: [] }
  return `export const ${name} = { ...${JSON.stringify(definition)}, config: (await import('${config}')).pluginConfig({}) }\n`
}
const base = new URL('../mmf-plugin.ts', import.meta.url).href
const config = new URL('../../config/plugin-config.ts', import.meta.url).href
const classCode = (name: string) =>
  `import { MMFPlugin } from '${base}'\n${code(name)}export class Plugin extends MMFPlugin { definition = ${name} }\n`

function folderOf(t: TestContext, files: Readonly<Record<string, string>>) {
  return testConfigFolder(t, files).folder
}

const names = ({ plugins }: DiscoveryResult) => plugins.map(({ name }) => name)
const problems = (result: DiscoveryResult) =>
  Object.fromEntries(result.problems.map(({ source, error }) => [source.split('/').slice(-2).join('/'), error.code]))

async function loadFirst(result: DiscoveryResult) {
  const [first] = result.plugins
  if (first === undefined) throw new Error('nothing was found')
  return first.load()
}

test('folders: each sub-folder with a manifest is a plugin; broken ones are reported and hide no other', async t => {
  const folder = folderOf(t, {
    'a/plugin.yaml': manifest('alpha'),
    'a/plugin.js': code('alpha'),
    'b/plugin.yaml': 'name: [',
    'c/plugin.yaml': 'name: c\n',
    'd/readme.md': '',
    'e/plugin.yaml': manifest('epsilon'),
    'file.txt': '',
  })
  const result = await new DirectoryPluginDiscoverer([folder, `${folder}/absent`]).discover()
  assert.deepEqual(names(result), ['alpha', 'epsilon'])
  const found = problems(result)
  assert.equal(found['b/plugin.yaml'], 'config_malformed')
  assert.equal(found['c/plugin.yaml'], 'manifest_invalid')
  assert.equal(Object.keys(found).length, 3)
  const plugin = await loadFirst(result)
  assert.deepEqual([plugin.metadata.name, plugin.status], ['alpha', 'unloaded'])
  const epsilon = result.plugins.find(({ name }) => name === 'epsilon')
  await assert.rejects(async () => epsilon?.load(), /has none of plugin\.ts, plugin\.js/)
})

test('modules: TypeScript, a class before a definition, a named export; several need a name', async t => {
  const load = async (files: Readonly<Record<string, string>>, more = '') => {
    const folder = folderOf(t, { ...files, 'p/plugin.yaml': manifest('p', more) })
    return loadFirst(await new DirectoryPluginDiscoverer([folder]).discover())
  }
  assert.equal((await load({ 'p/plugin.ts': `${code('p')}export type X = string\n` })).metadata.name, 'p')
  assert.equal((await load({ 'p/plugin.js': classCode('p') })).constructor.name, 'Plugin')
  const two = `${code('p')}${code('q')}`
  await assert.rejects(load({ 'p/plugin.js': two }), /exports several plugins \(p, q\); name one/)
  assert.equal((await load({ 'p/src/main.js': two }, 'entry_point: ./src/main.js#p\n')).metadata.name, 'p')
  await assert.rejects(load({ 'p/plugin.js': two }, 'entry_point: ./plugin.js#r\n'), /exports no plugin "r"/)
  await assert.rejects(load({ 'p/plugin.js': two }, 'entry_point: ./plugin.js#q\n'), (error: unknown) =>
    isMmfError(error, 'manifest_invalid'),
  )
  await assert.rejects(load({ 'p/plugin.js': 'export const x = 1\n' }), /exports no plugin/)
  await assert.rejects(load({ 'p/plugin.js': 'throw new Error("boom")\n' }), (error: unknown) => {
    return isMmfError(error, 'plugin_failed') && /p: .*plugin\.js cannot be imported: boom/.test(error.message)
  })
  await assert.rejects(load({ 'out.js': code('p') }, 'entry_point: ../out.js\n'), /is outside/)
})

test('packages: those whose package.json names plugins, scoped ones too', async t => {
  const named = (plugins: unknown) => JSON.stringify({ name: 'x', type: 'module', mmf: { plugins } })
  const folder = folderOf(t, {
    'plain/package.json': '{"name":"plain"}',
    'one/package.json': named(['./plugin.js']),
    'one/plugin.yaml': manifest('one'),
    'one/plugin.js': code('one'),
    '@scope/two/package.json': named(['./dist/plugin.js']),
    '@scope/two/dist/plugin.yaml': manifest('two'),
    '@scope/two/dist/plugin.js': code('two'),
    'wrong/package.json': named('plugin.js'),
    'bare/package.json': named(['./plugin.js']),
  })
  const result = await new PackagePluginDiscoverer([folder, `${folder}/absent`]).discover()
  assert.deepEqual(names(result).sort(), ['one', 'two'])
  assert.deepEqual(problems(result), {
    'wrong/package.json': 'manifest_invalid',
    'bare/plugin.yaml': 'config_unreadable',
  })
  for (const plugin of result.plugins) assert.equal((await plugin.load()).metadata.name, plugin.name)
})

test('composite: the first of a name wins; a discoverer that throws does not stop the others', async t => {
  const first = folderOf(t, { 'p/plugin.yaml': manifest('p'), 'p/plugin.js': code('p') })
  const second = folderOf(t, { 'p/plugin.yaml': manifest('p'), 'q/plugin.yaml': manifest('q') })
  const result = await new CompositePluginDiscoverer([
    { discover: () => Promise.reject(new Error('disk on fire')) },
    new DirectoryPluginDiscoverer([first]),
    new DirectoryPluginDiscoverer([second]),
    { discover: () => Promise.reject(new MmfError('config_unreadable')) },
  ]).discover()
  assert.deepEqual(names(result), ['p', 'q'])
  assert.ok(result.plugins[0]?.path.startsWith(first))
  assert.deepEqual(
    result.problems.map(({ error }) => error.code),
    ['plugin_failed', 'config_unreadable'],
  )
  assert.match(result.problems[0]?.error.message ?? '', /disk on fire/)
})
