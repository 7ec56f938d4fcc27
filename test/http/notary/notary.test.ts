import assert from 'node:assert/strict'
import { createHash, randomUUID, verify } from 'node:crypto'
import { after, before, test } from 'node:test'
import { hashOfLeaf, rootOfInclusion } from '@mmf/framework/transparency'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { functionOf } from '../../support/plugins.ts'
import { faultyPorts } from '../support/faults.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

const env = signingWith('ECDSA-SHA256')
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')
const roles = ['notary_submitter', 'notary_administrator']
const { faults, wrap } = faultyPorts()

let notary: TestPlatform
before(async () => {
  notary = await startPlatform({ env, wrap })
})
after(() => notary.stop())

const send = (on: TestPlatform, path: string, body: object, claims: object = {}, headers = {}) =>
  on.request('POST', `/v1/notary/${path}`, { body, headers, token: on.token({ roles, permissions: [], ...claims }) })
const append = (text: string, claims = {}, headers = {}) =>
  send(notary, 'entries', { digest: digestOf(text) }, claims, headers)
const sign = (claims = {}, headers = {}) => send(notary, 'checkpoints', {}, claims, headers)
const stored = (table: string) => storedRows(notary.dataDirectory, `notary_${table}`)
const signedEvents = () => {
  const rows = storedRows(notary.dataDirectory, 'outbox')
  return rows.filter(row => JSON.stringify(row).includes('checkpoint_signed')).length
}

test('an empty list has no checkpoint', async () => {
  const latest = await notary.request('GET', '/v1/notary/checkpoints/latest')
  assert.deepEqual([latest.status, latest.json.code], [404, 'not_found'])
  const refused = await sign()
  assert.deepEqual([refused.status, refused.json.code], [409, 'conflict'])
})

test('each operation asks for its role', async () => {
  const codes = []
  for (const path of ['entries', 'checkpoints']) {
    const body = path === 'entries' ? { digest: digestOf('x') } : {}
    codes.push((await send(notary, path, body, { roles: ['document_signer'] })).json.code)
  }
  codes.push((await notary.request('GET', '/v1/notary/entries/0')).json.code)
  assert.deepEqual(codes, ['role_missing', 'role_missing', 'authentication_required'])
  assert.deepEqual(stored('entries'), [])
})

test('a digest or label that is none is refused by name', async () => {
  for (const [body, path] of [
    [{ digest: 'ABC' }, 'digest'],
    [{ digest: digestOf('x'), label: 'two\nlines' }, 'label'],
    [{ digest: digestOf('x'), label: 'x'.repeat(201) }, 'label'],
  ] as const) {
    const { status, json } = await send(notary, 'entries', body)
    assert.deepEqual([status, json.code, json.errors[0].path], [422, 'validation_failed', path])
  }
  const index = await notary.request('GET', '/v1/notary/entries/-1', { token: notary.token() })
  assert.deepEqual([index.status, index.json.code], [422, 'validation_failed'])
})

test('a digest has one entry for each caller, and an Idempotency-Key gives the stored answer', async () => {
  const first = await append('a', { subject: 'ann' })
  assert.deepEqual([first.status, first.json.index], [201, 0])
  assert.equal((await append('a', { subject: 'ann' })).json.index, 0)
  assert.equal((await append('a', { subject: 'bob' })).json.index, 1)
  const headers = { 'idempotency-key': randomUUID() }
  const sent = await append('b', {}, headers)
  const again = await append('b', {}, headers)
  assert.deepEqual([again.text, again.headers.get('idempotency-replayed')], [sent.text, 'true'])
  assert.equal(stored('entries').length, 3)
})

test('while the signer does not sign there is no checkpoint, no event, and appending goes on', async t => {
  faults.sign = () => Promise.reject(new Error('the key service is on fire'))
  t.after(() => {
    faults.sign = undefined
  })
  const { status, text, json } = await sign()
  assert.ok(status >= 500, text)
  assert.equal(typeof json.code, 'string')
  assert.doesNotMatch(text, /on fire/)
  assert.deepEqual([stored('checkpoints').length, signedEvents()], [0, 0])
  assert.equal((await append('while it burns')).status, 201)
})

