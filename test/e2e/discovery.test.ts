import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { childEnvironment } from '../support/child-environment.ts'
import { brokenPaths, brokenSettings, brokenVariables } from './broken-configuration.ts'
import { pluginSettings } from './broken-permissions.ts'
import { pluginCases } from './broken-plugins.ts'
import { writePlugins } from './plugin-case.ts'
import { type Running, root, startMain } from './start-main.ts'

// Plugins in a folder of their own beside Marty, through the whole of `npm start`: found, built, started. Most of them are wrong in one way each.

mkdirSync(join(root, '.tmp'), { recursive: true })
const folder = mkdtempSync(join(root, '.tmp/discovery-'))
const plugins = join(folder, 'plugins')
after(() => rmSync(folder, { recursive: true }))

cpSync(join(root, 'config'), join(folder, 'config'), { recursive: true })
for (const [name, text] of Object.entries({ ...pluginSettings, ...brokenSettings }))
  writeFileSync(join(folder, `config/plugins/${name}.yaml`), text)

const env = {
  MMF_CONFIG_DIR: join(folder, 'config'),
  MARTY_DATA_DIR: join(folder, 'data'),
  MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]',
  ...brokenVariables,
  MMF_PLUGIN_DISCOVERY_PATHS: ['./plugins', plugins, ...brokenPaths.map(name => join(folder, name))].join(':'),
  MMF_BUILD_DIR: join(folder, 'dist'),
}

/** What only a start meets, and what the build looks at when all else is right. */
const seenLater = [
  'falling',
  'stumbling',
  'unhidden',
  'astray',
  'mistaken',
  'trespassing',
  'domainless',
  'exotic',
  'hanging_on',
]

/** Runs a tool of the repository to its end. */
async function run(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...childEnvironment(), ...env, ...more },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, stderr }
}

describe('plugins beside Marty', () => {
  let running: Running
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member in assertions.
  let health: any
  let logged: readonly Record<string, unknown>[]
  const get = async (path: string) => {
    const response = await fetch(`${running.url}${path}`)
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    return { status: response.status, json: (await response.json()) as any }
  }

  before(async () => {
    writePlugins(plugins, pluginCases)
    mkdirSync(join(plugins, 'no_plugin'))
    writeFileSync(join(plugins, 'a-file'), '')
    writeFileSync(join(folder, 'a_file'), '')
    running = await startMain(env, { main: 'tools/start.mjs' })
    health = (await get('/health')).json
    logged = running
      .stdout()
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line))
  })
  after(() => running.stop())

  it('run where they are right, under the same rules as Marty', async () => {
    assert.deepEqual((await get('/v1/hello')).json, { greeting: 'hello from hello' })
    assert.equal((await get('/plugins/hello/health')).json.status, 'healthy')
    assert.deepEqual((await get('/health/hello_service')).json, { status: 'healthy' })
    assert.equal((await get('/plugins/marty/health')).status, 200)
    assert.ok((await get('/openapi.json')).json.paths['/v1/hello'])
  })

  it('are all in /health: the whole, and each in the form of one', () => {
    assert.equal(health.status, 'unhealthy')
    assert.equal(health.services.hello_service.status, 'healthy')
    assert.equal(health.services.document_signer.status, 'healthy')
    const { configuration, state, since, ...hello } = health.plugins.hello
    assert.deepEqual([configuration.status, state, Number.isNaN(Date.parse(since))], ['current', 'active', false])
    assert.deepEqual(hello, {
      plugin: 'hello',
      status: 'healthy',
      services: { hello_service: { status: 'healthy' } },
    })
    assert.equal(health.plugins.marty.plugin, 'MartyTrustPKI')
  })

  it('have their hooks run, in the function of their service', async () => {
    const hooks = logged.flatMap(({ hook }) => (hook === undefined ? [] : [hook]))
    assert.deepEqual(hooks, ['initialize', 'start'])
  })

  for (const { name, refused } of pluginCases) {
    if (refused === undefined) continue
    it(`${name} is refused alone, with ${refused.code}`, async () => {
      const texts = logged.map(line => JSON.stringify(line)).filter(text => text.includes(name))
      assert.ok(
        texts.some(text => refused.says.test(text.replaceAll('\\"', '"'))),
        texts.join('\n'),
      )
      const line = logged.find(({ plugin, message }) => plugin === name && message === 'plugin cannot run')
      if (!['falling', 'stumbling'].includes(name)) assert.match(String(line?.['at']), placeOf(name))
      const shown = health.plugins[name]
      assert.equal(shown.status, 'unhealthy')
      assert.ok(JSON.stringify(shown).includes(refused.code), JSON.stringify(shown))
      const route = await get(`/v1/${name}`)
      assert.ok([404, 503].includes(route.status), String(route.status))
    })
  }

  it('are at least 100 mistakes, each by its kind', () => {
    assert.ok(pluginCases.filter(({ refused }) => refused !== undefined).length >= 100)
  })

  it('run only where plugins.enabled names them', async () => {
    const only = await startMain(
      {
        ...env,
        MARTY_DATA_DIR: join(folder, 'data-2'),
        MMF_PLUGINS_ENABLED: 'hello',
        MMF_CONFIG_DIR: join(root, 'config'),
      },
      { main: 'tools/start.mjs' },
    )
    try {
      const answer = await fetch(`${only.url}/health`)
      const { configuration, state, since: _since, ...health } = (await answer.json()) as Record<string, unknown>
      assert.deepEqual([(configuration as { status: string }).status, state], ['current', 'active'])
      assert.deepEqual(health, {
        plugin: 'hello',
        status: 'healthy',
        services: { hello_service: { status: 'healthy' } },
      })
      assert.equal((await fetch(`${only.url}/v1/documents/sign`, { method: 'POST' })).status, 404)
    } finally {
      await only.stop()
    }
  })

  it('stop the build and the synthesis, where a stack without one of them would delete its data', async () => {
    const build = await run(['tools/build.ts'])
    assert.equal(build.code, 1)
    const synth = await run(['infra/aws/app.ts'], { CDK_CONTEXT_JSON: JSON.stringify({ env: 'development' }) })
    assert.equal(synth.code, 1)
    for (const { name, refused } of pluginCases) {
      if (refused === undefined || seenLater.includes(name)) continue
      for (const { stderr } of [build, synth]) assert.match(stderr, refused.says, name)
    }
  })
})

/** Where the mistake is: with its line, unless the whole file is it, or a variable. */
function placeOf(name: string): RegExp {
  const whole = ['listed', 'empty', 'codeless', 'blank', 'twofold', 'ghostly', 'undefined_class']
  if (whole.includes(name)) return /\/plugin\.(yaml|ts)$/
  if (['no_such_folder', 'a_file', 'overridden'].includes(name)) return /^MMF_\w+$/
  return /\.(yaml|ts):\d+/
}
