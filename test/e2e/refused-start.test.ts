import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ensureBuilt } from './ensure-built.ts'
import { root, runMain, startMain, temporaryFolder } from './start-main.ts'

before(ensureBuilt)

const folder = temporaryFolder()
after(() => folder.remove())
const dataDirectory = join(folder.path, 'data')
const fast = { MARTY_DATA_DIR: dataDirectory, MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]' }

/** It did not start, and says why in one line. */
async function refusal(env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await runMain(env)
  assert.equal(code, 1, `${stdout}${stderr}`)
  assert.equal(stdout, '')
  assert.match(stderr, /^[^\n]+\n$/, 'one line')
  assert.doesNotMatch(stderr, /\n\s+at /, 'no stack')
  return stderr
}

/** A copy of the configuration with one file changed. */
function configWith(name: string, file: string, change: (text: string) => string): string {
  const copy = join(folder.path, name)
  cpSync(join(root, 'config'), copy, { recursive: true })
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  const changed = change(text)
  assert.notEqual(changed, text)
  writeFileSync(path, changed)
  return copy
}

const lineOf = (folder: string, file: string, text: string) =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .findIndex(line => line.includes(text)) + 1

// Each plugin that needs a refused one has a line of its own.
const alone = { MMF_PLUGINS_ENABLED: 'marty' }

describe('it does not start', () => {
  it('with malformed YAML: file, line and key are named', async () => {
    const file = 'plugins/marty.yaml'
    const config = configWith('broken', file, text => text.replace('pkd_cache_ttl: 3600', 'pkd_cache_ttl: 3600: 1'))
    const said = await refusal({ ...fast, ...alone, MMF_CONFIG_DIR: config })
    assert.match(said, /^config_malformed: .*pkd_cache_ttl/)
    assert.ok(said.includes(`${join(config, file)}:${lineOf(config, file, '3600: 1')}`), said)
  })

  it('with a setting of the wrong type: file, line and key are named', async () => {
    const file = 'plugins/marty.yaml'
    const config = configWith('typed', file, text => text.replace('pkd_cache_ttl: 3600', 'pkd_cache_ttl: soon'))
    const said = await refusal({ ...fast, ...alone, MMF_CONFIG_DIR: config })
    assert.match(said, /^config_invalid: .*pkd_cache_ttl/)
    assert.ok(said.includes(`${join(config, file)}:${lineOf(config, file, 'soon')}`), said)
  })

  it('with a setting that nothing reads', async () => {
    const config = configWith('unknown', 'base.yaml', text => text.replace('  tracing:', '  trazing:'))
    const said = await refusal({ ...fast, MMF_CONFIG_DIR: config })
    assert.match(said, /trazing.*did you mean "tracing"/)
  })

  it('with a plugin enabled that does not exist', async () => {
    const said = await refusal({ ...fast, MMF_PLUGINS_ENABLED: 'marti' })
    assert.match(said, /^plugin_not_found: .*plugins\.enabled names "marti"; there is marty/)
  })

  it('in an unknown environment', async () => {
    const said = await refusal({ ...fast, MMF_ENVIRONMENT: 'prod' })
    assert.match(said, /^environment_unknown: .*prod/)
    assert.match(said, /development.*production|production.*development/, 'those that are known')
  })

  it('in a deployed environment whose issuer is not configured', async () => {
    const said = await refusal({ ...fast, MMF_ENVIRONMENT: 'production' })
    assert.match(said, /MMF_TOKEN_ISSUER/)
  })

  it('on a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    try {
      const PORT = String((other.address() as AddressInfo).port)
      assert.match(await refusal({ ...fast, PORT }), new RegExp(`127\\.0\\.0\\.1:${PORT}: .*set PORT`))
    } finally {
      other.close()
    }
  })

  it('on an address that this machine has not', async () => {
    assert.match(await refusal({ ...fast, HOST: '192.0.2.1' }), /192\.0\.2\.1.*set HOST/)
  })

  it('with a passphrase that is too short, or not that of the keys', async () => {
    const short = await refusal({ ...fast, MARTY_KEYS_PASSPHRASE: 'short' })
    assert.match(short, /MARTY_KEYS_PASSPHRASE must have at least 12 characters/)
    const first = await startMain(fast)
    assert.equal(await first.stop(), 0)
    for (const passphrase of ['short', 'not the one of the keys']) {
      const said = await refusal({ ...fast, MARTY_KEYS_PASSPHRASE: passphrase })
      assert.match(said, /^(key_service_unavailable|config_invalid): .*(passphrase|MARTY_KEYS_PASSPHRASE|secret)/i)
      assert.ok(!said.includes(passphrase) || passphrase === 'short', 'it is not repeated')
    }
  })
})
