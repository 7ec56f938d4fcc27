import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** A folder with the Go program and its module, or why there is none. */
function goVerifier(): { readonly folder: string } | { readonly missing: string } {
  if (spawnSync('go', ['version']).status !== 0) return { missing: 'the Go modules skipped: there is no go' }
  const folder = mkdtempSync(join(tmpdir(), 'marty-go-'))
  copyFileSync(join(import.meta.dirname, 'go/main.go.txt'), join(folder, 'main.go'))
  writeFileSync(join(folder, 'go.mod'), 'module verify\n\ngo 1.21\n')
  const got = spawnSync('go', ['get', 'golang.org/x/mod@v0.22.0'], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
  if (got.status === 0) {
    const built = spawnSync('go', ['build', '-o', 'verify', '.'], { cwd: folder, encoding: 'utf8' })
    assert.equal(built.status, 0, built.stderr)
    return { folder }
  }
  rmSync(folder, { recursive: true })
  return { missing: `the Go modules skipped: they cannot be had: ${got.stderr.trim().split('\n').at(-1) ?? ''}` }
}

const go = goVerifier()
if ('missing' in go) console.log(go.missing)
after(() => 'folder' in go && rmSync(go.folder, { recursive: true }))

describe('a second implementation', { skip: 'missing' in go ? go.missing : false }, () => {
  it('golang.org/x/mod/sumdb verifies checkpoints, inclusion and consistency, and refuses what was changed', async () => {
    const earlier = await checkpointNow()
    const { signatureId } = await sign('seen by Go')
    for (let n = 0; n < 3; n += 1) await sign(`another ${n}`)
    const checkpoint = await checkpointNow()
    const size = readCheckpoint(readNote(earlier)?.text ?? '')?.size
    const { index, leaf, proof } = await read(`/v1/signatures/${signatureId}/inclusion`)
    const consistency = (await read(`/v1/audit/consistency?from=${size}`)).proof
    const key = (await read('/v1/audit/keys')).keys[0].verifierKey
    const given = { key, earlier, checkpoint, index, leaf, inclusion: proof, consistency }
    const run = (input: object) => {
      const folder = 'folder' in go ? go.folder : '.'
      return spawnSync(join(folder, 'verify'), [], { input: JSON.stringify(input), encoding: 'utf8' })
    }
    const good = run(given)
    assert.match(good.stdout, new RegExp(`^verified \\d+ ${size}`), good.stdout + good.stderr)
    assert.match(run({ ...given, leaf: `${leaf} ` }).stdout, /^inclusion/)
    assert.match(run({ ...given, consistency: consistency.slice(1) }).stdout, /^consistency/)
    assert.match(run({ ...given, checkpoint: checkpoint.replace(/\n\d+\n/, '\n1\n') }).stdout, /^note/)
  })
})
