import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { code, plugin, writePlugins } from './plugin-case.ts'
import { type Running, root, startMain } from './start-main.ts'

// `npm start -- --watch`, whose plugin is saved again and again while requests come.

mkdirSync(join(root, '.tmp'), { recursive: true })
const folder = mkdtempSync(join(root, '.tmp/watched-'))
const plugins = join(folder, 'plugins')
const file = join(plugins, 'hello/plugin.ts')
const shownFile = file.slice(root.length + 1)
let running: Running

/** A plugin that says when it starts and stops, and whose answer comes after a while. */
const hooks = (word: string) =>
  `async onStart() { console.log(JSON.stringify({ hook: 'start', word: '${word}' })) }
  async onStop() { console.log(JSON.stringify({ hook: 'stop', word: '${word}' })) }`
const text = (word: string, options: Parameters<typeof code>[1] = {}) =>
  code('hello', { body: hooks(word), ...options }).replace(
    "run: async () => ({ greeting: 'hello from hello' })",
    `run: async () => {
    await new Promise(done => setTimeout(done, 20))
    return { greeting: '${word}' }
  }`,
  )

const { 'plugin.yaml': manifest = '' } = plugin('bell').files
/** A plugin whose requests publish events that it handles. */
const bell = (word: string) => ({
  'plugin.yaml': manifest,
  'plugin.ts': `import { defineEvent, definePlugin, defineService, eventHandler, eventInput, pluginConfig, publicAccess, publishes, serviceScope } from '@mmf/framework'
import * as z from 'zod'
const rung = defineEvent({ name: 'rung', version: 1, data: z.strictObject({ n: z.int() }) })
const operation = serviceScope()('bell_service', { events: [publishes(rung)] })
const ring = operation({
  name: 'ring', description: 'Rings', input: z.strictObject({ n: z.int() }), output: z.strictObject({ n: z.int() }),
  http: { method: 'POST', path: '/v1/ring' }, concerns: [publicAccess()],
  run: async ({ n }, { context, call: { correlationId } }) => {
    await context.database.transaction([context.events.outbox(rung, { n }, { subject: 'bell', correlationId })])
    return { n }
  },
})
const hear = operation({
  name: 'hear', input: eventInput(rung), output: z.undefined(),
  concerns: [eventHandler({ eventType: 'rung' })],
  run: async ({ data: { n } }) => void console.log(JSON.stringify({ heard: n, word: '${word}' })),
})
const service = defineService({ name: 'bell_service', description: 'Rings', operations: { ring, hear } })
export const bell = definePlugin({
  name: 'bell', title: 'bell', version: '1.0.0', description: 'The plugin bell', metricPrefix: 'bell', config: pluginConfig({}), services: [service],
})
`,
})

before(async () => {
  cpSync(join(root, 'config'), join(folder, 'config'), { recursive: true })
  writePlugins(plugins, [plugin('hello'), plugin('other'), { ...plugin('bell'), files: bell('one') }])
  writeFileSync(file, text('one'))
  const env = {
    MMF_CONFIG_DIR: join(folder, 'config'),
    MARTY_DATA_DIR: join(folder, 'data'),
    MMF_PLUGIN_DISCOVERY_PATHS: plugins,
    MMF_PLUGINS_ENABLED: 'hello,other,bell',
    MMF_BUILD_DIR: join(folder, 'dist'),
  }
  running = await startMain(env, { main: 'tools/start.mjs', args: ['--watch'] })
})
after(async () => {
  await running?.stop('SIGKILL')
  rmSync(folder, { recursive: true })
})

async function get(path: string) {
  const response = await fetch(`${running.url}${path}`)
  // biome-ignore lint/suspicious/noExplicitAny: an answer.
  return { status: response.status, json: (await response.json()) as any }
}
const greeting = async () => (await get('/v1/hello')).json.greeting
const health = async () => (await get('/health')).json

const lines = () =>
  running
    .stdout()
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>)

/** Looks until it holds. */
async function until(what: string, holds: () => Promise<boolean> | boolean) {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (await holds()) return
    await new Promise(done => setTimeout(done, 25))
  }
  assert.fail(`${what}: ${running.stdout().slice(-2000)}`)
}

/** As editors do it: a file beside, put in its place. */
function save(content: string) {
  writeFileSync(`${file}.new`, content)
  renameSync(`${file}.new`, file)
}

/** Requests one after the other in several lanes, until it is ended; what they answered. */
function load() {
  const seen = new Map<string, number>()
  let going = true
  const lane = async () => {
    while (going) {
      const { status, json } = await get('/v1/hello').catch(error => ({ status: 0, json: { greeting: String(error) } }))
      const answer = `${status} ${json.greeting}`
      seen.set(answer, (seen.get(answer) ?? 0) + 1)
    }
  }
  const lanes = Array.from({ length: 4 }, lane)
  return {
    async end() {
      going = false
      await Promise.all(lanes)
      return [...seen.keys()]
    },
  }
}

