// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configuration look like template strings.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as z from 'zod'
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
  assert.deepEqual(await manager.reload(), [{ name: 'p', changed: true }])
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
  assert.deepEqual(await manager.reload(), [{ name: 'p', changed: true }])
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
