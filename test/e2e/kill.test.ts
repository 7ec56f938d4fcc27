import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { openLocalIssuer } from '../../infra/local/issuer/local-issuer.ts'
import { storedRows } from '../http/support/stored-rows.ts'
import { ensureBuilt } from './ensure-built.ts'
import { type Running, startMain, temporaryFolder } from './start-main.ts'

before(ensureBuilt)

const folder = temporaryFolder()
after(() => folder.remove())
const dataDirectory = `${folder.path}/data`
const env = { MARTY_DATA_DIR: dataDirectory, MMF__plugins__marty__signing_algorithms: '["ECDSA-SHA256"]' }

const signings = 1000
const atOnce = 24
/** It is killed when this many have been answered: in the middle, with others in flight. */
const killAfter = 300

interface Answered {
  readonly signatureId: string
  readonly signature: string
  readonly document: string
}

function issueToken(): string {
  const issuer = openLocalIssuer({ dataDirectory, clock: { now: () => new Date() } })
  return issuer.issueToken({ subject: 'dev', roles: ['document_signer'], permissions: ['sign_documents'] })
}

/** Signs until all are signed, or the server is gone; kills it on the way. */
async function signUntilKilled(marty: Running): Promise<{ answered: Answered[]; unanswered: number }> {
  const headers = { authorization: `Bearer ${issueToken()}`, 'content-type': 'application/json' }
  const answered: Answered[] = []
  let next = 0
  let unanswered = 0
  async function client(): Promise<void> {
    while (next < signings && unanswered === 0) {
      const document = Buffer.from(`document ${next++}`).toString('base64')
      const body = JSON.stringify({ document, signingAlgorithm: 'ECDSA-SHA256' })
      try {
        const response = await fetch(`${marty.url}/v1/documents/sign`, { method: 'POST', headers, body })
        const answer = (await response.json()) as Answered
        assert.equal(response.status, 201)
        answered.push({ ...answer, document })
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        unanswered += 1
      }
      if (answered.length === killAfter) marty.child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client))
  return { answered, unanswered }
}

it('kill -9 in the middle of 1,000 signings loses nothing that was answered', { timeout: 240_000 }, async () => {
  const first = await startMain(env)
  const { answered, unanswered } = await signUntilKilled(first)
  await first.stop('SIGKILL')
  assert.ok(answered.length >= killAfter && answered.length < signings, `${answered.length} answered`)
  assert.ok(unanswered > 0, 'requests were in flight')

  const second = await startMain(env)
  try {
    const records = counted(storedRows(dataDirectory, 'signature_records').map(row => row.signatureId))
    const events = counted(storedRows(dataDirectory, 'outbox').map(row => JSON.parse(row.event).subject))
    for (const { signatureId } of answered) {
      assert.equal(records.get(signatureId), 1, `records of ${signatureId}`)
      assert.equal(events.get(signatureId), 1, `events of ${signatureId}`)
    }
    // What was committed but not answered is whole as well: never a record without its event, or an event without its record.
    assert.deepEqual([...events].sort(), [...records].sort())
    assert.ok(records.size <= answered.length + unanswered)

    const headers = { authorization: `Bearer ${issueToken()}`, 'content-type': 'application/json' }
    for (const { signatureId, document, signature } of [answered[0], answered.at(-1)].filter(
      one => one !== undefined,
    )) {
      const record = await fetch(`${second.url}/v1/signatures/${signatureId}`, { headers })
      assert.equal(((await record.json()) as Answered).signature, signature)
      const body = JSON.stringify({ document, signatureId })
      const verified = await fetch(`${second.url}/v1/documents/verify`, { method: 'POST', headers, body })
      assert.deepEqual(await verified.json(), { valid: true })
    }
    const body = JSON.stringify({ document: 'AAAA', signingAlgorithm: 'ECDSA-SHA256' })
    const more = await fetch(`${second.url}/v1/documents/sign`, { method: 'POST', headers, body })
    assert.equal(more.status, 201, 'it signs again')
  } finally {
    await second.stop()
  }
})

function counted(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}
