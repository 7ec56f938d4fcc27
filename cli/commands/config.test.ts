import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createPluginConfigManager, definePlugin, pluginConfig } from '@mmf/framework'
import * as z from 'zod'
import { Failure } from '../failure.ts'
import { configSchema, configShow, configTemplateOf, configValidate } from './config.ts'

const plugin = definePlugin({
  name: 'lists',
  title: 'Lists',
  version: '1.0.0',
  description: 'A plugin',
  metricPrefix: 'lists',
  config: pluginConfig({
    url: z.url().describe('Where lists are'),
    retries: z.int().default(3).describe('How often'),
    api_token: z.string().optional(),
    cache: z.strictObject({ ttl: z.int().default(60).describe('Seconds') }).prefault({}),
  }),
  services: [],
})

function setUp(t: TestContext, yaml: string, env: Readonly<Record<string, string>> = {}) {
  const configDir = mkdtempSync(join(tmpdir(), 'mmf-cli-'))
  t.after(() => rmSync(configDir, { recursive: true }))
  mkdirSync(join(configDir, 'plugins'))
  writeFileSync(join(configDir, 'base.yaml'), 'default:\n')
  const write = (text: string) => writeFileSync(join(configDir, 'plugins/lists.yaml'), text)
  write(yaml)
  return { options: { plugins: [plugin], configDir, env }, write, configDir }
}

const rejectsWith = (code: string, command: Promise<unknown>) =>
  assert.rejects(command, error => error instanceof Failure && error.code === code && error.exitCode === 2)

const valid = 'default:\n  url: https://a/\nproduction:\n  url: https://user:hunter2@b/\n  api_token: hunter2\n'

test('validate checks base and every plugin for the environment at hand, for all, or what is named', async t => {
  const { options } = setUp(t, valid)
  const atHand = await configValidate(options)
  assert.deepEqual(atHand, { stdout: 'valid    base, development\nvalid    lists, development\n', exitCode: 0 })
  const testing = await configValidate({ ...options, env: { MMF_ENVIRONMENT: 'testing' } })
  assert.match(testing.stdout ?? '', /^valid {4}base, testing\nvalid {4}lists, testing\n$/)
  const all = await configValidate({ ...options, allEnvironments: true })
  assert.equal(all.exitCode, 0)
  assert.equal(all.stdout?.match(/^valid/gm)?.length, 8)
  await rejectsWith('usage_invalid', configValidate({ ...options, allEnvironments: true, environment: 'testing' }))
  const one = await configValidate({ ...options, plugin: 'lists', environment: 'production' })
  assert.deepEqual(one, { stdout: 'valid    lists, production\n', exitCode: 0 })
})

test('validate answers 1 and says file, line and setting for what is wrong, per environment', async t => {
  const { options, write } = setUp(t, `${valid}  retrys: 4\n`)
  const { stdout = '', exitCode } = await configValidate({ ...options, plugin: 'lists', allEnvironments: true })
  assert.equal(exitCode, 1)
  assert.match(
    stdout,
    /INVALID {2}lists, production\n {2}retrys: unknown setting; did you mean "retries"\?, at .*lists\.yaml:6:3/,
  )
  assert.match(stdout, /valid {4}lists, staging/)
  write('default: [\n')
  const broken = await configValidate({ ...options, environment: 'testing', json: true })
  assert.equal(broken.exitCode, 1)
  const [base, lists] = JSON.parse(broken.stdout ?? '')
  assert.equal(base.valid, true)
  assert.equal(lists.code, 'config_malformed')
})

test('a plugin or an environment that is not known is a wrong call', async t => {
  const { options } = setUp(t, valid)
  await rejectsWith('plugin_not_found', configValidate({ ...options, plugin: 'list' }))
  await assert.rejects(configShow({ ...options, plugin: 'list' }), /did you mean "lists"/)
  await rejectsWith('environment_unknown', configShow({ ...options, environment: 'prod' }))
})

test('show prints the settings in force, with their origin when asked, and no secrets', async t => {
  const { options } = setUp(t, valid, { MMF_ENVIRONMENT: 'production', MMF__plugins__lists__retries: '5' })
  const plain = await configShow({ ...options, plugin: 'lists' })
  assert.match(plain.stdout ?? '', /^# lists, production\n/)
  assert.match(plain.stdout ?? '', /^retries +5$/m)
  const explained = await configShow({ ...options, plugin: 'lists', explain: true })
  assert.match(explained.stdout ?? '', /^retries +5 +environment variable MMF__plugins__lists__retries$/m)
  assert.match(explained.stdout ?? '', /^url .*lists\.yaml:4:3 \(production\)$/m)
  assert.match(explained.stdout ?? '', /^cache\.ttl +60 +default of the schema$/m)
  const asJson = await configShow({ ...options, plugin: 'lists', explain: true, json: true })
  assert.equal(
    JSON.parse(asJson.stdout ?? '')[0].settings.find((s: { path: string }) => s.path === 'retries').source,
    'variable',
  )
  for (const { stdout } of [plain, explained, asJson]) assert.doesNotMatch(stdout ?? '', /hunter2/)
})

test('the template is a valid file once what has no default is filled in', async t => {
  const { options, write, configDir } = setUp(t, valid)
  const { stdout = '' } = await configTemplateOf({ ...options, plugin: 'lists' })
  assert.match(stdout, /# Where lists are\n {2}# url: <string>\n {2}# How often\n {2}retries: 3\n/)
  write(stdout.replace('# url: <string>', 'url: https://a/'))
  const env = { MMF_ENVIRONMENT: 'testing' }
  const config = await createPluginConfigManager({ configDir, env, schemas: { lists: plugin.config } }).getPluginConfig(
    'lists',
  )
  assert.deepEqual(config, { enabled: true, url: 'https://a/', retries: 3, cache: { ttl: 60 } })
})

test('the schema is JSON Schema of what is written in the file', async t => {
  const { options } = setUp(t, valid)
  const schema = JSON.parse((await configSchema({ ...options, plugin: 'lists' })).stdout ?? '')
  assert.deepEqual(schema.required, ['url'])
  assert.equal(schema.additionalProperties, false)
})

test('the template of the platform is a valid file as it stands, in every environment', async t => {
  const template = await configTemplateOf({ plugins: [], plugin: 'base', env: {} })
  const configDir = mkdtempSync(join(tmpdir(), 'mmf-cli-'))
  t.after(() => rmSync(configDir, { recursive: true }))
  writeFileSync(join(configDir, 'base.yaml'), template.stdout ?? '')
  const result = await configValidate({ plugins: [], plugin: 'base', env: {}, configDir, allEnvironments: true })
  assert.equal(result.exitCode, 0, result.stdout)
})
