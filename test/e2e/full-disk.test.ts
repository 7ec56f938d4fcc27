import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { ensureBuilt } from './ensure-built.ts'
import { type Running, runMain, startMain, temporaryFolder } from './start-main.ts'

before(ensureBuilt)

const folder = temporaryFolder()
after(() => folder.remove())

/** No file may grow over 32 MB (65,536 blocks of 512 bytes): writing behind that fails as on a full disk, for real. Only the soft limit. */
const through = ['sh', '-c', 'ulimit -S -f 65536; exec "$@"', 'sh']
const limit = 32 * 1024 * 1024

describe('a full log disk', () => {
  it('does not end the platform: lines are lost and counted, and it says so when it can write again', async t => {
    const log = join(folder.path, 'marty.log')
    const MARTY_DATA_DIR = join(folder.path, 'data')
    const env = { MARTY_DATA_DIR, MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]' }
    const marty = await startMain(env, { log, through })
    t.after(() => marty.stop('SIGKILL'))

    truncateSync(log, limit)
    for (let i = 0; i < 3; i += 1) assert.equal(await signed(marty, MARTY_DATA_DIR), 201)

    assert.equal(marty.child.exitCode, null, marty.stderr())
    assert.equal(readFileSync(log).length, limit, 'nothing could be written')
    truncateSync(log)
    assert.equal(await signed(marty, MARTY_DATA_DIR), 201)
    const lines = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const notices = lines.filter(({ message }) => message === 'log lines were lost')
    assert.equal(notices.length, 1)
    assert.equal(notices[0].level, 'WARN')
    // The lines of the three requests: at least one each.
    assert.ok(notices[0].lines >= 3, `${notices[0].lines} lines`)
    assert.equal(await marty.stop(), 0)
  })
})

describe('a data disk', () => {
  it('that cannot be written makes the platform not ready, honestly unhealthy, and ready again without a restart', {
    skip: prlimitMissing(),
  }, async t => {
    const MARTY_DATA_DIR = join(folder.path, 'full')
    const marty = await startMain({ MARTY_DATA_DIR, MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]' })
    t.after(() => marty.stop('SIGKILL'))
    assert.equal(await signed(marty, MARTY_DATA_DIR), 201)
    assert.equal((await looked(marty, '/ready')).status, 200)

    limitFiles(marty, '4096')
    await until(async () => (await looked(marty, '/ready')).status === 503)
    const { json } = await looked(marty, '/ready')
    assert.equal(json.status, 'not_ready')
    assert.equal(json.checks.database.status, 'unhealthy')
    assert.equal((await looked(marty, '/health')).json.status, 'unhealthy')
    assert.equal(await signed(marty, MARTY_DATA_DIR), 503)

    limitFiles(marty, 'unlimited')
    await until(async () => (await looked(marty, '/ready')).status === 200)
    assert.equal((await looked(marty, '/health')).json.status, 'healthy')
    assert.equal(await signed(marty, MARTY_DATA_DIR), 201)
    assert.equal(await marty.stop(), 0)
  })

  it('from which the database was removed: nothing is signed any more, and the next start refuses', async t => {
    const env = {
      MARTY_DATA_DIR: join(folder.path, 'removed'),
      MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]',
    }
    const marty = await startMain(env)
    t.after(() => marty.stop('SIGKILL'))
    assert.equal(await signed(marty, env.MARTY_DATA_DIR), 201)
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(env.MARTY_DATA_DIR, `data.sqlite${suffix}`))
    const refused = await signing(marty, env.MARTY_DATA_DIR)
    assert.equal(refused.status, 503)
    assert.equal(((await refused.json()) as { code: string }).code, 'database_unavailable')
    assert.match(marty.stdout(), /data\.sqlite is gone/, 'the log says which file')
    await until(async () => (await looked(marty, '/ready')).status === 503)
    await marty.stop()
    const { code, stderr } = await runMain(env)
    assert.equal(code, 1)
    assert.match(stderr, /^data_folder_incomplete: .*2 keys are there/)
  })
})

/** The soft limit for the size of a file, in bytes, of a running process: writing behind it fails, as on a full disk. */
function limitFiles({ child }: Running, bytes: string): void {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${child.pid}`, `--fsize=${bytes}:`], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

function prlimitMissing(): string | false {
  return spawnSync('prlimit', ['--version']).status === 0 ? false : 'prlimit is not on the PATH'
}

async function looked({ url }: Running, path: string) {
  const response = await fetch(`${url}${path}`)
  // biome-ignore lint/suspicious/noExplicitAny: an answer.
  return { status: response.status, json: (await response.json()) as any }
}

/** Answers about health serve others for a second. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isSo()) return
    await new Promise(done => setTimeout(done, 50))
  }
  assert.fail('it did not come to be so')
}

const signed = async (marty: Running, dataDirectory: string) => (await signing(marty, dataDirectory)).status

async function signing({ url }: Running, dataDirectory: string): Promise<Response> {
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
  const token = issuer.issueToken({ subject: 'dev', roles: ['document_signer'], permissions: ['sign_documents'] })
  return fetch(`${url}/v1/documents/sign`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }),
  })
}
