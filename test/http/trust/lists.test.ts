import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buildMasterList, type Certificate, parseCertificate } from '@mmf/pki'
import { createRoot, testKey } from '../../../layer/pki/src/testing/index.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import {
  addAnchor,
  administrator,
  base64,
  csca,
  generationOf,
  get,
  importList,
  judge,
  linkCertificate,
  listSigner,
  longLived,
  masterList,
  reader,
  sha256,
} from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const on = (day: string) => new Date(`${day}T12:00:00Z`)
const statusOf = async (der: Uint8Array) => {
  const { status, json } = await get(marty, `/v1/trust-anchors/${sha256(der)}`)
  return status === 404 ? 'unknown' : `${json.kind} ${json.status}`
}

/** Everything the store is made of: what a refused import must not touch. */
async function state(): Promise<unknown> {
  const tables = ['trust_entries', 'trust_generations', 'trust_imports', 'trust_journal', 'trust_list_parts', 'outbox']
  const rows = tables.map(name => storedRows(marty.dataDirectory, name).length)
  return [await generationOf(marty), ...rows, storedRows(marty.dataDirectory, 'trust_state')]
}

const [home, renewed] = [csca('BA'), csca('BA', 2)]
const [elsewhere, gone] = [csca('BB'), csca('BC')]
const link = linkCertificate(home, renewed)
const signer = listSigner(home, 'BA')

test('a list of an unknown signer is refused; named by hash its CSCA may come with it; the next lists go on from there', async () => {
  const noCa = home.issue('C=BA, CN=No CA', longLived).der
  const first = masterList({
    certificates: [home.der, elsewhere.der, gone.der, noCa],
    signer,
    signingTime: on('2026-01-01'),
  })
  const before = await state()
  const unnamed = await importList(marty, first)
  assert.deepEqual([unnamed.status, unnamed.json.code], [422, 'master_list_untrusted'])
  const wrong = await importList(marty, first, { trustedSigner: sha256(gone.der) })
  assert.equal(wrong.json.code, 'master_list_untrusted')
  assert.deepEqual(await state(), before)

  const imported = await importList(marty, first, { trustedSigner: sha256(home.der) })

  assert.equal(imported.status, 201, imported.text)
  const { counts, anchorId, anchorNamed, generation } = imported.json
  assert.deepEqual([anchorId, anchorNamed, generation], [sha256(home.der), true, await generationOf(marty)])
  assert.deepEqual(counts, {
    certificates: 4,
    countries: 3,
    anchors: 3,
    links: 0,
    quarantined: 1,
    added: 4,
    removed: 0,
    changed: 0,
    trustBegun: 3,
    trustEnded: 0,
  })
  const [quarantined, ...others] = (await get(marty, '/v1/trust-anchors/quarantine')).json.anchors
  assert.deepEqual([quarantined.anchorId, quarantined.quarantine[0].code, others.length], [sha256(noCa), 'not_a_ca', 0])

  // The renewed CSCA signs; it is trusted only because the link certificate leads to the one the store has.
  const successor = listSigner(renewed, 'BA', { key: testKey('p256', 'second signer') })
  const withoutLink = masterList({
    certificates: [renewed.der, elsewhere.der],
    signer: successor,
    signingTime: on('2026-02-01'),
  })
  const unlinked = await importList(marty, withoutLink)
  assert.equal(unlinked.json.code, 'master_list_untrusted', 'a CSCA that arrives only in the list proves nothing')
  const second = masterList({
    certificates: [home.der, renewed.der, link, elsewhere.der],
    signer: successor,
    signingTime: on('2026-02-01'),
  })
  const dry = await importList(marty, second, { dryRun: true })
  assert.equal(dry.status, 200, dry.text)
  assert.equal(await generationOf(marty), generation)
  const prints = (entries: readonly { fingerprint: string }[]) => entries.map(entry => entry.fingerprint).sort()
  assert.deepEqual(prints(dry.json.added), [sha256(renewed.der), sha256(link)].sort())
  assert.deepEqual(prints(dry.json.removed), [sha256(gone.der), sha256(noCa)].sort())
  assert.deepEqual(dry.json.byCountry, {
    BA: { added: 2, removed: 1, changed: 0 },
    BC: { added: 0, removed: 1, changed: 0 },
  })
  const next = await importList(marty, second)
  assert.equal(next.status, 201, next.text)
  assert.deepEqual([next.json.counts.added, next.json.counts.removed, next.json.counts.trustEnded], [2, 2, 1])
  assert.equal(next.json.anchorNamed, false)
  assert.deepEqual(
    [await statusOf(gone.der), await statusOf(link), await statusOf(renewed.der), await statusOf(home.der)],
    ['anchor ended', 'link trusted', 'anchor trusted', 'anchor trusted'],
  )

  const older = await importList(marty, first)
  assert.deepEqual([older.status, older.json.code], [409, 'master_list_older'])
  const same = await importList(marty, second)
  assert.deepEqual([same.status, same.json.code], [409, 'master_list_duplicate'])
  const forced = await importList(marty, first, { force: true })
  assert.equal(forced.status, 201, forced.text)
  assert.equal(await statusOf(gone.der), 'anchor trusted')
  const { imports } = (await get(marty, '/v1/trust-anchors/master-lists')).json
  assert.deepEqual(
    imports.map(({ source, forced, signingTime }: Record<string, unknown>) => [source, forced, signingTime]),
    [
      ['TEST', true, '2026-01-01T12:00:00.000Z'],
      ['TEST', false, '2026-02-01T12:00:00.000Z'],
      ['TEST', false, '2026-01-01T12:00:00.000Z'],
    ],
  )
  const updates = storedRows(marty.dataDirectory, 'outbox')
    .map(({ event }) => JSON.parse(event))
    .filter(({ type, data }) => type === 'marty.master_list_updated.v1' && data.source === 'TEST')
    .sort((a, b) => a.data.generation - b.data.generation)
  assert.deepEqual(
    updates.map(({ data }) => data.ended.sort()),
    [[], [sha256(gone.der)], [sha256(renewed.der), sha256(link)].sort()],
  )
})

