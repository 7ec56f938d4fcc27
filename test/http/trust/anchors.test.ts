import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRoot, keyUsage, subjectKeyIdentifier, testKey } from '../../../layer/pki/src/testing/index.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import {
  addAnchor,
  administrator,
  base64,
  csca,
  generationOf,
  get,
  judge,
  linkCertificate,
  longLived,
  reader,
  sha256,
} from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const change = (anchorId: string, action: 'distrust' | 'restore', reason: string) =>
  marty.request('POST', `/v1/trust-anchors/${anchorId}/${action}`, { token: administrator(marty), body: { reason } })

const eventsOf = (type: string, subject: string) =>
  storedRows(marty.dataDirectory, 'outbox')
    .map(({ event }) => JSON.parse(event))
    .filter(event => event.type === type && event.subject === subject)

test('an anchor is added, found, and verdicts follow it; distrusted, they turn and say why; asOf remembers', async () => {
  const old = csca('AA')
  const renewed = csca('AA', 2)
  const link = linkCertificate(old, renewed)
  const anchorId = sha256(old.der)
  assert.equal((await judge(marty, link)).json.valid, false)

  const added = await addAnchor(marty, old.der, { provenance: 'handed over at the ceremony' })

  assert.equal(added.status, 201, added.text)
  assert.deepEqual(added.json, { anchorId, generation: await generationOf(marty), status: 'trusted' })
  const found = await get(marty, `/v1/trust-anchors/${anchorId}`)
  assert.equal(found.status, 200, found.text)
  const { status, kind, purposes, country, sources, provenance, principal } = found.json
  assert.deepEqual([status, kind, purposes, country], ['trusted', 'anchor', ['csca'], 'AA'])
  assert.deepEqual([sources, provenance, principal], [['administrator'], 'handed over at the ceremony', 'admin-1'])
  assert.match(found.json.certificate, /^-----BEGIN CERTIFICATE-----\n/)
  const trusted = await judge(marty, link)
  assert.equal(trusted.json.valid, true, trusted.text)
  assert.equal(trusted.json.anchor.sha256, anchorId)
  const whileTrusted = new Date().toISOString()
  await new Promise(resume => setTimeout(resume, 5))

  const distrusted = await change(anchorId, 'distrust', 'the key was copied')

  assert.equal(distrusted.status, 200, distrusted.text)
  assert.equal(distrusted.json.status, 'distrusted')
  const now = await judge(marty, link)
  assert.equal(now.json.valid, false)
  assert.match(now.text, /the key was copied/)
  const then = await judge(marty, link, { asOf: whileTrusted })
  assert.equal(then.json.valid, true, then.text)
  assert.equal((await get(marty, `/v1/trust-anchors/${anchorId}?asOf=${whileTrusted}`)).json.status, 'trusted')

  const restored = await change(anchorId, 'restore', 'it was a drill')
  assert.deepEqual([restored.status, restored.json.status], [200, 'trusted'])
  assert.equal((await judge(marty, link)).json.valid, true)
  const { versions } = (await get(marty, `/v1/trust-anchors/${anchorId}/history`)).json
  assert.deepEqual(
    versions.map((version: { status: string; action: string; reason?: string }) => [
      version.status,
      version.action,
      version.reason,
    ]),
    [
      ['trusted', 'anchor_added', undefined],
      ['distrusted', 'anchor_distrusted', 'the key was copied'],
      ['trusted', 'anchor_restored', 'it was a drill'],
    ],
  )
  for (const type of ['trust_anchor_added', 'trust_anchor_distrusted', 'trust_anchor_restored']) {
    assert.equal(eventsOf(`marty.${type}.v1`, anchorId).length, 1, type)
  }
})

