// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configuration look like template strings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { testConfigFolder } from './config-folder-fixture.ts'
import { didYouMean } from './did-you-mean.ts'
import { printable } from './explain.ts'
import { pluginConfig } from './plugin-config.ts'
import { createPluginConfigManager } from './plugin-config-manager.ts'

test('each setting tells its file, section and line, its variable, or that it is a default', async t => {
  const yaml = 'default:\n  a: 1\n  b: 1\n  nested:\n    x: 1\nproduction:\n  b: "${B}"\n  nested:\n    y: 2\n'
  const number = z.int().default(7)
  const nested = z.strictObject({ x: number, y: number, z: number }).prefault({})
  const { folder } = testConfigFolder(t, { 'plugins/p.yaml': yaml })
  const manager = createPluginConfigManager({
    configDir: folder,
    environment: 'production',
    env: { B: '2', MMF__plugins__p__c: '3' },
    schemas: { p: pluginConfig({ a: number, b: number, c: number, d: number, nested }) },
  })
  const explained = await manager.explain('p')
  const told = explained.map(({ path, value, source, section, line, variable, references }) =>
    [path, value, source, section ?? variable ?? '', line ?? '', ...references].join(' '),
  )
  assert.deepEqual(told.sort(), [
    'a 1 file default 2',
    'b 2 file production 7 B',
    'c 3 variable MMF__plugins__p__c ',
    'd 7 default  ',
    'enabled true default  ',
    'nested.x 1 file default 5',
    'nested.y 2 file production 9',
    'nested.z 7 default  ',
  ])
})

test('what is written can be seen of a configuration that is refused', async t => {
  const yaml = 'default:\n  a: 1\n  api_token: hunter2\nproduction:\n  b: "${NOWHERE}"\n  unknown: true\n'
  const { folder } = testConfigFolder(t, { 'plugins/p.yaml': yaml })
  const manager = createPluginConfigManager({
    configDir: folder,
    environment: 'production',
    env: { MMF__plugins__p__a: '3' },
    schemas: { p: pluginConfig({ a: z.int(), b: z.string().default('x') }) },
  })
  await assert.rejects(manager.explain('p'), { code: 'config_invalid' })
  const written = (await manager.written('p')).map(({ path, value, source }) => [path, value, source])
  assert.deepEqual(written.sort(), [
    ['a', '3', 'variable'],
    ['api_token', '[redacted]', 'file'],
    ['b', '${NOWHERE}', 'file'],
    ['unknown', true, 'file'],
  ])
})

test('settings named like secrets and passwords in addresses are not printed', () => {
  const printed = printable(
    {
      db: { password: 'hunter2', retries: 3 },
      url: 'https://user:hunter2@host/path',
      api_keys: ['hunter2'],
      plain: 'https://host/a@b',
    },
    false,
  )
  assert.deepEqual(printed, {
    db: { password: '[redacted]', retries: 3 },
    url: 'https://user:[redacted]@host/path',
    api_keys: ['[redacted]'],
    plain: 'https://host/a@b',
  })
})

test('a suggestion is made only for what is near', () => {
  assert.equal(didYouMean('pkd_cache_tll', ['pkd_url', 'pkd_cache_ttl']), 'pkd_cache_ttl')
  assert.equal(didYouMean('zebra', ['pkd_url', 'pkd_cache_ttl']), undefined)
  assert.equal(didYouMean('anything', []), undefined)
})