test('trust lasts while a source vouches; a distrust outlives every list', async () => {
  const [one, both, bad] = [csca('CA'), csca('CB'), csca('CC')]
  const [stateA, stateB] = [csca('CX'), csca('CY')]
  const sign = (certificates: readonly Uint8Array[], country: 'CX' | 'CY', day: string) =>
    masterList({ certificates, signer: listSigner(country === 'CX' ? stateA : stateB, country), signingTime: on(day) })
  for (const { der } of [stateA, stateB]) await addAnchor(marty, der, { purposes: ['csca', 'master-list-signer'] })
  const good = async (answer: Promise<{ status: number; text: string }>) =>
    assert.equal((await answer).status, 201, (await answer).text)
  await good(importList(marty, sign([one.der, both.der, bad.der], 'CX', '2026-01-01'), { source: 'A' }))
  await good(importList(marty, sign([both.der, bad.der], 'CY', '2026-01-01'), { source: 'B' }))
  const token = administrator(marty)
  const path = `/v1/trust-anchors/${sha256(bad.der)}/distrust`
  await marty.request('POST', path, { token, body: { reason: 'compromised' } })

  await good(importList(marty, sign([bad.der], 'CX', '2026-01-02'), { source: 'A' }))

  assert.deepEqual(
    [await statusOf(one.der), await statusOf(both.der), await statusOf(bad.der)],
    ['anchor ended', 'anchor trusted', 'anchor distrusted'],
  )
  await good(importList(marty, sign([one.der, bad.der], 'CY', '2026-01-02'), { source: 'B' }))
  assert.deepEqual(
    [await statusOf(one.der), await statusOf(both.der), await statusOf(bad.der)],
    ['anchor trusted', 'anchor ended', 'anchor distrusted'],
  )
  const { sources } = (await get(marty, `/v1/trust-anchors/${sha256(one.der)}`)).json
  assert.deepEqual(sources, ['B'])

  // What one state may vouch for is not decided by another: B's lists are signed under CY.
  const intruder = await importList(marty, sign([one.der], 'CX', '2026-01-03'), { source: 'C' })
  assert.equal(intruder.status, 201, 'an anchor with the purpose master-list-signer may sign for a new source')
  const plain = csca('CZ')
  await addAnchor(marty, plain.der)
  const byPlain = masterList({
    certificates: [one.der],
    signer: listSigner(plain, 'CZ'),
    signingTime: on('2026-01-04'),
  })
  for (const source of ['B', 'D']) {
    const answer = await importList(marty, byPlain, { source })
    assert.equal(answer.json.code, 'master_list_untrusted', `a mere CSCA does not sign for ${source}`)
  }
})

