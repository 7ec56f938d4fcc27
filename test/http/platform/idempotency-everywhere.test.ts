import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { insert } from '@mmf/framework'
import { deliveryTable } from '@mmf/framework/embedded'
import { operationsOf } from '@mmf/framework/internal'
import { declaredPlatformService } from '../../../layer/framework/src/http/platform/platform-service.ts'
import { pkdImports } from '../../../plugins/marty/directory/tables/pkd-imports.ts'
import { plugins } from '../../support/plugins.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import { administrator, base64, csca } from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
let token: string
before(async () => {
  const env = { ...signingWith('ECDSA-SHA256'), MMF__plugins__marty__trust_two_person_approval: 'true' }
  marty = await startPlatform({ env })
  const roles = ['trust_administrator', 'pkd_administrator', 'platform_administrator']
  token = marty.token({ subject: 'admin-1', roles, permissions: ['supply_trust_anchors'] })
})
after(() => marty.stop())

/** What they answer follows from what is stored; they store nothing. */
const readers = ['document_signer.verify_signature', 'certificate_validation.replay_validation']

/** The answer shows a secret this once, so that it is never stored; a key that was revoked stays revoked. */
const withoutStoredAnswer = ['platform.create_api_key', 'platform.rotate_api_key', 'platform.revoke_api_key']

test('every operation that stores something takes an Idempotency-Key, and OpenAPI says so', async () => {
  const { json } = await marty.request('GET', '/openapi.json')
  const operations = [...plugins.flatMap(operationsOf), ...Object.values(declaredPlatformService.operations)]
  for (const { service, name, http, declares } of operations) {
    if (http === undefined) continue
    const stores = http.method !== 'GET' && ![...readers, ...withoutStoredAnswer].includes(`${service}.${name}`)
    assert.equal(declares.idempotent !== undefined, stores, `${service}.${name}`)
    const { parameters = [] } = json.paths[http.path][http.method.toLowerCase()]
    const isNamed = parameters.some(
      (p: { name: string; in: string }) => p.name === 'Idempotency-Key' && p.in === 'header',
    )
    assert.equal(isNamed, stores, `${service}.${name} in OpenAPI`)
  }
})

/** Sends the same thing twice with one key: one effect, one answer. */
async function twice(path: string, body: object, auth = token) {
  const headers = { 'idempotency-key': randomUUID() }
  const send = () => marty.request('POST', path, { token: auth, body, headers })
  const first = await send()
  const second = await send()
  assert.ok(first.status < 300, `${path}: ${first.text}`)
  assert.equal(first.headers.get('idempotency-replayed'), null, path)
  assert.deepEqual(
    [second.status, second.headers.get('idempotency-replayed'), second.text],
    [first.status, 'true', first.text],
    path,
  )
  return first.json
}

const count = (table: string) => storedRows(marty.dataDirectory, table).length

test('verdicts are stored once, also those of a batch whose answer fills many rows', async () => {
  const der = base64(csca('AA').der)
  const before = count('validations')
  const { validationId } = await twice('/v1/certificates/validate', { certificate: der, profile: 'rfc5280' })
  assert.equal(count('validations'), before + 1)
  await twice('/v1/chains/validate', { chain: [der], profile: 'rfc5280' })
  assert.equal(count('validations'), before + 2)
  const { validations } = await twice('/v1/certificates/validate', {
    certificates: Array(200).fill(der),
    profile: 'rfc5280',
  })
  assert.equal(validations.length, 200)
  assert.equal(count('validations'), before + 202)
  const read = await marty.request('GET', `/v1/validations/${validationId}`, { token })
  assert.equal(read.status, 200)
})

test('proposals are decided once', async () => {
  const other = administrator(marty, 'admin-2')
  const propose = (country: string) =>
    twice('/v1/trust-anchors', { certificate: base64(csca(country).der), purposes: ['csca'] })
  const one = await propose('AB')
  const path = '/v1/trust-anchors/proposals'
  const approved = await twice(`${path}/${one.proposalId}/approve`, {}, other)
  assert.deepEqual(approved, { proposalId: one.proposalId, status: 'approved', generation: 1 })
  const two = await propose('AC')
  await twice(`${path}/${two.proposalId}/reject`, { reason: 'no' }, other)
  const revoked = await twice(`/v1/certificates/${'cd'.repeat(32)}/revocations`, { reason: 'superseded' })
  await twice(`${path}/${revoked.proposalId}/approve`, {}, other)
  assert.equal(count('trust_revocations'), 1)
})

test('looks and uploads answer the same again', async () => {
  const upload = await twice('/v1/pkd/uploads', { size: 10 })
  assert.match(upload.uploadId, /^[0-9a-f-]{36}$/)
  for (const path of ['/v1/pkd/crls/check', '/v1/pkd/expiries/check', '/v1/trust-anchors/expiries/check']) {
    await twice(path, {})
  }
})

test('an import is resumed and cancelled once', async () => {
  const jobId = randomUUID()
  const at = new Date().toISOString()
  const counts = { processed: 0, added: 0, updated: 0, unchanged: 0, quarantined: 0, skipped: 0 }
  const progress = { position: 0, line: 1, counts, step: 0, revision: 1 }
  const row = {
    jobId,
    state: 'running',
    source: 'x',
    blob: 'b',
    etag: 'e',
    size: 1,
    principal: 'p',
    correlationId: 'c',
  } as const
  await marty.platform.http.database.write(
    insert(pkdImports, { ...row, ...progress, createdAt: at, updatedAt: at, all: 'import' }),
  )
  await marty.relay.stop()
  const steps = () =>
    storedRows(marty.dataDirectory, 'outbox').filter(stored => stored.event.includes('pkd_import_continued'))
  const earlier = steps().length
  await twice(`/v1/pkd/imports/${jobId}/resume`, {})
  assert.equal(steps().length, earlier + 1)
  const cancelled = await twice(`/v1/pkd/imports/${jobId}/cancel`, {})
  assert.equal(cancelled.state, 'cancelled')
})

test('a dead letter is replayed or discarded once', async () => {
  const event = { specversion: '1.0', id: '', type: 't', time: new Date().toISOString() }
  for (const action of ['replay', 'discard']) {
    const letter = { eventId: randomUUID(), subscriber: 'nobody:t' }
    await marty.platform.http.database.write(
      insert(deliveryTable, {
        ...letter,
        event: JSON.stringify({ ...event, id: letter.eventId }),
        status: 'dead',
        queue: 'dead',
        dueAt: event.time,
        attempts: 3,
        lastError: 'x',
      }),
    )
    await twice(`/platform/dead-letters/${action}`, letter)
    const [row] = storedRows(marty.dataDirectory, 'event_deliveries').filter(
      stored => stored.eventId === letter.eventId,
    )
    assert.equal(row?.status, action === 'replay' ? 'pending' : undefined)
    const again = await marty.request('POST', `/platform/dead-letters/${action}`, { token, body: letter })
    assert.deepEqual([again.status, again.json.code], [404, 'not_found'])
  }
})
