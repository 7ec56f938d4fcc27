import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { recordingObservability } from '../testing/recording-observability.ts'
import type { DiscoveryResult } from './discovery/discoverer.ts'
import { manifestOf, type PluginManifest } from './manifest.ts'
import { MMFPlugin } from './mmf-plugin.ts'
import { TestPlugin, testDefinition, testPlatform } from './plugin-fixture.ts'
import { PluginManager, type PluginManagerOptions } from './plugin-manager.ts'

const coded = (code: MmfError['code']) => (error: unknown) => isMmfError(error, code)

function setUp(options: PluginManagerOptions = {}, configs: Readonly<Record<string, unknown>> = {}) {
  const { platform, lines } = testPlatform(configs)
  const manager = new PluginManager(platform, options)
  const journal: string[] = []
  const add = (
    name: string,
    needs: string[] = [],
    behaviour: TestPlugin['behaviour'] = {},
    other: Partial<PluginManifest> = {},
  ) => {
    const plugin = new TestPlugin(name, journal, behaviour)
    const dependencies = Object.fromEntries(needs.map(needed => [needed, '*']))
    manager.registerPlugin(name, plugin, { manifest: { ...manifestOf(plugin.definition), dependencies, ...other } })
    return plugin
  }
  const states = () => Object.fromEntries(manager.listPlugins().map(({ name, status }) => [name, status]))
  return { manager, journal, add, states, lines }
}

test('the quick start: load an instance, start it, use a service, stop it', async () => {
  const { manager, states } = setUp()
  const plugin = new TestPlugin('marty')
  await manager.loadPluginInstance(plugin, 'marty')
  assert.equal(manager.getPluginStatus('marty'), 'loaded')
  await manager.startPlugin('marty')
  assert.equal(manager.getPlugin('marty'), plugin)
  assert.equal(manager.registry.get('marty.echo'), plugin.getService('echo'))
  await manager.stopPlugin('marty')
  assert.deepEqual(manager.registry.list(), [])
  assert.deepEqual(states(), { marty: 'stopped' })
  await manager.startPlugin('marty')
  assert.deepEqual(states(), { marty: 'active' })
})

test('a name is registered once, and only for a plugin that has it', async () => {
  const { manager, add } = setUp()
  add('a')
  await assert.rejects(manager.loadPluginInstance(new TestPlugin('a'), 'a'), coded('plugin_duplicate'))
  assert.throws(() => manager.registerPlugin('b', new TestPlugin('c')), coded('manifest_invalid'))
  assert.throws(() => manager.getPlugin('A'), /did you mean "a"/)
})

test('all start in the order of their dependencies and stop in the reverse', async () => {
  const { manager, journal, add, states } = setUp()
  add('c', ['b'])
  add('b', ['a'])
  add('a')
  await manager.startAllPlugins()
  assert.deepEqual(states(), { c: 'active', b: 'active', a: 'active' })
  await manager.stopAllPlugins()
  const of = (hook: string) => journal.filter(line => line.endsWith(hook)).map(line => line[0])
  assert.deepEqual(
    [of('start'), of('stop')],
    [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
    ],
  )
})

test('one plugin that fails is in error with its name; those that need it do not start, all others do', async () => {
  const { manager, add, states, lines } = setUp()
  add('bad', [], { initialize: 'fail' })
  add('needs_bad', ['bad'])
  add('lonely', ['absent'])
  add('good')
  const results = await manager.startAllPlugins()
  assert.deepEqual(states(), { bad: 'error', needs_bad: 'loaded', lonely: 'error', good: 'active' })
  assert.deepEqual(Object.fromEntries(results.map(({ name, error }) => [name, error?.code])), {
    bad: 'plugin_failed',
    needs_bad: 'plugin_dependency_missing',
    lonely: 'plugin_dependency_missing',
    good: undefined,
  })
  assert.match(results.find(({ name }) => name === 'bad')?.error?.message ?? '', /bad: initialize: initialize broke/)
  assert.match(results.find(({ name }) => name === 'needs_bad')?.error?.message ?? '', /needs_bad needs bad \(error\)/)
  const errors = lines.filter(({ level }) => level === 'error')
  assert.deepEqual(errors.map(({ fields }) => fields['plugin']).sort(), ['bad', 'lonely'])

  const health = await manager.getHealthStatus()
  assert.deepEqual(
    Object.entries(health).map(([name, { status }]) => [name, status]),
    [
      ['bad', 'unhealthy'],
      ['needs_bad', 'unhealthy'],
      ['lonely', 'unhealthy'],
      ['good', 'healthy'],
    ],
  )
  assert.match(health['bad']?.reason ?? '', /plugin_failed/)
})

