import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, it } from 'node:test'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { appendLeaf, type Peaks, rootOf } from '../../layer/framework/src/transparency/merkle/append-leaf.ts'
import { storedRows } from '../http/support/stored-rows.ts'
import { ensureBuilt } from './ensure-built.ts'
import { startMain, temporaryFolder } from './start-main.ts'

before(ensureBuilt)

const folder = temporaryFolder()
after(() => folder.remove())
const dataDirectory = `${folder.path}/data`
const env = { MARTY_DATA_DIR: dataDirectory, MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]' }

const killAfter = 40

it('kill -9 amid appends: what was answered is there, no index is missing, the next checkpoint has the root of all', async () => {
  const first = await startMain(env)
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
  const roles = ['notary_submitter', 'notary_administrator']
  const token = issuer.issueToken({ subject: 'dev', roles, permissions: [] })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const post = (url: string, path: string, body: object) =>
    fetch(`${url}/v1/notary/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const answered = new Map<number, string>()
  let unanswered = 0
  let next = 0
  async function client(): Promise<void> {
    while (unanswered === 0) {
      const digest = createHash('sha256').update(`document ${next++}`).digest('hex')
      const entry = await post(first.url, 'entries', { digest })
        .then(response => response.json() as Promise<{ index: number }>)
        .catch(() => undefined)
      if (entry === undefined) unanswered += 1
      else answered.set(entry.index, digest)
      if (answered.size === killAfter) first.child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: 4 }, client))
  await first.stop('SIGKILL')
  assert.ok(answered.size >= killAfter && unanswered > 0)

  const second = await startMain(env)
  try {
    const entries = storedRows(dataDirectory, 'notary_entries').sort((a, b) => a.index - b.index)
    assert.deepEqual(
      entries.map(({ index }) => index),
      [...entries.keys()],
    )
    for (const [index, digest] of answered) assert.equal(entries[index].digest, digest)
    const checkpoint = (await (await post(second.url, 'checkpoints', {})).json()) as { size: number; rootHash: string }
    let peaks: Peaks = []
    for (const [size, { leafHash }] of entries.entries())
      peaks = appendLeaf(size, peaks, Buffer.from(leafHash, 'hex')).peaks
    assert.deepEqual(
      [checkpoint.size, checkpoint.rootHash],
      [entries.length, Buffer.from(rootOf(peaks)).toString('hex')],
    )
  } finally {
    await second.stop('SIGKILL')
  }
})
