import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { defined } from '@mmf/framework'
import { toPem } from '@mmf/pki'
import { createRoot, testKey } from '../../../layer/pki/src/testing/index.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

let marty: TestPlatform
let administrator: string
let reader: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  administrator = marty.token({ subject: 'admin-1', roles: ['pkd_administrator'], permissions: [] })
  reader = marty.token({ subject: 'reader-1', roles: [], permissions: [] })
})
after(() => marty.stop())

const csca = createRoot('C=UT, O=Utopia, CN=CSCA Utopia')
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const query = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

const publish = (der: Uint8Array, extra: object = {}) =>
  marty.request('POST', '/v1/pkd/certificates', {
    token: administrator,
    body: { certificate: base64(der), ...extra },
  })
const lookup = (fields: Record<string, string>) =>
  marty.request('GET', `/v1/pkd/keys?${query(fields)}`, { token: reader })

test('a published certificate is found by each of its names', async () => {
  const dsc = csca.issue('C=UT, O=Utopia, CN=DSC 1')

  const published = await marty.request('POST', '/v1/pkd/certificates', {
    token: administrator,
    body: { certificate: toPem('CERTIFICATE', dsc.der), source: 'handed over' },
  })

  assert.equal(published.status, 201, published.text)
  assert.equal(published.json.created, true)
  const { entry } = published.json
  assert.equal(entry.fingerprint, sha256(dsc.der))
  assert.equal(entry.certificate, base64(dsc.der))
  assert.equal(entry.publicKey, base64(dsc.key.spki))
  assert.equal(entry.subject, 'CN=DSC 1,O=Utopia,C=UT')
  assert.equal(entry.country, 'UT')
  assert.equal(entry.kind, 'dsc')
  assert.deepEqual(entry.conformance, { status: 'unverified', findings: ['issuer_not_trusted'] })
  assert.deepEqual(entry.source, { name: 'handed over', principal: 'admin-1' })
  const ways: Record<string, string>[] = [
    { subject: entry.subject },
    { subject: 'cn=dsc 1, o=UTOPIA, c=ut' },
    { keyIdentifier: entry.keyIdentifier },
    { keyIdentifier: entry.keyIdentifier, country: 'ut' },
    { issuer: entry.issuer, serialNumber: entry.serialNumber },
    { fingerprint: entry.fingerprint },
  ]
  for (const way of ways) {
    const found = await lookup(way)
    assert.equal(found.status, 200, JSON.stringify(way) + found.text)
    assert.deepEqual(found.json, entry)
  }
})

test('names that differ find nothing, and what is no name is refused', async () => {
  for (const way of [
    { subject: 'CN=DSC 1,O=Utopia,C=XX' },
    { subject: 'C=UT,O=Utopia,CN=DSC 1' },
    { fingerprint: 'ab'.repeat(32) },
  ]) {
    const missing = await lookup(way)
    assert.equal(missing.status, 404)
    assert.equal(missing.json.code, 'public_key_not_found')
  }
  for (const way of [
    {},
    { country: 'UT' },
    { subject: 'no name' },
    { subject: 'XY=1' },
    { fingerprint: 'AB' },
    { issuer: 'C=UT' },
  ]) {
    const refused = await lookup(way as Record<string, string>)
    assert.equal(refused.status, 422, JSON.stringify(way))
    assert.equal(refused.json.code, 'validation_failed')
  }
})

test('of several certificates with one subject the newest that is published answers', async () => {
  const subject = 'C=UT, O=Utopia, CN=DSC renewed'
  const older = csca.issue(subject, { key: testKey('p256', 'older'), notBefore: new Date('2024-01-01T00:00:00Z') })
  const newer = csca.issue(subject, { key: testKey('p256', 'newer'), notBefore: new Date('2025-01-01T00:00:00Z') })
  for (const { der } of [newer, older]) assert.equal((await publish(der)).status, 201)
  const name = { subject: 'CN=DSC renewed,O=Utopia,C=UT' }
  assert.equal((await lookup(name)).json.fingerprint, sha256(newer.der))

  const path = `/v1/pkd/certificates/${sha256(newer.der)}`
  const withdrawn = await marty.request('POST', `${path}/withdraw`, {
    token: administrator,
    body: { reason: 'key compromised' },
  })

  assert.equal(withdrawn.status, 200, withdrawn.text)
  assert.equal(withdrawn.json.withdrawal.reason, 'key compromised')
  assert.equal(withdrawn.json.withdrawal.principal, 'admin-1')
  assert.equal((await lookup(name)).json.fingerprint, sha256(older.der))
  assert.equal((await lookup({ fingerprint: sha256(newer.der) })).status, 404)
  assert.equal((await marty.request('GET', path, { token: reader })).json.status, 'withdrawn')
  assert.equal((await publish(newer.der)).json.code, 'certificate_withdrawn')
  const restored = await publish(newer.der, { restore: true })
  assert.equal(restored.status, 200, restored.text)
  assert.equal(restored.json.entry.withdrawal, undefined)
  assert.equal((await lookup(name)).json.fingerprint, sha256(newer.der))
})

