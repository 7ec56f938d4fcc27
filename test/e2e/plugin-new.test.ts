import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { childEnvironment } from '../support/child-environment.ts'
import { type Running, root, startMain } from './start-main.ts'

// What `mmf-cli plugin new` writes goes untouched through linter, compiler, its own test, `npm start` and synthesis.

const exec = promisify(execFile)
mkdirSync(join(root, '.tmp'), { recursive: true })
const folder = mkdtempSync(join(root, '.tmp/plugin-new-'))
const plugins = join(folder, 'plugins')
after(() => rmSync(folder, { recursive: true }))

const env = {
  MARTY_DATA_DIR: join(folder, 'data'),
  MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]',
  MMF_PLUGIN_DISCOVERY_PATHS: `./plugins:${plugins}`,
  MMF_BUILD_DIR: join(folder, 'dist'),
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function run(args: readonly string[], more: Readonly<Record<string, string>> = {}, cwd = root): Promise<Ended> {
  const options = { cwd, env: { ...childEnvironment(), ...env, ...more } }
  return exec(process.execPath, args, options).then(
    printed => ({ code: 0, ...printed }),
    (error: Ended) => error,
  )
}

const cli = (...args: string[]) => run(['cli/main.ts', ...args])
const tool = (name: string, ...args: string[]) => run([join(root, 'node_modules', name), ...args])

describe('mmf-cli plugin new', () => {
  // The longest name there may be: no line of code may grow over what the linter allows, no name over what AWS allows.
  const longest = 'a_plugin_of_the_length'
  const names = ['hello', longest]

  before(async () => {
    for (const name of names) {
      const made = await cli('plugin', 'new', name, '--dir', join(plugins, name), '--json')
      assert.equal(made.code, 0, made.stderr)
      const { files } = JSON.parse(made.stdout) as { files: string[] }
      assert.deepEqual(
        files.sort(),
        readdirSync(join(plugins, name))
          .map(file => join(plugins, name, file))
          .sort(),
      )
    }
  })

  it('names the JSON Schema of manifests to editors', () => {
    const [, schema = ''] = /schema=(.*)/.exec(readFileSync(join(plugins, 'hello/plugin.yaml'), 'utf8')) ?? []
    assert.ok('mmf_version' in JSON.parse(readFileSync(join(plugins, 'hello', schema), 'utf8')).properties)
  })

  it('keeps to the linter, the compiler and its own test', async () => {
    // In .tmp, which git and so the linter ignore.
    const lint = await tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--vcs-enabled=false', plugins)
    assert.equal(lint.code, 0, lint.stdout + lint.stderr)
    assert.match(lint.stdout + lint.stderr, /Checked 10 files/)
    const types = await tool('typescript/bin/tsc', '-p', join(plugins, longest))
    assert.equal(types.code, 0, types.stdout)
    const own = await run(['--test', '--test-reporter=tap'], {}, join(plugins, 'hello'))
    assert.equal(own.code, 0, own.stdout)
    assert.match(own.stdout, /^# pass 1$/m)
  })

  it('is found: listed, valid, with its route', async () => {
    const list = JSON.parse((await cli('plugin', 'list', '--json')).stdout)
    const states = list.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)
    assert.deepEqual(states.sort(), [`${longest} ready`, 'hello ready', 'marty ready', 'notary ready'])
    const validate = await cli('plugin', 'validate')
    assert.equal(validate.code, 0, validate.stdout)
    const { stdout } = await cli('routes')
    assert.match(stdout, /^GET +\/v1\/hello\/greeting +hello\.hello\.greet$/m)
  })

  describe('started', () => {
    let running: Running
    before(async () => {
      running = await startMain(env, { main: 'tools/start.mjs' })
    })
    after(() => running.stop())

    it('answers the first request, and refuses who has no role', async () => {
      const address = `${running.url}/v1/hello/greeting?name=Ann`
      const ask = async (roles: string) => {
        const { stdout } = await cli('token', '--roles', roles)
        const response = await fetch(address, { headers: { authorization: `Bearer ${stdout.trim()}` } })
        return { status: response.status, json: await response.json() }
      }
      assert.deepEqual(await ask('hello_caller'), { status: 200, json: { greeting: 'Hello, Ann' } })
      assert.equal((await ask('another_role')).status, 403)
    })

    it('is synthesised: a function of its own', async () => {
      const out = join(folder, 'cdk.out')
      const synth = await run(['infra/aws/app.ts'], {
        CDK_CONTEXT_JSON: JSON.stringify({ ...cdkContext(), env: 'development' }),
        CDK_OUTDIR: out,
        MMF__authentication__issuer: 'https://issuer.example',
        MMF__authentication__audience: 'marty',
        MMF__authentication__jwks_uri: 'https://issuer.example/jwks',
      })
      assert.equal(synth.code, 0, synth.stderr)
      const templates = readdirSync(out).filter(name => name.endsWith('.template.json'))
      const texts = templates.map(name => readFileSync(join(out, name), 'utf8'))
      assert.ok(texts.some(text => text.includes('"hello.handler"')))
      assert.ok(texts.some(text => text.includes('GET /v1/hello/greeting')))
    })
  })
})