test('forged, truncated, unsigned, expired lists and lies about time: a coded answer, nothing changed, the store serves', async () => {
  const state1 = csca('DA')
  await addAnchor(marty, state1.der, { purposes: ['csca', 'master-list-signer'] })
  const trusted = csca('DB')
  const rightful = listSigner(state1, 'DA')
  const good = masterList({ certificates: [state1.der, trusted.der], signer: rightful })
  assert.equal((await importList(marty, good, { source: 'DA' })).status, 201)

  const another = createRoot('C=DA, O=State, CN=CSCA', { ...longLived, key: testKey('p256', 'forger') })
  const expired = listSigner(state1, 'DA', { notAfter: new Date('2021-01-01T00:00:00Z'), key: testKey('p256', 'late') })
  const noPurpose = state1.issue('C=DA, CN=Any signer', { ...longLived, key: testKey('p256', 'no eku') })
  const of = (change: Partial<Parameters<typeof masterList>[0]>) =>
    masterList({
      certificates: [state1.der, csca('DC').der],
      signer: rightful,
      signingTime: on('2026-03-01'),
      ...change,
    })
  const newer = of({})
  const flipped = newer.slice()
  const at = Buffer.from(newer).indexOf(Buffer.from(csca('DC').der)) + 200
  flipped[at] = (newer[at] ?? 0) ^ 1
  const cases: readonly (readonly [string, Uint8Array, string, object?])[] = [
    ['a byte of a listed certificate changed', flipped, 'master_list_untrusted'],
    [
      'signed by a stranger of the same name',
      of({ signer: listSigner(another, 'DA'), bag: [another.der] }),
      'master_list_untrusted',
    ],
    [
      'a stranger who brings himself along in the list',
      of({ signer: listSigner(another, 'DA'), certificates: [another.der, state1.der] }),
      'master_list_untrusted',
    ],
    ['a signer without the purpose', of({ signer: noPurpose }), 'master_list_untrusted'],
    ['a signer whose time is over', of({ signer: expired }), 'master_list_untrusted'],
    ['without the certificate of the signer', of({ bag: [] }), 'master_list_untrusted'],
    ['truncated', newer.slice(0, -100), 'master_list_invalid'],
    ['empty of meaning', Buffer.from('not a list'), 'master_list_invalid'],
    ['bare content without a signature', buildMasterList([state1.der]), 'master_list_invalid'],
    ['a certificate', state1.der, 'master_list_invalid'],
    ['without a signing time', of({ signingTime: null }), 'master_list_invalid'],
    ['signed in a year to come', of({ signingTime: on('2048-01-01') }), 'master_list_invalid'],
    ['named by a hash nothing has', newer, 'master_list_untrusted', { trustedSigner: '1'.repeat(64) }],
    [
      'named by the hash of its signer, which is no CA',
      newer,
      'master_list_untrusted',
      { trustedSigner: sha256(rightful.der) },
    ],
    ['older', of({ signingTime: on('2025-01-01') }), 'master_list_older'],
    ['the same', good, 'master_list_duplicate'],
    ['a source of a reserved name', newer, 'validation_failed', { source: 'administrator' }],
    ['an unknown compatibility', newer, 'validation_failed', { compatibilities: ['anything'] }],
  ]
  const before = await state()
  for (const [name, list, code, more] of cases) {
    for (const dryRun of [false, true]) {
      const answer = await importList(marty, list, { source: 'DA', dryRun, ...more })
      assert.equal(answer.json?.code, code, `${name}: ${answer.text}`)
      assert.doesNotMatch(answer.text, /compatibility [a-z-]+ would/, name)
    }
    const anchors = await get(marty, '/v1/trust-anchors?country=DB')
    assert.equal(anchors.json.anchors.length, 1, name)
  }
  const forbidden = await importList(marty, newer, { source: 'DA' }, reader(marty))
  assert.deepEqual([forbidden.status, forbidden.json.code], [403, 'role_missing'])
  assert.deepEqual(await state(), before)
  const verdict = await judge(marty, linkCertificate(trusted, csca('DB', 2)))
  assert.equal(verdict.json.valid, true, verdict.text)
  assert.equal((await importList(marty, newer, { source: 'DA' })).status, 201, 'the list they were made from is good')
})