test('a distrusted key does not come back over a link certificate or with the request', async () => {
  const [old, renewed] = [csca('AB'), csca('AB', 2)]
  const link = linkCertificate(old, renewed)
  const signer = renewed.issue('C=AB, O=State, CN=Signer', longLived)
  await addAnchor(marty, old.der)
  await addAnchor(marty, renewed.der)
  const overLink = { profile: 'icao-dsc', intermediates: [base64(link)] }
  assert.equal((await judge(marty, signer.der, overLink)).json.valid, true)

  await change(sha256(renewed.der), 'distrust', 'stolen')

  const verdict = await judge(marty, signer.der, overLink)
  assert.equal(verdict.json.valid, false)
  assert.match(verdict.text, /stolen/)
})

test('who may do what', async () => {
  const body = { certificate: base64(csca('AC').der), purposes: ['csca'] }
  const before = await generationOf(marty)
  const asReader = await marty.request('POST', '/v1/trust-anchors', { token: reader(marty), body })
  assert.deepEqual([asReader.status, asReader.json.code], [403, 'role_missing'])
  const anonymous = await marty.request('GET', '/v1/trust-anchors')
  assert.deepEqual([anonymous.status, anonymous.json.code], [401, 'authentication_required'])
  const path = `/v1/trust-anchors/${sha256(csca('AA').der)}/distrust`
  const distrust = await marty.request('POST', path, { token: reader(marty), body: { reason: 'no' } })
  assert.equal(distrust.json.code, 'role_missing')
  assert.equal(await generationOf(marty), before)
})

test('what cannot be an anchor is refused with every reason, and nothing changes', async () => {
  const authority = csca('AD')
  const noCa = authority.issue('C=AD, CN=Nobody', longLived).der
  const forged = csca('AD', 3).der.slice()
  forged[forged.length - 5] = (forged.at(-5) ?? 0) ^ 1
  const noCertSign = createRoot('C=AD, CN=Cannot sign', {
    ...longLived,
    extensions: [keyUsage(['digitalSignature']), subjectKeyIdentifier(testKey())],
  }).der
  const subordinate = authority.subordinate('C=AD, CN=Sub', longLived).der
  const noCountry = createRoot('CN=Nowhere', longLived).der
  const cases: readonly (readonly [string, object, string, RegExp])[] = [
    ['no CA', { certificate: base64(noCa) }, 'trust_anchor_unsuitable', /not_a_ca/],
    ['no keyCertSign', { certificate: base64(noCertSign) }, 'trust_anchor_unsuitable', /not_a_ca.*key_usage_not_exact/],
    ['forged', { certificate: base64(forged) }, 'trust_anchor_unsuitable', /not_self_signed/],
    ['not self-signed', { certificate: base64(subordinate) }, 'trust_anchor_unsuitable', /not_self_signed/],
    ['no country', { certificate: base64(noCountry) }, 'trust_anchor_unsuitable', /country_missing/],
    [
      'another country',
      { certificate: base64(authority.der), country: 'ZZ' },
      'trust_anchor_unsuitable',
      /country_mismatch/,
    ],
    ['truncated', { certificate: base64(authority.der.slice(0, 100)) }, 'certificate_malformed', /certificate/],
    ['no certificate', { certificate: 'hello' }, 'certificate_malformed', /base64/],
    ['two', { certificate: [authority.der, noCa].map(pem).join('') }, 'certificate_malformed', /exactly one/],
    ['no purpose', { certificate: base64(authority.der), purposes: [] }, 'validation_failed', /purposes/],
    ['unknown member', { certificate: base64(authority.der), trust: 'me' }, 'validation_failed', /trust/],
    [
      'an empty window',
      { certificate: base64(authority.der), validFrom: '2026-02-01T00:00:00Z', validTo: '2026-01-01T00:00:00Z' },
      'trust_anchor_unsuitable',
      /window_empty/,
    ],
  ]
  const [generation, rows] = [await generationOf(marty), storedRows(marty.dataDirectory, 'trust_entries').length]
  for (const [name, given, code, detail] of cases) {
    const body = { purposes: ['csca'], ...given }
    const answer = await marty.request('POST', '/v1/trust-anchors', { token: administrator(marty), body })
    assert.deepEqual([answer.status, answer.json.code], [422, code], `${name}: ${answer.text}`)
    assert.match(answer.text, detail, name)
  }
  assert.equal(await generationOf(marty), generation)
  assert.equal(storedRows(marty.dataDirectory, 'trust_entries').length, rows)

  const allowed = await addAnchor(marty, subordinate, { allowNotSelfSigned: true })
  assert.equal(allowed.status, 201, allowed.text)
  const named = await addAnchor(marty, noCountry, { purposes: ['general'], country: 'AD' })
  assert.equal(named.status, 201, named.text)
  const { anchors } = (await get(marty, '/v1/trust-anchors?country=AD')).json
  assert.deepEqual(anchors.map(({ subject }: { subject: string }) => subject).sort(), ['CN=Nowhere', 'CN=Sub,C=AD'])
})

