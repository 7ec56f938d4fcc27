import assert from 'node:assert/strict'
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { ensureBuilt } from './ensure-built.ts'
import { type Running, root, startMain, temporaryFolder } from './start-main.ts'

const folder = temporaryFolder()
const dataDirectory = join(folder.path, 'data')
const configDir = join(folder.path, 'config')
const pluginFile = join(configDir, 'plugins/marty.yaml')
const baseFile = join(configDir, 'base.yaml')

/** Of the plugin: what the development section of the shipped file says, and no RSA key, which takes long to make. */
const settings = (more = '', algorithms = '["ECDSA-SHA256"]') =>
  `default:\n  require_mutual_tls: false\n  signing_algorithms: ${algorithms}\n${more}`
const good = settings()
let marty: Running

before(async () => {
  await ensureBuilt()
  cpSync(join(root, 'config'), configDir, { recursive: true })
  writeFileSync(pluginFile, good)
  marty = await startMain({ MARTY_DATA_DIR: dataDirectory, MMF_CONFIG_DIR: configDir })
})
after(async () => {
  await marty.stop('SIGKILL')
  folder.remove()
})

const token = () =>
  openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } }).issueToken({
    subject: 'dev',
    roles: ['document_signer'],
    permissions: ['sign_documents'],
  })

async function sign(signingAlgorithm: string, bearer = token()) {
  const response = await fetch(`${marty.url}/v1/documents/sign`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ document: 'AAAA', signingAlgorithm }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: an answer.
  const json = (await response.json()) as any
  return { status: response.status, code: json.code as string | undefined }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer.
const health = async () => (await (await fetch(`${marty.url}/health`)).json()) as any

const lines = () =>
  marty
    .stdout()
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>)

/** Looks until it holds. */
async function until(what: string, holds: () => Promise<boolean>) {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return
    await new Promise(done => setTimeout(done, 25))
  }
  assert.fail(`${what}: ${marty.stdout().slice(-2000)}`)
}

const isCurrent = async () => (await health()).configuration.status === 'current'
const isRefused = async () => (await health()).configuration.status === 'refused'