test('an expired signer is judged at its signing time only where the request asks for it, and the record says so', async () => {
  const state1 = csca('EA')
  const signer1 = listSigner(state1, 'EA', { notAfter: new Date('2022-01-01T00:00:00Z') })
  const list = masterList({ certificates: [state1.der], signer: signer1, signingTime: on('2021-06-01') })
  // As other tools print a fingerprint: upper case, with colons.
  const printed = sha256(state1.der).toUpperCase().match(/../g)?.join(':')
  const named = { source: 'EA', trustedSigner: printed }
  const refused = await importList(marty, list, named)
  assert.equal(refused.json.code, 'master_list_untrusted')
  assert.match(refused.json.detail, /compatibility signer-at-signing-time would let it pass/)
  const compatibilities = ['signer-at-signing-time']
  const imported = await importList(marty, list, { ...named, compatibilities })
  assert.equal(imported.status, 201, imported.text)
  assert.deepEqual(imported.json.compatibilities, compatibilities)
})

test('a signer that is revoked or distrusted signs no more, and a distrusted CSCA cannot be named', async () => {
  const state1 = csca('FA')
  await addAnchor(marty, state1.der, { purposes: ['csca', 'master-list-signer'] })
  const signer1 = listSigner(state1, 'FA')
  const token = administrator(marty)
  const revocations = `/v1/certificates/${sha256(signer1.der)}/revocations`
  await marty.request('POST', revocations, { token, body: { reason: 'keyCompromise' } })
  const list = masterList({ certificates: [state1.der], signer: signer1 })
  const revoked = await importList(marty, list, { source: 'FA' })
  assert.equal(revoked.json.code, 'master_list_untrusted')
  assert.match(revoked.text, /revoked since/)
  const path = `/v1/trust-anchors/${sha256(state1.der)}/distrust`
  await marty.request('POST', path, { token, body: { reason: 'war' } })
  const other = listSigner(state1, 'FA', { key: testKey('p256', 'other signer') })
  const byOther = masterList({ certificates: [state1.der], signer: other })
  for (const more of [{}, { trustedSigner: sha256(state1.der) }]) {
    const answer = await importList(marty, byOther, { source: 'FA', ...more })
    assert.equal(answer.json.code, 'master_list_untrusted')
  }
})

test('certificates that cannot be read are kept apart with the reason; the rest of the list counts', async () => {
  const state1 = csca('GA')
  const readable: Certificate = parseCertificate(csca('GB').der)
  const broken = readable.der.slice()
  // The version [0] { INTEGER 2 } becomes 9: DER still, but no certificate.
  broken[Buffer.from(broken).indexOf(Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02])) + 4] = 9
  const list = masterList({ certificates: [state1.der, broken], signer: listSigner(state1, 'GA') })
  const imported = await importList(marty, list, { source: 'GA', trustedSigner: sha256(state1.der) })
  assert.equal(imported.status, 201, imported.text)
  assert.deepEqual([imported.json.counts.anchors, imported.json.counts.quarantined], [1, 1])
  const { json } = await get(marty, `/v1/trust-anchors/${sha256(broken)}`)
  assert.deepEqual(
    [json.kind, json.quarantine[0].code, base64(broken).length > 0],
    ['quarantined', 'certificate_malformed', true],
  )
})
