import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { publicAccess } from '../contract/concerns/requires-auth.ts'
import { serviceScope } from '../contract/operation/operation.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import { defineService } from '../contract/service.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { testCall } from '../testing/test-call.ts'
import { MMFPlugin, pluginOf } from './mmf-plugin.ts'
import { failingService, TestPlugin, testDefinition, testPlatform } from './plugin-fixture.ts'

const coded = (code: MmfError['code']) => (error: unknown) => isMmfError(error, code)
const call = testCall()

test('initialize, start, use, stop', async () => {
  const { platform, lines } = testPlatform()
  const plugin = pluginOf(testDefinition('marty'))
  assert.equal(plugin.status, 'unloaded')
  await plugin.initialize(platform)
  assert.equal(plugin.status, 'initializing')
  await plugin.start()
  assert.equal(plugin.status, 'active')
  assert.equal(await plugin.getService('echo').say({ text: 'hello' }, call), 'marty: hello')
  assert.deepEqual(plugin.context.plugin, {
    name: 'marty',
    version: '1.0.0',
    metricPrefix: 'marty',
    roles: [],
  })
  assert.deepEqual(plugin.context.config, { enabled: true })
  plugin.logger.info('ready')
  assert.deepEqual(lines, [{ level: 'info', message: 'ready', fields: { plugin: 'marty' } }])
  await plugin.stop()
  assert.equal(plugin.status, 'stopped')
})

test('the context, the logger and the services are there only between initialize and stop', async () => {
  const plugin = pluginOf(testDefinition('marty'))
  const absent = () => {
    assert.throws(() => plugin.context, coded('plugin_not_initialized'))
    assert.throws(() => plugin.logger, coded('plugin_not_initialized'))
    assert.throws(() => plugin.getService('echo'), coded('plugin_not_initialized'))
  }
  absent()
  await assert.rejects(plugin.start(), coded('plugin_not_initialized'))
  await plugin.initialize(testPlatform().platform)
  await plugin.start()
  await plugin.stop()
  absent()
})

test('a service that is not there does not compile and throws, naming those that are', async () => {
  const plugin = pluginOf(testDefinition('marty'))
  await plugin.initialize(testPlatform().platform)
  // @ts-expect-error: "trust" is no service of this plugin.
  assert.throws(() => plugin.getService('trust'), /has no service "trust"; it has echo/)
})

test('what is not possible in a state is refused and changes nothing', async () => {
  const plugin = new TestPlugin('marty')
  await assert.rejects(plugin.stop(), coded('plugin_illegal_transition'))
  await plugin.initialize(testPlatform().platform)
  await assert.rejects(plugin.initialize(testPlatform().platform), coded('plugin_illegal_transition'))
  await plugin.start()
  await assert.rejects(plugin.start(), coded('plugin_illegal_transition'))
  assert.equal(plugin.status, 'active')
})

test('a hook that fails leaves the plugin in error; stopping releases it; it can be started again after a stop', async () => {
  const journal: string[] = []
  const plugin = new TestPlugin('marty', journal, { start: 'fail' })
  const { platform } = testPlatform()
  await plugin.initialize(platform)
  await assert.rejects(plugin.start(), /start broke/)
  assert.equal(plugin.status, 'error')
  await plugin.stop()
  assert.equal(plugin.status, 'stopped')
  delete plugin.behaviour.start
  await plugin.initialize(platform)
  await plugin.start()
  assert.equal(plugin.status, 'active')
  assert.deepEqual(journal, ['marty initialize', 'marty start', 'marty stop', 'marty initialize', 'marty start'])
})

test('an author may override initialize, start and stop and call super', async () => {
  const seen: string[] = []
  class Overriding extends MMFPlugin {
    readonly definition = testDefinition('marty')
    override async initialize(platform: PlatformContext) {
      await super.initialize(platform)
      seen.push(this.context.plugin.name)
    }
    override async start() {
      await super.start()
      seen.push(this.status)
    }
    override async stop() {
      seen.push('stopping')
      await super.stop()
    }
  }
  const plugin = new Overriding()
  await plugin.initialize(testPlatform().platform)
  await plugin.start()
  await plugin.stop()
  assert.deepEqual(seen, ['marty', 'active', 'stopping'])
})

test('health: a status per service, unhealthy when a check fails, and for all when the plugin is not active', async () => {
  const plain = testDefinition('marty')
  const failing = failingService(new MmfError('key_service_unavailable', { detail: 'secret address' }))
  const plugin = pluginOf({ ...plain, services: [...plain.services, failing] })
  const stopped = { status: 'unhealthy', reason: 'the plugin is unloaded' }
  assert.deepEqual(await plugin.healthCheck(), {
    plugin: 'MARTY',
    ...stopped,
    services: { echo: stopped, bad: stopped },
  })
  await plugin.initialize(testPlatform().platform)
  await plugin.start()
  const health = await plugin.healthCheck()
  assert.equal(health.status, 'unhealthy')
  assert.deepEqual(health.services['echo'], { status: 'healthy' })
  assert.equal(health.services['bad']?.status, 'unhealthy')
  assert.doesNotMatch(JSON.stringify(health), /secret address/)
})

test('metadata, service definitions and the configuration schema are those of the definition', () => {
  const definition = testDefinition('marty')
  const plugin = pluginOf(definition)
  assert.deepEqual(plugin.metadata, { name: 'marty', title: 'MARTY', version: '1.0.0', description: 'Plugin marty' })
  assert.equal(plugin.getServiceDefinitions(), definition.services)
  assert.equal(plugin.getConfigurationSchema(), definition.config)
})

test('a configuration that is taken over holds for what begins then; what is at work keeps the one it began with', async () => {
  const { platform } = testPlatform()
  const configs = [
    { enabled: true, round: 1 },
    { enabled: true, round: 2 },
  ]
  let current = configs[0]
  const gate = Promise.withResolvers<void>()
  const operation = serviceScope<{ round: number }>()('slow', {})
  const look = operation({
    name: 'look',
    input: z.strictObject({ wait: z.boolean() }),
    output: z.array(z.int()),
    concerns: [publicAccess()],
    async run({ wait }, { config, context }) {
      if (wait) await gate.promise
      return [config.round, context.config.round]
    },
  })
  const service = defineService({ name: 'slow', description: '', operations: { look } })
  const plugin = pluginOf({ ...testDefinition('marty'), services: [service] })
  await plugin.initialize({ ...platform, pluginConfig: async () => configs[0], currentConfig: () => current })
  await plugin.start()
  const client = plugin.getService('slow')
  const atWork = client.look({ wait: true }, call)
  const held = plugin.context
  current = configs[1]
  assert.deepEqual(await client.look({ wait: false }, call), [2, 2])
  gate.resolve()
  assert.deepEqual(await atWork, [1, 1])
  assert.deepEqual([held.config, plugin.context.config], configs)
  assert.equal(plugin.context, plugin.context, 'made once for each configuration')
})
