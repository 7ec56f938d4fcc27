import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

it('200 overlapping requests keep apart: log lines, records and answers are of one caller each', async () => {
  const callers = Array.from({ length: 200 }, (_, n) => ({ subject: `caller-${n}`, correlationId: `order-${n}`, n }))
  const before = marty.lines.length

  const answers = await Promise.all(
    callers.map(async ({ subject, correlationId, n }) => {
      const headers = { 'x-correlation-id': correlationId }
      const document = Buffer.from(`document of ${subject}`).toString('base64')
      // Every fourth fails, each in its own way: errors must keep apart as well.
      const signingAlgorithm = n % 4 === 0 ? `unknown-${n}` : 'ECDSA-SHA256'
      const body = { document, signingAlgorithm }
      return marty.request('POST', '/v1/documents/sign', { token: marty.token({ subject }), body, headers })
    }),
  )

  const lines = marty.lines.slice(before)
  const requests = lines.filter(line => line['message'] === 'request')
  assert.equal(requests.length, callers.length)
  const ids = new Set(requests.map(line => line['requestId']))
  assert.equal(ids.size, callers.length, 'a request id each')
  assert.ok([...ids].every(id => typeof id === 'string' && id !== ''))

  for (const { subject, correlationId, n } of callers) {
    const answer = answers[n]
    assert.equal(answer?.headers.get('x-correlation-id'), correlationId)
    const own = lines.filter(line => line['correlationId'] === correlationId)
    const summary = own.filter(line => line['message'] === 'request')
    assert.equal(summary.length, 1, correlationId)
    assert.deepEqual([summary[0]?.['subject'], summary[0]?.['status']], [subject, n % 4 === 0 ? 422 : 201])
    assert.equal(new Set(own.map(line => line['requestId'])).size, 1, 'every line of a request has its request id')
    if (n % 4 === 0) assert.match(answer?.json.detail, new RegExp(`unknown-${n}"`))
  }
  for (const line of lines) assert.equal(typeof line['correlationId'], 'string', JSON.stringify(line))

  const records = storedRows(marty.dataDirectory, 'signature_records')
  assert.equal(records.length, 150)
  for (const record of records) {
    const n = Number(record.principal.slice('caller-'.length))
    assert.equal(record.correlationId, `order-${n}`)
    assert.equal(record.signatureId, answers[n]?.json.signatureId)
  }
  for (const { event } of storedRows(marty.dataDirectory, 'outbox')) {
    const { correlationid, data } = JSON.parse(event)
    assert.equal(correlationid.replace('order-', 'caller-'), data.principal)
  }
})