describe('mmf-cli plugin', () => {
  it('refuses a name that is none and a folder that is there, and leaves that as it is', async () => {
    for (const name of ['Hello', 'hello-world', '1st', 'a'.repeat(23), '../up', 'a__b']) {
      const refused = await cli('plugin', 'new', name, '--dir', join(folder, 'refused'))
      assert.equal(refused.code, 2, name)
      assert.match(refused.stderr, /^name_invalid: .*hello_world\n$/)
    }
    assert.ok(!readdirSync(folder).includes('refused'))
    const there = join(folder, 'there')
    mkdirSync(there)
    writeFileSync(join(there, 'kept'), 'as it was')
    const refused = await cli('plugin', 'new', 'hello', '--dir', there, '--json')
    assert.equal(refused.code, 2)
    assert.equal(JSON.parse(refused.stderr).code, 'plugin_exists')
    assert.deepEqual(readdirSync(there), ['kept'])
  })

  it('validate names everything that is wrong at once, and the others stay valid', async () => {
    const broken = join(folder, 'broken')
    const write = (name: string, text: string) => {
      mkdirSync(join(broken, name), { recursive: true })
      writeFileSync(join(broken, name, 'plugin.yaml'), text)
    }
    write('first', 'name: First\nversion: one\n')
    write('second', 'name: second\nversion: 1.0.0\ndescription: x\nmmf_version: ^9\n')
    const paths = { MMF_PLUGIN_DISCOVERY_PATHS: `./plugins:${broken}` }
    const said = await run(['cli/main.ts', 'plugin', 'validate'], paths)
    assert.equal(said.code, 1)
    assert.match(said.stdout, /^valid {4}marty$/m)
    assert.match(said.stdout, /^INVALID {2}second, .*\n {2}plugin_incompatible: .*\^9/m)
    const json = await run(['cli/main.ts', 'plugin', 'validate', '--json'], paths)
    const first = JSON.parse(json.stdout).find(({ name }: { name: string }) => name === 'first')
    assert.equal(first.code, 'manifest_invalid')
    assert.match(first.errors.join('\n'), /plugin\.yaml:1:\d+[\s\S]*plugin\.yaml:2:\d+/)
    const list = await run(['cli/main.ts', 'plugin', 'list'], paths)
    assert.match(list.stdout, /^second +refused +plugin_incompatible$/m)
  })
})

describe('mmf-cli plugin info and graph', () => {
  const found = join(folder, 'needing')
  const paths = { MMF_PLUGIN_DISCOVERY_PATHS: `./plugins:${found}` }
  const info = (...args: string[]) => run(['cli/main.ts', 'plugin', ...args], paths)

  before(async () => {
    for (const name of ['asking', 'off', 'late']) await cli('plugin', 'new', name, '--dir', join(found, name))
    const more = { asking: 'dependencies: { late: ^1.0 }\n', off: 'enabled: false\n' }
    for (const [name, text] of Object.entries(more)) appendFileSync(join(found, name, 'plugin.yaml'), text)
  })

  it('say what a plugin has, and what starts before it', async () => {
    const { stdout } = await info('info', 'asking', '--json')
    const said = JSON.parse(stdout)
    assert.deepEqual([said.version, said.dependencies, said.roles], ['1.0.0', { late: '^1.0' }, ['asking_caller']])
    assert.deepEqual(said.services, [{ name: 'asking', description: 'Asking', operations: ['greet'] }])
    assert.match((await info('info', 'asking')).stdout, /^dependencies +late \^1\.0$/m)
    assert.match((await info('graph')).stdout, /^late\n(.*\n)*asking\n {2}needs late \^1\.0$/m)
  })

  it('refuse what is not there, switched off or broken, each by its code', async () => {
    const unknown = await info('info', 'nothing')
    assert.equal(unknown.code, 2)
    assert.match(unknown.stderr, /^plugin_not_found: no plugin is called "nothing"; there is .*asking/)
    const off = await info('info', 'off', '--json')
    assert.equal(off.code, 1)
    assert.equal(JSON.parse(off.stderr).code, 'plugin_disabled')
    mkdirSync(join(found, 'broken'))
    writeFileSync(join(found, 'broken/plugin.yaml'), 'name: broken\nversion: one\n')
    const broken = await info('info', 'broken')
    assert.equal(broken.code, 1)
    assert.match(broken.stderr, /^manifest_invalid: .*plugin\.yaml/)
  })
})

/** What `cdk` takes from cdk.json. */
const cdkContext = (): object => JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).context
