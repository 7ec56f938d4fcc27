import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { faultyPorts } from '../support/faults.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

const { faults, wrap } = faultyPorts()
let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ wrap, env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const contract = { document: Buffer.from('contract').toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }

function sign(key: string, options: { body?: unknown; subject?: string } = {}) {
  const token = marty.token({ subject: options.subject ?? 'signer-1' })
  const headers = { 'idempotency-key': key }
  return marty.request('POST', '/v1/documents/sign', { token, body: options.body ?? contract, headers })
}

const recordsOf = (signatureId: string) =>
  storedRows(marty.dataDirectory, 'signature_records').filter(row => row.signatureId === signatureId).length
const eventsOf = (signatureId: string) =>
  storedRows(marty.dataDirectory, 'outbox').filter(row => JSON.parse(row.event).subject === signatureId).length

describe('Idempotency-Key', () => {
  it('answers the same body with the same bytes: one record, one event', async () => {
    const first = await sign('same')
    assert.deepEqual([first.status, first.headers.get('idempotency-replayed')], [201, null])
    const total = storedRows(marty.dataDirectory, 'signature_records').length
    for (let n = 0; n < 3; n += 1) {
      const again = await sign('same')
      assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [201, 'true'])
      assert.equal(again.text, first.text)
    }
    assert.equal(storedRows(marty.dataDirectory, 'signature_records').length, total)
    assert.deepEqual([recordsOf(first.json.signatureId), eventsOf(first.json.signatureId)], [1, 1])
  })

  it('refuses another body with 422', async () => {
    const first = await sign('other')
    const body = { ...contract, document: Buffer.from('another').toString('base64') }
    const refused = await sign('other', { body })
    assert.deepEqual([refused.status, refused.json.code], [422, 'idempotency_key_reused'])
    assert.equal((await sign('other')).text, first.text, 'and keeps the first answer')
  })

  it('answers 409 while the first request is in flight, and its answer afterwards', async () => {
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    faults.sign = async (request, real) => {
      reached.resolve()
      await gate.promise
      return real(request)
    }
    const first = sign('in-flight')
    await reached.promise
    const meanwhile = await sign('in-flight')
    assert.deepEqual([meanwhile.status, meanwhile.json.code], [409, 'idempotency_in_flight'])
    assert.match(meanwhile.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    const other = await sign('in-flight', { body: { ...contract, document: 'AAAA' } })
    assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused'])
    gate.resolve()
    faults.sign = undefined
    const done = await first
    assert.equal(done.status, 201, done.text)
    assert.equal((await sign('in-flight')).text, done.text)
    assert.deepEqual([recordsOf(done.json.signatureId), eventsOf(done.json.signatureId)], [1, 1])
  })

  it('makes one signature of twenty requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => sign('burst')))
    const made = answers.filter(({ status }) => status === 201)
    assert.ok(made.length >= 1)
    assert.equal(new Set(made.map(({ text }) => text)).size, 1)
    assert.ok(answers.every(({ status }) => status === 201 || status === 409))
    const [one] = made
    assert.deepEqual([recordsOf(one?.json.signatureId), eventsOf(one?.json.signatureId)], [1, 1])
  })

  it('is free again after a failure of either side', async () => {
    const refused = await sign('failed', { body: { ...contract, signingAlgorithm: 'none' } })
    assert.deepEqual([refused.status, refused.json.code], [422, 'algorithm_not_allowed'])
    const invalid = await sign('failed', { body: { nonsense: 1 } })
    assert.deepEqual([invalid.status, invalid.json.code], [422, 'validation_failed'])
    faults.sign = async () => {
      throw new Error('broken')
    }
    assert.equal((await sign('failed')).status, 500)
    faults.sign = undefined
    const made = await sign('failed')
    assert.deepEqual([made.status, made.headers.get('idempotency-replayed')], [201, null])
  })

  it('of two principals do not meet', async () => {
    const one = await sign('shared', { subject: 'alice' })
    const two = await sign('shared', { subject: 'bob' })
    assert.deepEqual([one.status, two.status], [201, 201])
    assert.notEqual(one.json.signatureId, two.json.signatureId)
    assert.equal(two.headers.get('idempotency-replayed'), null)
  })

  it('is no way around authorization', async () => {
    await sign('guarded', { subject: 'carol' })
    const token = marty.token({ subject: 'carol', roles: [] })
    const headers = { 'idempotency-key': 'guarded' }
    const refused = await marty.request('POST', '/v1/documents/sign', { token, body: contract, headers })
    assert.deepEqual([refused.status, refused.json.code], [403, 'role_missing'])
  })

  it('survives a restart', async () => {
    const first = await sign('restart')
    const again = await startPlatform({ dataDirectory: marty.dataDirectory, env: signingWith('ECDSA-SHA256') })
    try {
      const headers = { 'idempotency-key': 'restart' }
      const token = marty.token()
      const replayed = await again.request('POST', '/v1/documents/sign', { token, body: contract, headers })
      assert.deepEqual([replayed.status, replayed.text], [201, first.text])
    } finally {
      await again.stop()
    }
  })

  it('that a crash left behind is taken over at once by the process that has the data folder', async t => {
    const dataDirectory = join(mkdtempSync(join(tmpdir(), 'marty-crash-')), 'data')
    t.after(() => rmSync(join(dataDirectory, '..'), { recursive: true }))
    const options = { dataDirectory, exclusive: true, env: signingWith('ECDSA-SHA256') }
    const headers = { 'idempotency-key': 'left' }
    const ask = (platform: TestPlatform) =>
      platform.request('POST', '/v1/documents/sign', { token: platform.token(), body: contract, headers })
    const crashed = await startPlatform(options)
    // What a request has done that was running at kill -9.
    await crashed.platform.http.idempotency.begin({
      subject: 'signer-1',
      operation: 'marty.document_signer.sign_document',
      key: 'left',
      requestHash: createHash('sha256')
        .update(`POST /v1/documents/sign?\n${JSON.stringify(contract)}`)
        .digest('hex'),
      leaseMs: 600_000,
      ttlSeconds: 86_400,
    })
    const own = await ask(crashed)
    assert.deepEqual([own.status, own.json.code], [409, 'idempotency_in_flight'], 'its own are in flight')
    assert.equal(own.headers.get('retry-after'), '600')
    await crashed.stop()
    const next = await startPlatform(options)
    t.after(() => next.stop())
    const taken = await ask(next)
    assert.deepEqual([taken.status, taken.headers.get('idempotency-replayed')], [201, null], taken.text)
    assert.equal((await ask(next)).text, taken.text)
  })
})