test('members of a circle are in error, with its path', async () => {
  const { manager, add, states } = setUp()
  add('a', ['b'])
  add('b', ['a'])
  add('free')
  const results = await manager.startAllPlugins()
  assert.deepEqual(states(), { a: 'error', b: 'error', free: 'active' })
  assert.match(results[0]?.error?.message ?? '', /a → b → a/)
})

test('a plugin that hangs is given up after its time, with its name and the limit; the others go on', async () => {
  const settings = { start_timeout_seconds: 0.01, stop_timeout_seconds: 0.01 }
  const { manager, add, states } = setUp({ settings })
  add('slow_start', [], { start: 'hang' })
  add('slow_stop', [], { stop: 'hang' })
  add('good')
  const started = await manager.startAllPlugins()
  assert.match(started[0]?.error?.message ?? '', /slow_start: start did not finish within 0\.01 s/)
  assert.deepEqual(states(), { slow_start: 'error', slow_stop: 'active', good: 'active' })
  const stopped = await manager.stopAllPlugins()
  assert.match(stopped.find(({ name }) => name === 'slow_stop')?.error?.message ?? '', /slow_stop: stop did not finish/)
  assert.deepEqual(states(), { slow_start: 'stopped', slow_stop: 'error', good: 'stopped' })
})

test('stopping all releases what a plugin holds that failed halfway', async () => {
  const { manager, journal, add } = setUp()
  add('half', [], { start: 'fail' })
  await manager.startAllPlugins()
  await manager.stopAllPlugins()
  assert.deepEqual(journal, ['half initialize', 'half start', 'half stop'])
})

test('a plugin is neither stopped nor unloaded while an active one needs it', async () => {
  const { manager, add, states } = setUp()
  add('base')
  add('user', ['base'])
  await manager.startAllPlugins()
  for (const refused of [manager.stopPlugin('base'), manager.unloadPlugin('base'), manager.reloadPlugin('base')]) {
    await assert.rejects(
      refused,
      (error: unknown) => isMmfError(error, 'plugin_in_use') && /base is needed by user/.test(error.message),
    )
  }
  assert.deepEqual(states(), { base: 'active', user: 'active' })
  await manager.stopPlugin('user')
  await manager.unloadPlugin('base')
  assert.deepEqual(states(), { user: 'stopped' })
  await assert.rejects(manager.startPlugin('user'), coded('plugin_dependency_missing'))
})

test("a configuration that does not pass keeps its code, gets the plugin's name, and the plugin is in error until it is loaded again", async () => {
  const configs: Record<string, unknown> = {
    a: new MmfError('config_malformed', { detail: 'a.yaml:3:1 at key "ttl"' }),
  }
  const { manager, add, states } = setUp({}, configs)
  add('a')
  await assert.rejects(manager.loadPlugin('a'), (error: unknown) => {
    return isMmfError(error, 'config_malformed') && /a: a\.yaml:3:1 at key "ttl"/.test(error.message)
  })
  assert.deepEqual(manager.getPluginInfo('a').error?.code, 'config_malformed')
  await assert.rejects(manager.startPlugin('a'), coded('plugin_illegal_transition'))
  configs['a'] = { enabled: true }
  await manager.loadPlugin('a')
  assert.equal(manager.getPluginInfo('a').error, undefined)
  assert.deepEqual(states(), { a: 'loaded' })
})

