import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { holdDataFolder } from '../../infra/local/data-folder/hold-data-folder.ts'
import { plugin, writePlugins } from './plugin-case.ts'
import { root } from './start-main.ts'

const exec = promisify(execFile)
mkdirSync(join(root, '.tmp'), { recursive: true })
const folder = mkdtempSync(join(root, '.tmp/plugin-doctor-'))
after(() => rmSync(folder, { recursive: true }))

interface Finding {
  readonly level: string
  readonly about: string
  readonly message: string
  readonly plugin?: string
  readonly code?: string
  readonly at?: string
  readonly remedy?: string
}

async function doctor(env: Readonly<Record<string, string>>, ...args: string[]) {
  const options = { cwd: root, env: { PATH: process.env['PATH'] ?? '', MMF__server__port: '0', ...env } }
  const { code, stdout, stderr } = await exec(
    process.execPath,
    ['cli/main.ts', 'plugin', 'doctor', ...args],
    options,
  ).then(
    printed => ({ code: 0, ...printed }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  assert.equal(stderr, '')
  const findings = args.includes('--json') ? (JSON.parse(stdout).findings as readonly Finding[]) : []
  return { code, stdout, findings, bad: findings.filter(({ level }) => level !== 'ok') }
}

describe('mmf-cli plugin doctor', () => {
  it('finds nothing where nothing is wrong, and writes nothing', async () => {
    const data = join(folder, 'data')
    const { code, bad, findings } = await doctor({ MARTY_DATA_DIR: data }, '--json')
    assert.deepEqual([code, bad, existsSync(data)], [0, [], false])
    const abouts = new Set(findings.map(({ about }) => about))
    const all = ['node', 'packages', 'configuration', 'discovery', 'plugin', 'tokens', 'data folder', 'address']
    assert.deepEqual([...abouts], all)
    assert.ok(findings.some(({ about, message }) => about === 'discovery' && message === `${root}/plugins: marty`))
  })

  it('names all that is wrong at once: what, where, and what to do', async () => {
    const plugins = join(folder, 'plugins')
    const copy = 'node_modules/@mmf/framework'
    const files = {
      [`${copy}/package.json`]: '{"name":"@mmf/framework","version":"0.1.0","type":"module","exports":"./index.js"}',
      [`${copy}/index.js`]: `export * from ${JSON.stringify(import.meta.resolve('@mmf/framework'))}\n`,
    }
    writePlugins(plugins, [
      plugin('hello', { files }),
      plugin('typo', { yaml: 'licence: MIT' }),
      { name: 'bare', files: { 'plugin.ts': '' } },
    ])
    const more = join(folder, 'more')
    writePlugins(more, [plugin('hello')])
    cpSync(join(root, 'config'), join(folder, 'config'), { recursive: true })
    writeFileSync(join(folder, 'config/plugins/helo.yaml'), 'default: {}\n')
    writeFileSync(join(folder, 'a_file'), 'kept')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { code, bad } = await doctor(
      {
        MMF_CONFIG_DIR: join(folder, 'config'),
        MMF_PLUGIN_DISCOVERY_PATHS: `./plugins:${plugins}:${more}:${join(folder, 'nowhere')}`,
        MARTY_DATA_DIR: join(folder, 'a_file'),
        MMF__server__port: String((taken.address() as AddressInfo).port),
      },
      '--json',
    )
    taken.close()
    assert.equal(code, 1)
    const inShort = bad.map(
      ({ level, about, code = '', at = '' }) => `${level} ${about} ${code} ${at.split('/').slice(-2).join('/')}`,
    )
    assert.deepEqual(inShort, [
      'error packages  framework/package.json',
      'warning configuration  plugins/helo.yaml',
      'warning discovery  hello/plugin.yaml',
      'warning discovery  plugins/bare',
      'error plugin manifest_invalid typo/plugin.yaml:5:1',
      'error plugin config_unreadable MMF_PLUGIN_DISCOVERY_PATHS',
      'error data folder data_folder_unusable ',
      'error address  ',
    ])
    for (const { remedy, message } of bad.slice(0, 7)) assert.ok(remedy, message)
    assert.match(
      bad[0]?.message ?? '',
      /hello loads its own copy of @mmf\/framework, 0\.1\.0; the platform has 0\.2\.0/,
    )
    assert.match(bad[7]?.message ?? '', /EADDRINUSE/)
    assert.equal(readFileSync(join(folder, 'a_file'), 'utf8'), 'kept')
  })

  it('warns of a platform that runs from the data folder, in lines for people', async () => {
    const data = join(folder, 'held')
    mkdirSync(data)
    const held = holdDataFolder(data)
    const { code, stdout } = await doctor({ MARTY_DATA_DIR: data })
    held.release()
    assert.equal(code, 0)
    assert.match(
      stdout,
      new RegExp(`^warning {2}data folder: ${data} is used by process ${process.pid}, .*\n +stop that one`, 'm'),
    )
  })

  it('says what keeps everything from being found: the configuration of the platform', async () => {
    const config = join(folder, 'broken-config')
    mkdirSync(config)
    writeFileSync(join(config, 'base.yaml'), 'default:\n  server: { prot: 1 }\n')
    const { code, bad } = await doctor({ MMF_CONFIG_DIR: config }, '--json')
    assert.equal(code, 1)
    assert.deepEqual(
      bad.map(({ about, code }) => [about, code]),
      [['configuration', 'config_invalid']],
    )
    assert.match(bad[0]?.message ?? '', /prot: unknown setting; known here: host, port, .*, at .*base\.yaml:2/)
  })
})
