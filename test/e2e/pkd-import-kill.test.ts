import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, it } from 'node:test'
import { defined } from '@mmf/framework'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { createRoot, testKey } from '../../layer/pki/src/testing/index.ts'
import { dscRecord } from '../http/support/pkd-directory.ts'
import { storedRows } from '../http/support/stored-rows.ts'
import { ensureBuilt } from './ensure-built.ts'
import { type Running, startMain, temporaryFolder } from './start-main.ts'

before(ensureBuilt)

const folder = temporaryFolder()
after(() => folder.remove())
const dataDirectory = `${folder.path}/data`
const env = { MARTY_DATA_DIR: dataDirectory, MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]' }

const entries = 5000
/** The server is killed when so many records have been dealt with. */
const kills = [700, 3000]
/** Every so many records one is broken. */
const brokenEvery = 500

const csca = createRoot('C=UT, CN=CSCA Utopia')
const key = testKey('p256', 'dsc')

interface Status {
  readonly jobId: string
  readonly state: string
  readonly processed: number
}

async function call<T>(marty: Running, method: string, path: string, body?: object): Promise<T> {
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
  const token = issuer.issueToken({ subject: 'admin', roles: ['pkd_administrator'], permissions: [] })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(`${marty.url}${path}`, {
    method,
    headers,
    ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
  })
  const answer = await response.json()
  assert.ok(response.ok, JSON.stringify(answer))
  return answer as T
}

/** The status once so much is done, or when the import is over. */
async function progress(marty: Running, jobId: string, processed: number): Promise<Status> {
  for (;;) {
    const status = await call<Status>(marty, 'GET', `/v1/pkd/imports/${jobId}`)
    if (status.processed >= processed || status.state !== 'running') return status
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

it('an import of 5,000 certificates that is killed twice loses nothing and does nothing twice', {
  timeout: 120_000,
}, async () => {
  const ders = Array.from({ length: entries }, (_, i) => csca.issue(`C=UT, CN=DSC ${i}`, { key, serial: i + 1 }).der)
  const isBroken = (index: number) => index % brokenEvery === brokenEvery - 1
  const records = ders.map((der, i) => dscRecord(isBroken(i) ? der.subarray(0, -1) : der, { name: `${i}` }))
  let marty = await startMain(env)
  const ldif = `version: 1\n\n${records.join('')}`
  const { jobId } = await call<Status>(marty, 'POST', '/v1/pkd/imports', { ldif })
  for (const processed of kills) {
    const status = await progress(marty, jobId, processed)
    assert.equal(status.state, 'running', 'it is killed in the middle')
    await marty.stop('SIGKILL')
    // At any moment the rows are those that the position says.
    const [job] = storedRows(dataDirectory, 'pkd_imports')
    assert.ok(job.counts.processed >= processed && job.counts.processed < entries)
    assert.equal(storedRows(dataDirectory, 'public_keys').length, job.counts.added)
    assert.equal(storedRows(dataDirectory, 'pkd_quarantine').length, job.counts.quarantined)
    assert.equal(job.position, Buffer.byteLength(`version: 1\n\n${records.slice(0, job.counts.processed).join('')}`))
    marty = await startMain(env)
    // Without it, the step would be delivered again when its lease is over.
    await call(marty, 'POST', `/v1/pkd/imports/${jobId}/resume`, {})
  }

  const done = await progress(marty, jobId, Number.POSITIVE_INFINITY)

  await marty.stop()
  const quarantined = entries / brokenEvery
  const added = entries - quarantined
  const { state, processed } = done
  assert.deepEqual({ ...done, state, processed }, {
    ...done, state: 'completed', processed: entries, added, quarantined, updated: 0, unchanged: 0, skipped: 0,
  }) // biome-ignore format: one line
  const sha256 = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')
  const stored = storedRows(dataDirectory, 'public_keys')
  assert.deepEqual(
    stored.map(row => row.fingerprint).toSorted(),
    ders
      .filter((_, i) => !isBroken(i))
      .map(sha256)
      .toSorted(),
  )
  assert.ok(
    stored.every(row => row.revision === 1),
    'no row was written twice',
  )
  const finished = storedRows(dataDirectory, 'outbox').filter(row => row.event.includes('pkd_import_finished'))
  assert.equal(finished.length, 1)
})