/** As editors do it: a file beside, put in its place. */
function save(file: string, text: string) {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

describe('a configuration that is saved while npm start runs', () => {
  it('takes effect, with the key that it needs, and health says since when', async () => {
    assert.equal((await sign('ECDSA-SHA384')).code, 'algorithm_not_allowed')
    const { configuration, plugin, status, services } = await health()
    assert.deepEqual(
      [plugin, status, Object.keys(services).includes('pkd')],
      ['MartyTrustPKI, Notary', 'healthy', true],
    )
    save(pluginFile, settings('', '["ECDSA-SHA256","ECDSA-SHA384"]'))
    await until('the new algorithm', async () => (await sign('ECDSA-SHA384')).status === 201)
    const now = (await health()).configuration
    assert.equal(now.status, 'current')
    assert.ok(now.since > configuration.since)
    const told = lines().find(({ message }) => message === 'configuration reloaded')
    assert.deepEqual([told?.['configuration'], told?.['settings']], ['marty', ['signing_algorithms']])
    const metrics = await (await fetch(`${marty.url}/metrics`)).text()
    assert.match(metrics, /^mmf_config_reloaded_total\{configuration="marty",outcome="applied"\} 1$/m)
  })

  it('is refused where it is broken: the last good one stays, health and the log say so, with file and line', async () => {
    const broken = [
      [settings('  pkd_cache_ttl: soon\n'), 'config_invalid', `${pluginFile}:4:3 pkd_cache_ttl`],
      [settings('  pkd_cache_tll: 3\n'), 'config_invalid', `${pluginFile}:4:3 pkd_cache_tll`],
      ['default: [', 'config_malformed', `${pluginFile}:1:11`],
      ['', 'config_malformed', `${pluginFile}:1`],
    ] as const
    for (const [text, code, place] of broken) {
      const from = lines().length
      writeFileSync(pluginFile, text)
      await until(`${code} at ${place}`, async () => {
        const told = lines().slice(from)
        return told.some(({ at }) => Array.isArray(at) && at.includes(place))
      })
      const { status, configuration } = await health()
      assert.deepEqual([status, configuration.status], ['degraded', 'refused'])
      assert.deepEqual(configuration.error, { configuration: 'marty', code })
      assert.equal((await sign('ECDSA-SHA384')).status, 201)
    }
    rmSync(pluginFile)
    await until('no file', async () => (await health()).configuration.error?.code === 'config_unreadable')
    assert.equal((await sign('ECDSA-SHA384')).status, 201)
    save(pluginFile, good)
    await until('the good one', isCurrent)
    assert.equal((await health()).status, 'healthy')
    assert.equal((await sign('ECDSA-SHA384')).code, 'algorithm_not_allowed')
  })

  it('changes what is asked of connections', async () => {
    save(pluginFile, good.replace('mutual_tls: false', 'mutual_tls: true'))
    await until('mutual TLS', async () => (await sign('ECDSA-SHA256')).code === 'client_certificate_required')
    save(pluginFile, good)
    await until('none', async () => (await sign('ECDSA-SHA256')).status === 201)
  })

  it('of the platform: levels of the log at once; address and data folder by name at the next start', async () => {
    const base = readFileSync(baseFile, 'utf8')
    const withLevels = base.replace('level: info', 'level: info\n    levels: { plugins.marty: debug }')
    save(baseFile, withLevels)
    await until('the levels', async () => {
      await fetch(`${marty.url}/v1/pkd/keys?fingerprint=${'a'.repeat(64)}`, {
        headers: { authorization: `Bearer ${token()}` },
      })
      return lines().some(({ level, namespace }) => level === 'DEBUG' && namespace === 'plugins.marty.pkd')
    })
    const section = 'development:\n  server:\n    max_connections: 99\n  authentication:\n    clock_leeway_seconds: 5\n'
    save(baseFile, `${withLevels}\n${section}`)
    const named = ['server.max_connections', 'authentication.clock_leeway_seconds']
    await until('what waits for a start', async () =>
      lines().some(
        ({ message, settings: told }) =>
          message === 'settings take effect at the next start only' &&
          named.every(name => (told as string[]).includes(name)),
      ),
    )
    const { restart, status } = (await health()).configuration
    assert.deepEqual([status, restart], ['current', named.map(name => `base: ${name}`)])
    save(baseFile, `${base}\nproduction: 7\n`)
    await until('a refused base', isRefused)
    assert.deepEqual((await health()).configuration.error, { configuration: 'base', code: 'config_malformed' })
    save(baseFile, base)
    await until('the first base', async () => (await health()).configuration.restart === undefined)
  })

  it('loses no request under load, and each request has one configuration from its beginning to its end', async () => {
    const bearer = token()
    let going = true
    const answers = new Map<string, number>()
    const worker = async (algorithm: string) => {
      while (going) {
        const { status, code } = await sign(algorithm, bearer)
        const seen = `${algorithm} ${code ?? status}`
        answers.set(seen, (answers.get(seen) ?? 0) + 1)
      }
    }
    const load = ['ECDSA-SHA256', 'ECDSA-SHA256', 'ECDSA-SHA384', 'ECDSA-SHA512'].map(worker)
    const both = settings('', '["ECDSA-SHA256","ECDSA-SHA384"]')
    for (let round = 0; round < 3; round += 1) {
      save(pluginFile, both)
      await until('both', async () => (await sign('ECDSA-SHA384')).status === 201)
      writeFileSync(pluginFile, 'default: [')
      await until('a broken one', isRefused)
      save(pluginFile, good)
      await until('one', async () => (await sign('ECDSA-SHA384')).code === 'algorithm_not_allowed')
    }
    going = false
    await Promise.all(load)
    const kinds = ['256 201', '384 201', '384 algorithm_not_allowed', '512 algorithm_not_allowed']
    assert.deepEqual(
      [...answers.keys()].sort(),
      kinds.map(kind => `ECDSA-SHA${kind}`),
    )
  })
})