const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${base64(der).replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`

test('a duplicate, an unknown one and a state it is in already have their own codes; a repeated request is answered once', async () => {
  const { der } = csca('AE')
  const token = administrator(marty)
  const headers = { 'idempotency-key': 'add-ae-1' }
  const request = { token, headers, body: { certificate: base64(der), purposes: ['csca'] } }
  const first = await marty.request('POST', '/v1/trust-anchors', request)
  assert.equal(first.status, 201, first.text)
  const again = await marty.request('POST', '/v1/trust-anchors', request)
  assert.deepEqual([again.status, again.json], [201, first.json])
  const generation = await generationOf(marty)
  const duplicate = await addAnchor(marty, der)
  assert.deepEqual([duplicate.status, duplicate.json.code], [409, 'trust_anchor_exists'])
  const early = await change(sha256(der), 'restore', 'why not')
  assert.deepEqual([early.status, early.json.code], [409, 'trust_status_unchanged'])
  const unknown = await change('0'.repeat(64), 'distrust', 'who')
  assert.deepEqual([unknown.status, unknown.json.code], [404, 'trust_anchor_not_found'])
  assert.equal((await get(marty, `/v1/trust-anchors/${'0'.repeat(64)}`)).json.code, 'trust_anchor_not_found')
  assert.equal((await get(marty, '/v1/trust-anchors/nonsense')).json.code, 'validation_failed')
  assert.equal(await generationOf(marty), generation)
})

test('an anchor serves its purposes only, and within its window', async () => {
  const root = csca('AF')
  const next = linkCertificate(root, csca('AF', 2))
  await addAnchor(marty, root.der, {
    purposes: ['tls'],
    validFrom: '2026-01-01T00:00:00Z',
    validTo: '2026-06-30T00:00:00Z',
  })
  const asCsca = await judge(marty, next, { time: '2026-02-01T00:00:00Z' })
  assert.equal(asCsca.json.valid, false)
  assert.match(asCsca.text, /trusted for tls/)
  const { json } = await get(marty, '/v1/trust-anchors?purpose=tls&country=AF')
  assert.equal(json.anchors.length, 1)
  assert.equal((await get(marty, '/v1/trust-anchors?purpose=csca&country=AF')).json.anchors.length, 0)

  const other = csca('AG')
  const link = linkCertificate(other, csca('AG', 2))
  await addAnchor(marty, other.der, { validFrom: '2026-01-01T00:00:00Z', validTo: '2026-06-30T00:00:00Z' })
  assert.equal((await judge(marty, link, { time: '2026-02-01T00:00:00Z' })).json.valid, true)
  const late = await judge(marty, link, { time: '2026-08-01T00:00:00Z' })
  assert.equal(late.json.valid, false)
  assert.match(late.text, /outside_window/)
})

test('lists are filtered and paged; all pages show one generation', async () => {
  for (let number = 0; number < 7; number++) await addAnchor(marty, csca('AH', `page ${number}`).der)
  const soon = createRoot('C=AH, CN=Soon over', { notBefore: longLived.notBefore, notAfter: inDays(10) })
  await addAnchor(marty, soon.der)
  await change(sha256(soon.der), 'distrust', 'old')

  const first = await get(marty, '/v1/trust-anchors?country=AH&limit=3')
  await addAnchor(marty, csca('AH', 'while paging').der)
  const seen = first.json.anchors.map(({ anchorId }: { anchorId: string }) => anchorId)
  for (let { cursor } = first.json; cursor !== undefined; ) {
    const page = await get(marty, `/v1/trust-anchors?country=AH&limit=3&cursor=${cursor}`)
    assert.equal(page.json.generation, first.json.generation)
    seen.push(...page.json.anchors.map(({ anchorId }: { anchorId: string }) => anchorId))
    cursor = page.json.cursor
  }
  assert.equal(seen.length, 8)
  assert.equal(new Set(seen).size, 8)
  const ids = async (query: string) =>
    (await get(marty, `/v1/trust-anchors?country=AH&${query}`)).json.anchors.map(
      (a: { anchorId: string }) => a.anchorId,
    )
  assert.deepEqual(await ids('status=distrusted'), [sha256(soon.der)])
  assert.deepEqual(await ids('expiringWithinDays=30'), [sha256(soon.der)])
  assert.deepEqual(await ids('expiringWithinDays=5'), [])
  assert.equal((await ids('limit=100')).length, 9)
  const twice = Buffer.from('{"g":1,"g":1,"r":"AH","a":""}').toString('base64url')
  for (const query of [
    `cursor=${twice}`,
    'cursor=bm9uc2Vuc2U',
    'cursor=%00',
    'limit=0',
    'country=Germany',
    'asOf=yesterday',
  ]) {
    const answer = await get(marty, `/v1/trust-anchors?${query}`)
    assert.equal(answer.status, 422, query)
  }
})

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)

test('a revocation is made known once, with its event', async () => {
  const fingerprint = sha256(csca('AI').der)
  const path = `/v1/certificates/${fingerprint}/revocations`
  const token = administrator(marty)
  const refused = await marty.request('POST', path, { token: reader(marty), body: { reason: 'keyCompromise' } })
  assert.equal(refused.json.code, 'role_missing')
  const tomorrow = { reason: 'keyCompromise', revokedAt: inDays(1).toISOString() }
  assert.equal((await marty.request('POST', path, { token, body: tomorrow })).json.code, 'validation_failed')
  assert.deepEqual((await get(marty, path)).json.revocations, [])

  const revoked = await marty.request('POST', path, { token, body: { reason: 'keyCompromise', comment: 'theft' } })

  assert.equal(revoked.status, 201, revoked.text)
  assert.deepEqual((await get(marty, path)).json.revocations, [revoked.json])
  const [event, ...others] = eventsOf('marty.certificate_revoked.v1', fingerprint)
  assert.deepEqual([event.data.fingerprint, event.data.reason, others.length], [fingerprint, 'keyCompromise', 0])
  const again = await marty.request('POST', path, { token, body: { reason: 'superseded' } })
  assert.deepEqual([again.status, again.json.code], [409, 'revocation_exists'])
})

test('each change that is made counts by its operation, in the metric of the description', async () => {
  const counted = async (operation: string) => {
    const { text } = await marty.request('GET', '/metrics', { token: reader(marty) })
    const line = new RegExp(`^marty_pki_trust_anchor_operations_total\\{operation="${operation}"\\} (\\d+)$`, 'm')
    return Number(line.exec(text)?.[1] ?? 0)
  }
  const before = [await counted('add'), await counted('distrust')] as const
  const authority = csca('AM')

  assert.equal((await addAnchor(marty, authority.der, { provenance: 'counted' })).status, 201)
  assert.equal((await change(sha256(authority.der), 'distrust', 'counted too')).status, 200)

  assert.deepEqual([(await counted('add')) - before[0], (await counted('distrust')) - before[1]], [1, 1])
})
