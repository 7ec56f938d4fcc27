// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configuration look like template strings.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { definePlugin, pluginConfig, secretSetting } from '@mmf/framework'
import * as z from 'zod'
import { Failure } from '../failure.ts'
import { configExplain } from './config-explain.ts'

const plugin = definePlugin({
  name: 'lists',
  title: 'Lists',
  version: '1.0.0',
  description: 'A plugin',
  metricPrefix: 'lists',
  config: pluginConfig({
    url: z.url().describe('Where lists are'),
    retries: z.int().min(0).max(9).default(3).describe('How often'),
    mode: z.enum(['fast', 'careful']).default('careful'),
    sources: z.array(z.string()).default([]),
    cache: z.strictObject({ ttl: z.int().default(60).describe('Seconds'), port: z.int().optional() }).prefault({}),
    pin: secretSetting().optional(),
  }),
  services: [],
})

const yaml = 'default:\n  url: https://a/\n  mode: fast\nproduction:\n  url: https://user:hunter2@b/\n  retries: 5\n'

function setUp(t: TestContext, text = yaml, env: Readonly<Record<string, string>> = {}) {
  const configDir = mkdtempSync(join(tmpdir(), 'mmf-explain-'))
  t.after(() => rmSync(configDir, { recursive: true }))
  mkdirSync(join(configDir, 'plugins'))
  writeFileSync(join(configDir, 'base.yaml'), 'default:\n')
  writeFileSync(join(configDir, 'plugins/lists.yaml'), text)
  return async (key: string, more: { readonly environment?: string; readonly plugin?: string } = {}) => {
    const result = await configExplain({ plugins: [plugin], configDir, env, key, json: true, ...more })
    return { ...result, report: JSON.parse(result.stdout ?? '') }
  }
}

test('a setting: meaning, type, default, what is allowed, and its value in each environment with its origin', async t => {
  const explain = setUp(t, yaml, { MMF__plugins__lists__sources: '["x"]' })
  const { report, exitCode } = await explain('lists.retries')
  assert.equal(exitCode, 0)
  assert.partialDeepStrictEqual(report, {
    name: 'retries',
    plugin: 'lists',
    description: 'How often',
    type: 'integer',
    default: 3,
    allowed: '0 to 9',
    variable: 'MMF__plugins__lists__retries',
  })
  const rows = report.environments.map((row: Record<string, string>) => [
    row['environment'],
    row['value'],
    row['origin']?.replace(/^.*plugins\//, ''),
  ])
  assert.deepEqual(rows, [
    ['development', 3, 'default of the schema'],
    ['testing', 3, 'default of the schema'],
    ['staging', 3, 'default of the schema'],
    ['production', 5, 'lists.yaml:6:3 (production)'],
  ])
  const { report: sources } = await explain('lists.sources', { environment: 'testing' })
  assert.deepEqual(
    [sources.type, sources.environments],
    [
      'list of string',
      [{ environment: 'testing', value: ['x'], origin: 'environment variable MMF__plugins__lists__sources' }],
    ],
  )
  assert.equal((await explain('mode')).report.allowed, 'fast, careful')
  assert.doesNotMatch(JSON.stringify((await explain('url')).report), /hunter2/)
})

test('a setting is found by each of its names; a section shows what is below it', async t => {
  const explain = setUp(t)
  const names = ['lists.cache.ttl', 'cache.ttl', 'plugins.lists.cache.ttl', 'MMF__plugins__lists__cache__ttl']
  for (const name of names) assert.equal((await explain(name)).report.variable, 'MMF__plugins__lists__cache__ttl')
  assert.equal((await explain('base.server.port')).report.variable, 'MMF__server__port')
  assert.equal((await explain('MMF__server__port')).report.variable, 'MMF__server__port')
  const { report } = await explain('cache', { environment: 'testing' })
  assert.deepEqual([report.type, report.environments[0].path], ['section', 'cache.ttl'])
})

test('a name that is none, or of several settings, is refused with what was meant', async t => {
  const explain = setUp(t)
  const twin = definePlugin({ ...plugin, name: 'twins', metricPrefix: 'twins' })
  const both = configExplain({ plugins: [plugin, twin], env: {}, key: 'retries' })
  await assert.rejects(both, /^Failure: setting_ambiguous: "retries" is lists\.retries and twins\.retries/)
  const refused = async (key: string, code: string, pattern: RegExp) =>
    assert.rejects(
      explain(key),
      error => error instanceof Failure && error.code === code && pattern.test(error.message),
    )
  await refused('lists.retrys', 'setting_unknown', /did you mean "lists\.retries"/)
  await refused('retrys', 'setting_unknown', /did you mean "retries"/)
  await refused('', 'setting_unknown', /config show/)
  await refused('enabled.x', 'setting_unknown', /./)
  await refused('lists', 'setting_unknown', /./)
})

test('an environment whose configuration is refused shows what is written, and no secret that is written in clear', async t => {
  const explain = setUp(t, `${yaml}  pin: hunter2\nstaging:\n  url: "\${NOWHERE}"\n`)
  const { report, exitCode } = await explain('lists.retries')
  const [development, , staging, production] = report.environments
  assert.deepEqual([exitCode, development.error], [0, undefined])
  assert.deepEqual([staging.value, staging.error.code], [3, 'config_invalid'])
  assert.deepEqual([production.value, production.error.code], [5, 'config_invalid'])
  const { report: pin } = await explain('lists.pin')
  assert.match(pin.environments[3].origin, /lists\.yaml:7:3 \(production\)$/)
  assert.doesNotMatch(JSON.stringify(pin), /hunter2/)
  const atHand = await explain('lists.pin', { environment: 'production' })
  assert.equal(atHand.exitCode, 1, 'the environment that was asked for is refused')
  assert.equal((await explain('lists.url')).report.environments[2].value, '${NOWHERE}')
})
