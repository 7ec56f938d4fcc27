import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createRoot, testKey } from '../../../layer/pki/src/testing/index.ts'
import { signingWith, startPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import { administrator, importList, listSigner, masterList, sha256 } from '../support/trust-anchors.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'marty-expiry-kill-'))
after(() => rmSync(folder, { recursive: true }))
const dataDirectory = join(folder, 'data')
const path = '/v1/trust-anchors/expiries/check'

const soon = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date(Date.now() + 10.5 * 86_400_000) }
const key = testKey('p256', 'many')
const anchors = Array.from({ length: 100 }, (_, i) =>
  createRoot(`C=UT, O=State, CN=CSCA ${i}`, { ...soon, key, serial: i + 1 }),
)
const open = () => startPlatform({ dataDirectory, env: signingWith('ECDSA-SHA256') })
const told = () =>
  storedRows(dataDirectory, 'outbox')
    .map(row => JSON.parse(row.event))
    .filter(({ type }) => type === 'marty.certificate_expiring.v1')
    .map(({ subject, data }) => `${subject} ${data.threshold}`)

test('kill -9 in the middle of a look: the next one tells of the rest, and of nothing twice', async () => {
  const first = await open()
  const [home] = anchors
  assert.ok(home)
  const list = masterList({ certificates: anchors.map(({ der }) => der), signer: listSigner(home, 'UT', soon) })
  assert.equal((await importList(first, list, { trustedSigner: sha256(home.der) })).status, 201)
  await first.stop()

  await killHalfWay()
  assert.equal(told().length, 30, 'the first transaction')

  const again = await open()
  const answer = await again.request('POST', path, { token: administrator(again), body: {} })
  assert.deepEqual(answer.json, { told: 70, complete: true })
  await again.stop()
  assert.deepEqual(told().toSorted(), anchors.map(({ der }) => `${sha256(der)} 15`).toSorted())
})

/** A server on the same data that dies when it is about to tell of the second batch. */
async function killHalfWay(): Promise<void> {
  const script = fileURLToPath(new URL('../../trust/serve-half-way.ts', import.meta.url))
  const child = spawn(process.execPath, [script, dataDirectory, '1'], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'half-way') child.kill('SIGKILL')
    else {
      const [url = '', token = ''] = line.split(' ')
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      // Nobody answers: the server dies on the way.
      void assert.rejects(fetch(`${url}${path}`, { method: 'POST', headers, body: '{}' }))
    }
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL')
}