test("enabled: the list of names decides, else the manifest; the plugin's own configuration can always disable it", async () => {
  const cases = [
    [true, { on: 'active', off: 'disabled', by_config: 'disabled' }],
    [false, { on: 'disabled', off: 'disabled', by_config: 'disabled' }],
    [['off', 'by_config'], { on: 'disabled', off: 'active', by_config: 'disabled' }],
  ] as const
  for (const [enabled, expected] of cases) {
    const setting = typeof enabled === 'boolean' ? enabled : [...enabled]
    const { manager, add, states } = setUp({ settings: { enabled: setting } }, { by_config: { enabled: false } })
    add('on')
    add('off', [], {}, { enabled: false })
    add('by_config')
    await manager.startAllPlugins()
    assert.deepEqual(states(), expected)
    const running = Object.keys(expected).filter(name => states()[name] === 'active')
    assert.deepEqual(Object.keys(await manager.getHealthStatus()), running)
  }
})

test('versions of framework, Node and configuration must fit; both sides are named', async () => {
  const host = { mmf: '0.1.0', node: '24.21.0' }
  const { manager, add } = setUp({ host }, { c: { enabled: true, version: '2.0.0' } })
  add('a', [], {}, { mmf_version: '^2' })
  add('b', [], {}, { node_version: '>=26' })
  add('c')
  const message = async (name: string) => {
    const error = await manager.loadPlugin(name).catch((reason: unknown) => reason)
    assert.ok(isMmfError(error, 'plugin_incompatible'))
    return error.message
  }
  assert.match(await message('a'), /a 1\.0\.0 needs @mmf\/framework \^2, but this is 0\.1\.0/)
  assert.match(await message('b'), /b 1\.0\.0 needs Node >=26, but this is 24\.21\.0/)
  assert.match(await message('c'), /c: its configuration is for version 2\.0\.0, the plugin is 1\.0\.0/)
})

test('reload: the new instance takes over; where it fails the old one is put back and runs', async () => {
  const { manager, journal, add } = setUp()
  const first = add('a')
  await manager.startAllPlugins()
  const second = new TestPlugin('a', journal)
  await manager.reloadPlugin('a', second)
  assert.equal(manager.getPlugin('a'), second)
  assert.deepEqual([first.status, second.status], ['unloaded', 'active'])
  await assert.rejects(
    manager.reloadPlugin('a', new TestPlugin('a', journal, { start: 'fail' })),
    /a: start: start broke/,
  )
  assert.equal(manager.getPlugin('a'), second)
  assert.equal(second.status, 'active')
  await manager.reloadPlugin('a')
  assert.equal(second.status, 'active')
})

test('a plugin whose initialize or start does not call super is in error', async () => {
  class Silent extends MMFPlugin {
    readonly definition = testDefinition('silent')
    override async start() {}
  }
  const { manager } = setUp()
  await manager.loadPluginInstance(new Silent(), 'silent')
  await assert.rejects(manager.startPlugin('silent'), /silent: start: .*super\.start/)
  assert.equal(manager.getPluginStatus('silent'), 'error')
})

test('a health check that throws or hangs is unhealthy and hides no other', async () => {
  class Throwing extends TestPlugin {
    override healthCheck(): Promise<never> {
      return Promise.reject(new Error('hunter2'))
    }
  }
  class Hanging extends TestPlugin {
    override healthCheck(): Promise<never> {
      return new Promise(() => {})
    }
  }
  const { manager, add } = setUp({ settings: { health_timeout_seconds: 0.01 } })
  await manager.loadPluginInstance(new Throwing('t'), 't')
  await manager.loadPluginInstance(new Hanging('h'), 'h')
  add('good')
  await manager.startAllPlugins()
  const health = await manager.getHealthStatus()
  assert.deepEqual(
    [health['t']?.status, health['h']?.status, health['good']?.status],
    ['unhealthy', 'unhealthy', 'healthy'],
  )
  assert.doesNotMatch(JSON.stringify(health), /hunter2/)
})

