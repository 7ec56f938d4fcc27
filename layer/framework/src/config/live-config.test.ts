import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as z from 'zod'
import { definePlugin } from '../contract/define-plugin.ts'
import { MmfError } from '../errors/mmf-error.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { recordingObservability } from '../testing/recording-observability.ts'
import { testConfigFolder } from './config-folder-fixture.ts'
import { createLiveConfig } from './live-config.ts'
import { pluginConfig } from './plugin-config.ts'
import { createPluginConfigManager } from './plugin-config-manager.ts'

const schema = pluginConfig({ ttl: z.int() })
const plugin = definePlugin({
  name: 'p',
  title: 'P',
  version: '1.0.0',
  description: '',
  metricPrefix: 'p',
  config: schema,
  services: [],
  publicUrl: ({ ttl }) => {
    if (ttl > 99) throw new TypeError('too much for this plugin')
    return `https://p.example/${ttl}`
  },
})

async function setUp(t: TestContext) {
  const { folder, write } = testConfigFolder(t, { 'plugins/p.yaml': 'default:\n  ttl: 1\n', 'base.yaml': '' })
  const configs = createPluginConfigManager({
    configDir: folder,
    environment: 'testing',
    env: {},
    schemas: { p: schema },
  })
  await Promise.all([configs.getBaseConfig(), configs.getPluginConfig('p')])
  const observability = recordingObservability()
  const clock = createManualClock()
  const prepared: unknown[] = []
  let failure: MmfError | undefined
  const live = createLiveConfig({
    configs,
    plugins: [plugin],
    clock,
    observability,
    async prepare(_plugin, fresh) {
      prepared.push(fresh)
      if (failure !== undefined) throw failure
    },
  })
  const fail = (error?: MmfError) => {
    failure = error
  }
  return { live, write, clock, fail, prepared, observability }
}

test('a configuration whose keys cannot be made is refused, and tried again without being saved again', async t => {
  const { live, write, fail, clock, prepared, observability } = await setUp(t)
  const { since } = live.status('p')
  write('plugins/p.yaml', 'default:\n  ttl: 2\n')
  fail(new MmfError('key_service_unavailable'))
  clock.advance(1000)
  assert.deepEqual(await live.refresh(), { again: true })
  const { status, error, since: refusedSince } = live.status('p')
  assert.deepEqual([status, error], ['refused', { configuration: 'p', code: 'key_service_unavailable' }])
  assert.ok(refusedSince > since)
  assert.deepEqual(live.current('p'), { enabled: true, ttl: 1 })
  fail()
  assert.deepEqual(await live.refresh(), { again: false })
  assert.equal(live.status('p').status, 'current')
  assert.deepEqual(live.current('p'), { enabled: true, ttl: 2 })
  assert.deepEqual(prepared, Array(2).fill({ enabled: true, ttl: 2 }))
  assert.deepEqual(
    ['refused', 'applied'].map(outcome =>
      observability.counts.get(`mmf_config_reloaded_total{configuration="p",outcome="${outcome}"}`),
    ),
    [1, 1],
  )
})

test('one that the plugin cannot derive its own facts from is refused before anything is prepared', async t => {
  const { live, write, prepared } = await setUp(t)
  write('plugins/p.yaml', 'default:\n  ttl: 100\n')
  assert.deepEqual(await live.refresh(), { again: false })
  assert.equal(live.status('p').error?.code, 'config_invalid')
  assert.deepEqual(prepared, [])
})

test('what is taken back is no longer refused, and what waits for a start is named until it is as it was', async t => {
  const { live, write } = await setUp(t)
  write('plugins/p.yaml', 'default: [')
  await live.refresh()
  assert.equal(live.status('p').status, 'refused')
  write('plugins/p.yaml', 'default:\n  ttl: 1\n')
  await live.refresh()
  assert.equal(live.status('p').status, 'current')
  write('plugins/p.yaml', 'default:\n  ttl: 5\n  enabled: false\n')
  write('base.yaml', 'default:\n  server:\n    port: 1\n  embedded:\n    data_dir: there\n')
  await live.refresh()
  assert.deepEqual(live.status('p').restart, ['enabled', 'base: server.port', 'base: embedded.data_dir'])
  write('plugins/p.yaml', 'default:\n  ttl: 6\n')
  write('base.yaml', 'default:\n  logging:\n    level: warn\n')
  await live.refresh()
  assert.equal(live.status('p').restart, undefined)
  assert.equal(live.base().logging.level, 'warn')
})