test('publishing again changes nothing', async () => {
  const { der } = csca.issue('C=UT, CN=DSC twice')
  const first = await publish(der)
  const second = await publish(der)

  assert.equal(second.status, 200)
  assert.deepEqual(second.json, { created: false, entry: first.json.entry })
})

test('entries are listed with filters, page by page', async () => {
  const other = createRoot('C=XO, CN=CSCA XO')
  const issued = Array.from({ length: 5 }, (_, i) => other.issue(`C=XO, CN=DSC ${i}`))
  for (const { der } of issued) await publish(der)
  await publish(other.der)

  for (const filter of [
    { country: 'XO', kind: 'dsc' },
    { kind: 'dsc', issuer: 'CN=CSCA XO,C=XO' },
  ]) {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const path = `/v1/pkd/certificates?${query({ limit: '2', ...filter, ...defined({ cursor }) })}`
      const answer = await marty.request('GET', path, { token: reader })
      assert.equal(answer.status, 200, answer.text)
      seen.push(...answer.json.certificates.map((entry: { fingerprint: string }) => entry.fingerprint))
      cursor = answer.json.cursor
    } while (cursor !== undefined)
    assert.deepEqual(seen.toSorted(), issued.map(({ der }) => sha256(der)).toSorted())
  }
  const cscas = await marty.request('GET', '/v1/pkd/certificates?country=XO&kind=csca', { token: reader })
  assert.deepEqual(
    cscas.json.certificates.map((entry: { fingerprint: string }) => entry.fingerprint),
    [sha256(other.der)],
  )
  const wrong = await marty.request('GET', '/v1/pkd/certificates?cursor=abc', { token: reader })
  assert.equal(wrong.json.code, 'cursor_invalid')
})

test('what is no certificate is refused, and only administrators change the directory', async () => {
  const { der } = csca.issue('C=UT, CN=DSC refused')
  for (const certificate of [base64(der.subarray(0, 100)), 'no certificate', base64(Buffer.from('no'))]) {
    const answer = await marty.request('POST', '/v1/pkd/certificates', { token: administrator, body: { certificate } })
    assert.equal(answer.status, 422, answer.text)
    assert.equal(answer.json.code, 'certificate_malformed')
  }
  const body = { certificate: base64(der) }
  assert.equal((await marty.request('POST', '/v1/pkd/certificates', { body })).status, 401)
  const forbidden = await marty.request('POST', '/v1/pkd/certificates', { token: reader, body })
  assert.equal(forbidden.json.code, 'role_missing')
  assert.equal((await lookup({ fingerprint: sha256(der) })).status, 404)
})

test('lookups are cached, also those that find nothing; a change forgets them; each is counted by cache_hit', async () => {
  const { der } = csca.issue('C=UT, CN=DSC cached')
  const name = { subject: 'CN=DSC cached,C=UT' }
  const before = [await counted('true'), await counted('false')] as const

  assert.deepEqual([(await lookup(name)).status, (await lookup(name)).status], [404, 404])
  await publish(der)
  assert.deepEqual([(await lookup(name)).status, (await lookup({ subject: 'cn=DSC CACHED,c=UT' })).status], [200, 200])
  assert.equal((await lookup(name)).json.publicKey, (await publish(der)).json.entry.publicKey)
  const body = { reason: 'test' }
  await marty.request('POST', `/v1/pkd/certificates/${sha256(der)}/withdraw`, { token: administrator, body })
  assert.equal((await lookup(name)).status, 404)

  assert.deepEqual([(await counted('true')) - before[0], (await counted('false')) - before[1]], [3, 3])

  async function counted(hit: string): Promise<number> {
    const { text } = await marty.request('GET', '/metrics', { token: reader })
    const found = new RegExp(`^marty_pki_pkd_lookup_requests_total\\{cache_hit="${hit}"\\} (\\d+)$`, 'm').exec(text)
    return Number(found?.[1] ?? 0)
  }
})
