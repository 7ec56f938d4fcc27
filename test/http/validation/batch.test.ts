import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { DatabaseAdapter } from '@mmf/framework'
import { MmfError } from '@mmf/framework'
import { testDay, testKey } from '../../../layer/pki/src/testing/index.ts'
import { base64, codes, relyingParty, testChain, time, validate } from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

const { root, ca } = testChain()
const shared = { intermediates: [base64(ca.der)], anchors: [base64(root.der)] }
const key = testKey('p256', 'batch')

/** Counts transactions, checks that no verdict is half stored, and fails on demand. */
const transactions: number[] = []
let failAfter = Number.POSITIVE_INFINITY

const watched = (database: DatabaseAdapter): DatabaseAdapter => ({
  ...database,
  async transaction(writes, options) {
    if (writes.some(write => write.table.name === 'validations')) {
      if (transactions.length >= failAfter) throw new MmfError('database_unavailable')
      transactions.push(writes.length)
    }
    return database.transaction(writes, options)
  },
})

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256'), wrap: { database: watched } })
})
after(() => marty.stop())

test('a thousand certificates get a verdict each, in order, all stored before the answer', async () => {
  const certificates = Array.from({ length: 1000 }, (_, index) => {
    if (index % 100 === 7) return `garbage ${index}`
    const notAfter = index % 10 === 3 ? testDay(-1) : testDay(100)
    return base64(ca.issue(`C=UT, CN=Batch ${index}`, { key, notAfter }).der)
  })
  transactions.length = 0

  const answer = await validate(marty, { certificates, ...shared })

  assert.equal(answer.status, 200, answer.text.slice(0, 500))
  const { validations } = answer.json
  assert.equal(validations.length, 1000)
  for (const [index, validation] of validations.entries()) {
    if (index % 100 === 7) assert.deepEqual(codes(validation), ['certificate_malformed'], String(index))
    else if (index % 10 === 3) assert.deepEqual(codes(validation), ['expired'], String(index))
    else assert.equal(validation.valid, true, String(index))
    const subject = validation.path[0]?.subject ?? 'unreadable'
    assert.ok(subject.startsWith(`CN=Batch ${index},`) || index % 100 === 7, subject)
  }
  assert.ok(Buffer.byteLength(answer.text) < 4_500_000, `${Buffer.byteLength(answer.text)} bytes`)
  assert.ok(transactions.every(writes => writes <= 100))
  const stored = new Set(storedRows(marty.dataDirectory, 'validations').map(({ validationId }) => validationId))
  assert.ok(validations.every(({ validationId }: { validationId: string }) => stored.has(validationId)))
  // Root, CA, the list of inputs, and each certificate or what was sent in its place; nothing twice.
  const evidence = storedRows(marty.dataDirectory, 'validation_evidence')
  assert.equal(evidence.length, 1003)
  assert.ok(evidence.every(row => createHash('sha256').update(row.bytes).digest('hex') === row.sha256))
})

test('the signature that certificates share is verified once, and each verdict says what it costs alone', async () => {
  const lower = ca.subordinate('C=UT, CN=Lower')
  const certificates = Array.from({ length: 5 }, (_, index) =>
    base64(lower.issue(`C=UT, CN=Shared ${index}`, { key }).der),
  )
  const { json } = await validate(marty, {
    ...shared,
    certificates,
    intermediates: [base64(ca.der), base64(lower.der)],
  })
  assert.deepEqual(
    json.validations.map(({ work }: { work: { signatureChecks: number } }) => work.signatureChecks),
    [3, 3, 3, 3, 3],
  )
  for (const { validationId } of json.validations) {
    const path = `/v1/validations/${validationId}/replay`
    const replay = await marty.request('POST', path, { token: relyingParty(marty), body: {} })
    assert.equal(replay.json.same, true, replay.text)
  }
})

test('what comes in the text of one certificate helps that one alone', async () => {
  const lower = ca.subordinate('C=UT, CN=Only here')
  const [first, second] = [lower.issue('C=UT, CN=First', { key }), lower.issue('C=UT, CN=Second', { key })]
  const pem = (der: Uint8Array) => `-----BEGIN CERTIFICATE-----\n${base64(der)}\n-----END CERTIFICATE-----\n`
  const { json } = await validate(marty, {
    ...shared,
    certificates: [pem(first.der) + pem(lower.der), pem(second.der)],
  })
  assert.deepEqual(
    json.validations.map(({ valid }: { valid: boolean }) => valid),
    [true, false],
  )
})

test('answers of many large verdicts are cut to fit, and the whole is under the id', async () => {
  const certificates = Array.from({ length: 500 }, (_, index) =>
    base64(ca.issue(`C=UT, CN=${'x'.repeat(500)} ${index}, O=${'y'.repeat(500)}`, { key, notAfter: testDay(-1) }).der),
  )
  const { json, text } = await validate(marty, { certificates, ...shared })
  assert.ok(Buffer.byteLength(text) < 4_500_000)
  const [first] = json.validations
  const whole = await marty.request('GET', `/v1/validations/${first.validationId}`, { token: relyingParty(marty) })
  assert.deepEqual(codes(whole.json), ['expired'])
  assert.equal(whole.json.omitted.attempts, 0)
})

test('while a batch is judged, others are served', async () => {
  const certificates = Array.from({ length: 500 }, (_, index) =>
    base64(ca.issue(`C=UT, CN=Busy ${index}`, { key }).der),
  )
  const order: string[] = []
  const batch = validate(marty, { certificates, ...shared }).then(() => order.push('batch'))
  const token = relyingParty(marty)
  const single = marty.request('GET', '/v1/validations?limit=1', { token }).then(() => order.push('single'))
  await Promise.all([batch, single])
  assert.deepEqual(order, ['single', 'batch'])
})

test('a database that fails in between fails the call; what is stored is whole and true', async () => {
  const certificates = Array.from({ length: 100 }, (_, index) =>
    base64(ca.issue(`C=UT, CN=Lost ${index}`, { key }).der),
  )
  const before = storedRows(marty.dataDirectory, 'validations').length
  transactions.length = 0
  failAfter = 2
  const answer = await validate(marty, { certificates, ...shared, time })
  failAfter = Number.POSITIVE_INFINITY
  assert.deepEqual([answer.status, answer.json.code], [503, 'database_unavailable'])
  const rows = storedRows(marty.dataDirectory, 'validations').slice(before)
  assert.ok(rows.length > 0 && rows.length < 100)
  for (const { validationId } of rows) {
    const path = `/v1/validations/${validationId}/replay`
    const replay = await marty.request('POST', path, { token: relyingParty(marty), body: {} })
    assert.equal(replay.json.same, true, replay.text)
  }
})
