import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as z from 'zod'
import { createPluginConfigManager } from '../config/index.ts'
import { pluginConfig } from '../config/plugin-config.ts'
import { type Secret, secretSetting } from '../config/secret.ts'
import { renewed } from '../http/renewed.ts'
import { createManualClock } from '../testing/manual-clock.ts'
import { secretRotation } from './secret-rotation.ts'

test('a secret that was rotated is used within five minutes; a store that fails changes nothing', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'mmf-rotation-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'plugins'))
  writeFileSync(join(folder, 'plugins/toy.yaml'), `default:\n  key: "\${SECRET:toy/key}"\n`)
  const clock = createManualClock()
  let stored: string | undefined = 'first'
  const built: string[] = []
  const ready = renewed(async () => {
    const configs = createPluginConfigManager({
      configDir: folder,
      environment: 'testing',
      env: {},
      schemas: { toy: pluginConfig({ key: secretSetting(), port: z.int().default(1) }) },
      secrets: { description: 'a store', resolve: async () => stored },
    })
    const { key } = (await configs.getPluginConfig('toy')) as { key: Secret }
    built.push(key.reveal())
    return { key, outdated: secretRotation({ configs, clock }), stays: () => {} }
  })
  const used = async () => (await ready()).key.reveal()
  assert.equal(await used(), 'first')
  stored = 'second'
  clock.advance(299_000)
  assert.equal(await used(), 'first')
  clock.advance(1000)
  assert.equal((await Promise.all([used(), used(), used()]))[0], 'second')
  assert.equal(await used(), 'second')
  stored = undefined
  clock.advance(300_000)
  assert.equal(await used(), 'second')
  stored = 'third'
  clock.advance(300_000)
  assert.equal(await used(), 'third')
  assert.deepEqual(built, ['first', 'second', 'third'])
})
