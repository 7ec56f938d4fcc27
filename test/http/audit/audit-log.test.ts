import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  hashOfLeaf,
  provesConsistency,
  readCheckpoint,
  readNote,
  readNoteKey,
  rootOfInclusion,
  signersOf,
} from '@mmf/framework/transparency'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'))
const auditor = () => marty.token({ subject: 'auditor-1', roles: ['auditor'], permissions: [] })

async function sign(text: string): Promise<{ signatureId: string }> {
  const body = { document: Buffer.from(text).toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }
  const {
    status,
    json,
    text: answer,
  } = await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })
  assert.equal(status, 201, answer)
  return json
}

async function checkpointNow() {
  const { status, text } = await marty.request('POST', '/v1/audit/checkpoints', { token: auditor(), body: {} })
  assert.equal(status, 201, text)
  return text
}

const read = async (path: string) => {
  const { status, json, text } = await marty.request('GET', path, { token: auditor() })
  assert.equal(status, 200, text)
  return json
}

describe('the audit log', () => {
  it('puts a signature under a checkpoint that its key verifies, and proves it', async () => {
    const { signatureId } = await sign('a contract')
    const text = await checkpointNow()
    assert.deepEqual(storedRows(marty.dataDirectory, 'audit_log_waiting'), [])
    const { json } = await marty.request('GET', '/v1/audit/keys')
    const key = readNoteKey(json.keys[0].verifierKey)
    const note = readNote(text)
    assert.ok(key && note)
    assert.deepEqual(signersOf(note, [key]), [key])
    const latest = await marty.request('GET', '/v1/audit/checkpoint')
    assert.equal(latest.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(latest.text, text)

    const checkpoint = readCheckpoint(note.text)
    const { index, leaf, proof } = await read(`/v1/signatures/${signatureId}/inclusion`)
    assert.ok(checkpoint)
    const root = rootOfInclusion(index, checkpoint.size, hashOfLeaf(Buffer.from(leaf)), proof.map(bytesOf))
    assert.deepEqual(root, Buffer.from(checkpoint.root))
    assert.equal(JSON.parse(leaf).key.signatureId, signatureId)
  })

  it('proves that a later checkpoint goes on from an earlier one', async () => {
    const earlier = readCheckpoint(readNote(await checkpointNow())?.text ?? '')
    for (let n = 0; n < 5; n += 1) await sign(`document ${n}`)
    const later = readCheckpoint(readNote(await checkpointNow())?.text ?? '')
    assert.ok(earlier && later && later.size === earlier.size + 5)
    const { proof } = await read(`/v1/audit/consistency?from=${earlier.size}`)
    assert.ok(provesConsistency(earlier, later, proof.map(bytesOf)))
  })

  it('serves tiles by the paths of tlog-tiles, to auditors', async () => {
    const size = readCheckpoint(readNote(await checkpointNow())?.text ?? '')?.size
    const path = `/v1/audit/tile/0/000.p/${size}`
    const answer = await fetch(`${marty.url}${path}`, { headers: { authorization: `Bearer ${auditor()}` } })
    assert.equal(answer.headers.get('content-type'), 'application/octet-stream')
    assert.equal((await answer.arrayBuffer()).byteLength, 32 * (size ?? 0))
    assert.equal((await marty.request('GET', path, { token: marty.token() })).json.code, 'role_missing')
    for (const other of ['0/001', '0/x000', '00/000', 'entries/000.p/257', '0/x001/000.p/5'])
      assert.equal((await marty.request('GET', `/v1/audit/tile/${other}`, { token: auditor() })).json.code, 'not_found')
  })
})
