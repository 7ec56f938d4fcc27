// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configuration look like template strings.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as z from 'zod'
import { MmfError } from '../errors/mmf-error.ts'
import { testConfigFolder } from './config-folder-fixture.ts'
import { pluginConfig } from './plugin-config.ts'
import { createPluginConfigManager } from './plugin-config-manager.ts'
import { secretSetting } from './secret.ts'

const schema = pluginConfig({ ttl: z.int(), key: secretSetting().optional() })

function setUp(t: TestContext) {
  const { folder, write } = testConfigFolder(t, { 'plugins/p.yaml': 'default:\n  ttl: 1\n', 'base.yaml': '' })
  let secret = 'first'
  const manager = createPluginConfigManager({
    configDir: folder,
    environment: 'testing',
    env: {},
    schemas: { p: schema },
    secrets: { description: 'test', resolve: async () => secret },
  })
  const rotate = () => {
    secret = 'second'
  }
  return { manager, write, rotate }
}

test('a reload takes over what changed and tells the listeners', async t => {
  const { manager, write } = setUp(t)
  const before = await manager.getPluginConfig('p')
  const heard: string[] = []
  const stop = manager.onReload(results => heard.push(JSON.stringify(results)))
  assert.deepEqual(await manager.reload(), [{ name: 'p', changed: false }])
  assert.equal(await manager.getPluginConfig('p'), before)

  write('plugins/p.yaml', 'default:\n  ttl: 2\n')
  assert.equal((await manager.getPluginConfig('p')).ttl, 1, 'nothing changes by itself')
  assert.deepEqual(await manager.reload(), [{ name: 'p', changed: true, settings: ['ttl'] }])
  assert.equal((await manager.getPluginConfig('p')).ttl, 2)
  assert.equal(before.ttl, 1, 'what was handed out stays as it was')
  stop()
  await manager.reload()
  assert.equal(heard.length, 2)
})

test('an invalid update is reported and the last good configuration stays', async t => {
  const { manager, write } = setUp(t)
  const good = await manager.getPluginConfig('p')
  const codes: string[] = []
  for (const broken of ['default:\n  ttl: x\n', 'default: [', 'default:\n  ttl: ${MISSING}\n']) {
    write('plugins/p.yaml', broken)
    const [result] = await manager.reload()
    assert.equal(result?.changed, false)
    codes.push(result?.error?.code ?? 'none')
    assert.equal(await manager.getPluginConfig('p'), good)
  }
  assert.deepEqual(codes, ['config_invalid', 'config_malformed', 'config_invalid'])
})

test('a rotated secret is a change', async t => {
  const { manager, write, rotate } = setUp(t)
  write('plugins/p.yaml', 'default:\n  ttl: 1\n  key: "${SECRET:k}"\n')
  assert.equal((await manager.getPluginConfig('p')).key?.reveal(), 'first')
  assert.deepEqual(await manager.reload(), [{ name: 'p', changed: false }])
  rotate()
  assert.deepEqual(await manager.reload(), [{ name: 'p', changed: true, settings: ['key'] }])
  assert.equal((await manager.getPluginConfig('p')).key?.reveal(), 'second')
})

test('watching reloads when a file changes, until it is closed', async t => {
  const { manager, write } = setUp(t)
  await manager.getPluginConfig('p')
  const changed = new Promise<void>(resolve => {
    manager.onReload(results => {
      if (results.some(result => result.changed)) resolve()
    })
  })
  const watching = manager.watch({ debounceMs: 1 })
  t.after(() => watching.close())
  write('plugins/p.yaml', 'default:\n  ttl: 3\n')
  // Watching alone does not keep a process alive; this timer does, for the test.
  const alive = setInterval(() => {}, 1000)
  await changed
  clearInterval(alive)
  assert.equal((await manager.getPluginConfig('p')).ttl, 3)
})

test('what accept refuses is reported, and the last good configuration stays', async t => {
  const { manager, write } = setUp(t)
  const good = await manager.getPluginConfig('p')
  write('plugins/p.yaml', 'default:\n  ttl: 2\n')
  const refuse = async (name: string, fresh: unknown) => {
    assert.deepEqual([name, fresh], ['p', { enabled: true, ttl: 2 }])
    assert.equal(manager.current('p'), good, 'not in use while it is judged')
    throw new MmfError('key_service_unavailable')
  }
  const [result] = await manager.reload(refuse)
  assert.deepEqual([result?.changed, result?.error?.code], [false, 'key_service_unavailable'])
  assert.equal(manager.current('p'), good)
  const [broken] = await manager.reload(async () => {
    throw new TypeError('a mistake of the plugin')
  })
  assert.equal(broken?.error?.code, 'config_invalid')
  assert.deepEqual(await manager.reload(async () => {}), [{ name: 'p', changed: true, settings: ['ttl'] }])
  assert.deepEqual(manager.current('p'), { enabled: true, ttl: 2 })
})

test('one reload follows the other: the newest file is what stays', async t => {
  const { manager, write } = setUp(t)
  await manager.getPluginConfig('p')
  const slow = Promise.withResolvers<void>()
  write('plugins/p.yaml', 'default:\n  ttl: 2\n')
  const first = manager.reload(() => slow.promise)
  const second = manager.reload()
  write('plugins/p.yaml', 'default:\n  ttl: 3\n')
  setImmediate(slow.resolve)
  await Promise.all([first, second])
  assert.equal((await manager.getPluginConfig('p')).ttl, 3)
})

test('a file that has become empty is refused; one that always was is none of that', async t => {
  const { manager, write } = setUp(t)
  const good = await manager.getPluginConfig('p')
  await manager.getBaseConfig()
  write('plugins/p.yaml', '')
  const [plugin, base] = await manager.reload()
  assert.deepEqual([plugin?.error?.code, base?.error], ['config_malformed', undefined])
  assert.equal(await manager.getPluginConfig('p'), good)
})
