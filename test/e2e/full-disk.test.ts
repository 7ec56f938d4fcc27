import assert from 'node:assert/strict'
import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { ensureBuilt } from './ensure-built.ts'
import { type Running, startMain, temporaryFolder } from './start-main.ts'

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

async function signed({ url }: Running, dataDirectory: string): Promise<number> {
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
  const token = issuer.issueToken({ subject: 'dev', roles: ['document_signer'], permissions: ['sign_documents'] })
  const response = await fetch(`${url}/v1/documents/sign`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' }),
  })
  return response.status
}