describe('plugin code that is saved while npm start -- --watch runs', () => {
  it('serves without a request lost, and what it replaced is stopped once', async () => {
    assert.equal(await greeting(), 'one')
    assert.equal((await health()).code.status, 'current')
    const requests = load()
    for (const word of ['two', 'three']) {
      save(text(word))
      await until(word, async () => (await greeting()) === word)
    }
    assert.deepEqual((await requests.end()).sort(), ['200 one', '200 three', '200 two'])
    await until('the hooks', () => lines().filter(({ hook }) => hook === 'stop').length >= 2)
    const told = lines().flatMap(({ hook, word }) => (hook === undefined ? [] : [`${hook} ${word}`]))
    assert.deepEqual(told.sort(), ['start one', 'start three', 'start two', 'stop one', 'stop two'])
    const swapped = lines().filter(({ message }) => message === 'saved code serves')
    assert.deepEqual(swapped.at(-1)?.['functions'], ['platform', 'hello_service'])
  })

  const broken = [
    ['a syntax error', text('bad', { declarations: 'const open = (1' }), 'plugin_failed', ':4'],
    ['a throw', text('bad', { declarations: "throw new Error('no')" }), 'plugin_failed', ':3:7'],
    ['a missing file', text('bad', { declarations: "import './gone.ts'" }), 'plugin_failed', ':3'],
    ['a role as a text', text('bad', { concerns: "[requiresAuth({ roles: 'x' })]" }), 'role_undeclared', ':18:22'],
    [
      'a transform',
      text('bad', { input: 'z.strictObject({ a: z.string().transform(a => a) })' }),
      'declaration_invalid',
      ':6',
    ],
  ] as const

  it('stays what it was where the save is broken; log and health name file and line; the next good save heals', async () => {
    const requests = load()
    for (const [what, content, code, line] of broken) {
      const from = lines().length
      save(content)
      const at = `${shownFile}${line}`
      const refusal = () =>
        lines()
          .slice(from)
          .find(({ message }) => String(message).startsWith('saved code refused'))
      await until(what, () => refusal() !== undefined)
      assert.deepEqual([refusal()?.['plugin'], refusal()?.['code'], refusal()?.['at']], ['hello', code, at], what)
      const { status, plugins: each } = await health()
      assert.deepEqual([status, each.hello.status, each.hello.code.status], ['degraded', 'degraded', 'refused'])
      assert.deepEqual(each.hello.code.error, { plugin: 'hello', code, at })
      assert.deepEqual([each.other.status, each.other.code.status], ['healthy', 'current'])
      assert.equal(await greeting(), 'three')
    }
    save(text('four'))
    await until('the good one', async () => (await greeting()) === 'four')
    const { status, code: shown } = await health()
    assert.deepEqual([status, shown.status], ['healthy', 'current'])
    assert.deepEqual((await requests.end()).sort(), ['200 four', '200 three'])
  })

  it('has its new routes', async () => {
    assert.equal((await get('/v1/hello/again')).status, 404)
    save(text('five', { path: '/v1/hello/again' }))
    await until('the new route', async () => (await get('/v1/hello/again')).status === 200)
    assert.equal((await get('/v1/hello')).status, 404)
    assert.ok((await get('/openapi.json')).json.paths['/v1/hello/again'])
    save(text('six'))
    await until('the old route', async () => (await greeting()) === 'six')
  })

  it('handles every event, before and after', async () => {
    let n = 0
    const ring = async () => {
      n += 1
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${running.url}/v1/ring`, { method: 'POST', headers, body: JSON.stringify({ n }) })
      assert.equal(answer.status, 200, running.stdout().slice(-3000))
    }
    const heard = (word: string) =>
      lines().flatMap(line => (line['word'] === word && 'heard' in line ? [line['heard']] : []))
    await ring()
    await until('the first', () => heard('one').length === 1)
    writePlugins(plugins, [{ ...plugin('bell'), files: bell('two') }])
    await until('the new handler', async () => {
      await ring()
      return heard('two').length > 0
    })
    const all = Array.from({ length: n }, (_, index) => index + 1)
    await until('all of them', () => heard('one').length + heard('two').length >= n)
    assert.deepEqual(
      [...heard('one'), ...heard('two')].sort((a, b) => Number(a) - Number(b)),
      all,
    )
  })

  it('keeps what runs where the new code does not start', async () => {
    save(text('bad', { body: "async onStart() { throw new Error('not today') }" }))
    await until('the refusal', async () => (await health()).plugins.hello.code.status === 'refused')
    assert.equal((await health()).plugins.hello.code.error.code, 'plugin_failed')
    assert.equal(await greeting(), 'six')
    const started = () => lines().filter(({ hook }) => hook === 'start').length
    const from = started()
    save(text('six'))
    await until('the good one', async () => (await health()).code.status === 'current')
    assert.equal(started(), from)
  })

  it('waits for a start, by name and as a whole, where tables, settings or plugins changed', async () => {
    const drawer = "const drawer = table({ name: 'drawer', partition: 'id', row: z.strictObject({ id: z.string() }) })"
    const cases = [
      ['tables of hello changed', text('seven', { declarations: drawer, scope: '{ tables: [writes(drawer)] }' })],
      ['settings of hello changed', text('seven').replace('z.string().default', 'z.string().min(1).default')],
      ['keys of hello changed', text('seven', { definition: "signingAlgorithms: () => ['ECDSA-SHA256']," })],
    ] as const
    for (const [reason, content] of cases) {
      save(content)
      await until(reason, async () => (await health()).code.restart?.includes(reason) === true)
      assert.ok(lines().some(({ message }) => String(message).startsWith(`restart needed because ${reason}`)))
      assert.equal(await greeting(), 'six')
    }
    save(text('six'))
    await until('as before', async () => (await health()).code.status === 'current')
    assert.equal((await health()).status, 'healthy')
  })

  it('leaves no folder behind', async () => {
    const made = () => readdirSync(join(root, '.tmp')).filter(name => name.startsWith(`watch-${running.child.pid}-`))
    const before = made()
    assert.ok(before.length > 0)
    for (const name of before) assert.ok(readdirSync(join(root, '.tmp', name)).length <= 1)
    // In the middle of a build.
    save(text('seven'))
    await until('a build', () => before.some(name => readdirSync(join(root, '.tmp', name)).length > 0))
    assert.equal(await running.stop(), 0)
    assert.deepEqual(made(), [])
  })
})