test('of runs at once one stores the checkpoint, with one event', async () => {
  const answers = await Promise.all([sign(), sign(), sign()])
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
  assert.deepEqual([stored('checkpoints').length, signedEvents()], [1, 1])
})

test('the schedule signs where there are new entries, and only there', async () => {
  const operation = 'notary_log.sign_new_entries'
  const platform = async () => notary.platform.http
  const run = () =>
    functionOf('notary_log').create(platform)({ mmf: 'schedule', operation }, lambdaContext(operation, 20_000))
  await run()
  assert.deepEqual([stored('checkpoints').length, signedEvents()], [1, 1])
  const { json } = await append('new')
  await run()
  await run()
  assert.deepEqual([stored('checkpoints').length, signedEvents()], [2, 2])
  const latest = await notary.request('GET', '/v1/notary/checkpoints/latest')
  assert.equal(latest.json.size, json.index + 1)
})

test('every entry is proven under the signed root, whatever the size', async () => {
  for (let n = 0; n < 9; n += 1) {
    await append(`document ${n}`)
    const { json: checkpoint } = await sign({}, { 'idempotency-key': randomUUID() })
    const key = await notary.request('GET', `/v1/keys/${checkpoint.keyId}/versions/${checkpoint.keyVersion}`, {
      headers: { accept: 'application/x-pem-file' },
    })
    const signature = Buffer.from(checkpoint.signature, 'base64')
    assert.ok(verify('sha256', Buffer.from(checkpoint.text), key.text, signature))
    assert.equal(checkpoint.text, `notary\n${checkpoint.size}\n${checkpoint.rootHash}\n${checkpoint.time}\n`)
    for (let index = 0; index < checkpoint.size; index += 1) {
      const { json } = await notary.request('GET', `/v1/notary/entries/${index}`, { token: notary.token() })
      const { digest, time, label = '', leafHash } = json.entry
      const leaf = hashOfLeaf(Buffer.from(`${digest}\n${time}\n${label}\n`))
      assert.equal(leaf.toString('hex'), leafHash)
      const proof = json.inclusion.proof.map((hash: string) => Buffer.from(hash, 'hex'))
      const root = rootOfInclusion(index, checkpoint.size, leaf, proof) ?? new Uint8Array()
      assert.equal(Buffer.from(root).toString('hex'), checkpoint.rootHash)
    }
  }
})

test('pages of checkpoints are bounded and follow one another', async () => {
  const sizes: number[] = []
  let cursor = ''
  do {
    const { json } = await notary.request('GET', `/v1/notary/checkpoints?limit=4${cursor}`)
    sizes.push(...json.checkpoints.map(({ size }: { size: number }) => size))
    cursor = json.cursor === undefined ? '' : `&cursor=${encodeURIComponent(json.cursor)}`
  } while (cursor !== '')
  assert.deepEqual(
    sizes,
    stored('checkpoints')
      .map(({ size }) => size)
      .sort((a, b) => b - a),
  )
  const { json } = await notary.request('GET', '/v1/notary/checkpoints?limit=101')
  assert.equal(json.code, 'validation_failed')
})

test('two instances that append at once neither lose nor repeat an index', async t => {
  const { dataDirectory } = notary
  const other = await startPlatform({ env, dataDirectory, exclusive: false })
  t.after(() => other.stop())
  const start = stored('entries').length
  const all = Array.from({ length: 20 }, (_, n) =>
    send(n % 2 === 0 ? notary : other, 'entries', { digest: digestOf(`at once ${n}`) }),
  )
  const answers = await Promise.all(all)
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(20).fill(201),
  )
  const indexes = answers.map(({ json }) => json.index).sort((a, b) => a - b)
  assert.deepEqual(
    indexes,
    Array.from({ length: 20 }, (_, n) => start + n),
  )
  assert.equal(stored('entries').length, start + 20)
  assert.equal((await sign()).json.size, start + 20)
})
