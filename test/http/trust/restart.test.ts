import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import {
  base64,
  csca,
  generationOf,
  get,
  importList,
  judge,
  linkCertificate,
  listSigner,
  manyCscas,
  masterList,
  sha256,
} from '../support/trust-anchors.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'marty-restart-'))
after(() => rmSync(folder, { recursive: true }))
const dataDirectory = join(folder, 'data')

const home = csca('UT')
const signer = listSigner(home, 'UT')
const list = (day: string, certificates: readonly Uint8Array[]) =>
  masterList({ certificates: [home.der, ...certificates], signer, signingTime: new Date(`${day}T00:00:00Z`) })
const link = linkCertificate(home, csca('UT', 2))
const newer = list('2026-02-01', manyCscas(600, 'of the second list'))

const open = () => startPlatform({ dataDirectory, env: signingWith('ECDSA-SHA256') })

/** What must be the same after a crash. */
async function answers(marty: TestPlatform): Promise<unknown> {
  const { json } = await get(marty, '/v1/trust-anchors?limit=100')
  const verdict = await judge(marty, link)
  const imports = await get(marty, '/v1/trust-anchors/master-lists')
  return [await generationOf(marty), json, verdict.json.valid, imports.json]
}

test('kill -9 in the middle of an import: after a restart the answers are those of before', async () => {
  const before = await open()
  const first = await importList(before, list('2026-01-01', []), { source: 'UT', trustedSigner: sha256(home.der) })
  assert.equal(first.status, 201, first.text)
  const expected = await answers(before)
  await before.stop()

  await killHalfWay()

  const again = await open()
  try {
    assert.deepEqual(await answers(again), expected)
    // Nobody knows yet that the writer is dead; the answer says when to try again.
    const early = await importList(again, newer, { source: 'UT' })
    assert.deepEqual([early.status, early.json.code], [409, 'trust_change_in_progress'])
    const seconds = Number(early.headers.get('retry-after'))
    assert.ok(seconds >= 1 && seconds <= 15, `retry after ${seconds} s`)
    assert.deepEqual(await answers(again), expected)
  } finally {
    await again.stop()
  }
})

/** Starts a server on the same data, sends it a list, and kills it when it stands amid the import. */
async function killHalfWay(): Promise<void> {
  const script = fileURLToPath(new URL('../../trust/serve-half-way.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [script, dataDirectory, '9'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  assert.ok(child.stdout)
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'half-way') child.kill('SIGKILL')
    else void send(line.split(' '))
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL')
}

/** Nobody answers this request: its server dies on the way. */
async function send([url = '', token = '']: readonly string[]): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ masterList: base64(newer), source: 'UT' })
  await assert.rejects(fetch(`${url}/v1/trust-anchors/master-lists`, { method: 'POST', headers, body }))
}

test('of two imports at the same time one is in force, and the other is refused with that reason', async () => {
  const marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  try {
    const lists = ['left', 'right'].map(side => list('2026-03-01', manyCscas(300, side)))
    const named = { trustedSigner: sha256(home.der) }
    const both = await Promise.all(lists.map((one, i) => importList(marty, one, { source: `S${i}`, ...named })))
    const statuses = both.map(({ status }) => status).sort()
    if (statuses[1] === 409) {
      assert.equal(both.find(({ status }) => status === 409)?.json.code, 'trust_change_in_progress')
      assert.equal(await generationOf(marty), 1)
    } else {
      // One was through before the other began to write: then it was planned on the first one's generation.
      assert.deepEqual([...statuses, await generationOf(marty)], [201, 201, 2])
    }
  } finally {
    await marty.stop()
  }
})