test('discovered plugins are loaded; what is broken, twice there or missing is in the answer', async () => {
  const { manager, add, states } = setUp({ settings: { enabled: ['fine', 'broken', 'absent'] } })
  add('twice')
  const found = (name: string, load: () => Promise<MMFPlugin>) => {
    const manifest = manifestOf(testDefinition(name))
    return { name, version: '1.0.0', path: `/plugins/${name}`, manifest, load }
  }
  const result: DiscoveryResult = {
    plugins: [
      found('broken', () => Promise.reject(new Error('syntax'))),
      found('twice', async () => new TestPlugin('twice')),
      found('fine', async () => new TestPlugin('fine')),
    ],
    problems: [{ source: '/plugins/x/plugin.yaml', error: new MmfError('manifest_invalid') }],
  }
  const results = await manager.discoverPlugins({ discover: async () => result })
  assert.deepEqual(Object.fromEntries(results.map(({ name, error }) => [name, error?.code])), {
    fine: undefined,
    broken: 'plugin_failed',
    twice: 'plugin_duplicate',
    '/plugins/x/plugin.yaml': 'manifest_invalid',
    absent: 'plugin_not_found',
  })
  assert.deepEqual(states(), { twice: 'unloaded', fine: 'loaded' })
  assert.equal(manager.getPluginInfo('fine').path, '/plugins/fine')
})

test('shutdown stops and forgets everything, also when one fails', async () => {
  const { manager, add } = setUp()
  const bad = add('bad', [], { stop: 'fail' })
  const good = add('good')
  await manager.startAllPlugins()
  const results = await manager.shutdownAll()
  assert.deepEqual(Object.fromEntries(results.map(({ name, error }) => [name, error?.code])), {
    bad: 'plugin_failed',
    good: undefined,
  })
  assert.deepEqual(manager.listPlugins(), [])
  assert.deepEqual([bad.status, good.status], ['unloaded', 'unloaded'])
  assert.deepEqual(await manager.shutdownAll(), [])
})

test('information about a plugin is fit to be printed', async () => {
  const { manager, add } = setUp()
  add('base')
  add('a', ['base'], {}, { keywords: ['trust'] })
  await manager.loadPlugin('a')
  assert.deepEqual(manager.getPluginInfo('a'), {
    name: 'a',
    title: 'A',
    version: '1.0.0',
    description: 'Plugin a',
    status: 'loaded',
    since: '1970-01-01T00:00:00.000Z',
    services: ['echo'],
    dependencies: { base: '*' },
    optionalDependencies: {},
  })
  assert.deepEqual(manager.getPluginMetadata('a').keywords, ['trust'])
})

test('each transition is counted and logged once, also of a plugin that is loaded again or fails', async () => {
  const { platform } = testPlatform()
  const observability = recordingObservability()
  const clock = createManualClock()
  const manager = new PluginManager({ ...platform, observability, clock }, { name: 'demo.echo' })
  const walk = () =>
    observability.lines.splice(0).flatMap(({ message, fields: { plugin, host, from, to } }) => {
      return message === 'plugin state changed' ? [`${host} ${plugin}: ${from} > ${to}`] : []
    })
  const walked = (...states: string[]) => states.slice(1).map((to, at) => `demo.echo a: ${states[at]} > ${to}`)
  const active = () => observability.counts.get('mmf_plugin_active{host="demo.echo",plugin="a"}')
  const plugin = new TestPlugin('a')
  await manager.loadPluginInstance(plugin, 'a')
  clock.advance(1000)
  await manager.startPlugin('a')
  assert.deepEqual(walk(), walked('unloaded', 'loading', 'loaded', 'initializing', 'active'))
  assert.equal(active(), 1)
  const { state, since } = await manager.getPluginHealth('a')
  assert.deepEqual([state, since], ['active', clock.now().toISOString()])

  await manager.reloadPlugin('a')
  const again = ['unloaded', 'loading', 'loaded', 'initializing', 'active'] as const
  assert.deepEqual(walk(), walked('active', 'stopping', 'stopped', ...again))
  assert.equal(observability.counts.get('mmf_plugin_transitions_total{host="demo.echo",plugin="a",to="active"}'), 2)

  Object.assign(plugin.behaviour, { stop: 'fail' })
  await assert.rejects(manager.stopPlugin('a'), coded('plugin_failed'))
  assert.deepEqual(walk(), walked('active', 'stopping', 'error'))
  const failed = await manager.getPluginHealth('a')
  assert.deepEqual([failed.status, failed.state], ['unhealthy', 'error'])
  assert.match(failed.reason ?? '', /plugin_failed/)
  await manager.shutdownAll()
  assert.deepEqual(walk().at(-1), 'demo.echo a: error > unloaded')
  plugin.lifecycle.send('load')
  assert.deepEqual(walk(), [], 'a manager that forgot a plugin says nothing more of it')
})
