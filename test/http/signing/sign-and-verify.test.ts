import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform()
})
after(() => marty.stop())

const document = Buffer.from('A document').toString('base64')

test('a document is signed, recorded and verified', async () => {
  const token = marty.token()

  const signed = await marty.request('POST', '/v1/documents/sign', {
    token,
    body: { document, signingAlgorithm: 'RSA-SHA256' },
  })

  assert.equal(signed.status, 201, signed.text)
  const { signatureId, signature, algorithm, keyId, keyVersion, documentHash, timestamp } = signed.json
  assert.deepEqual(Object.keys(signed.json).sort(), [
    'algorithm',
    'documentHash',
    'keyId',
    'keyVersion',
    'signature',
    'signatureId',
    'timestamp',
  ])
  assert.equal(documentHash, createHash('sha256').update('A document').digest('hex'))
  assert.equal(keyId, 'document_signer-rsa-3072')
  const verified = await marty.request('POST', '/v1/documents/verify', {
    token,
    body: { document, signature: { signature, algorithm, keyId, keyVersion } },
  })
  assert.deepEqual(verified.json, { valid: true })
  const byId = await marty.request('POST', '/v1/documents/verify', { token, body: { document, signatureId } })
  assert.deepEqual(byId.json, { valid: true })
  const record = await marty.request('GET', `/v1/signatures/${signatureId}`, { token })
  assert.equal(record.status, 200, record.text)
  assert.deepEqual(record.json, {
    ...signed.json,
    documentHashAlgorithm: 'SHA-256',
    principal: 'signer-1',
    correlationId: signed.headers.get('x-correlation-id'),
    timestamp,
  })
  const [event, ...others] = storedRows(marty.dataDirectory, 'outbox').map(row => JSON.parse(row.event))
  assert.deepEqual(others, [], 'verifying and reading publish nothing')
  const { id, time, traceparent, ...fields } = event
  assert.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.equal(Number.isNaN(Date.parse(time)), false)
  assert.deepEqual(fields, {
    specversion: '1.0',
    source: '/plugins/marty/services/document_signer',
    type: 'marty.document_signed.v1',
    subject: signatureId,
    datacontenttype: 'application/json',
    correlationid: record.json.correlationId,
    data: {
      signatureId,
      principal: 'signer-1',
      algorithm,
      keyId,
      keyVersion,
      documentHash,
      documentHashAlgorithm: 'SHA-256',
    },
  })
})

test('the token issuer publishes its own keys, which are not those of documents', async () => {
  const tokens = await marty.request('GET', '/issuer/jwks')
  const documents = await marty.request('GET', '/v1/keys/jwks')

  const kids = (answer: typeof tokens): string[] => answer.json.keys.map((key: { kid: string }) => key.kid)
  assert.equal(tokens.status, 200)
  assert.equal(kids(tokens).length, 1)
  assert.ok(kids(tokens).every(kid => !kids(documents).includes(kid)))
  assert.ok(tokens.json.keys.every((key: object) => !('d' in key)))
})
