import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRoot, issueCertificate, keyUsage, testKey } from '../../../layer/pki/src/testing/index.ts'
import { base64, crlRecord, dscRecord, imported, masterListRecord, sha256 } from '../support/pkd-directory.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import {
  addAnchor,
  csca,
  importList,
  linkCertificate,
  listSigner,
  longLived,
  masterList,
} from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
let token: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  token = marty.token({ subject: 'admin-1', roles: ['pkd_administrator'], permissions: [] })
  assert.equal((await addAnchor(marty, trusted.der)).status, 201)
})
after(() => marty.stop())

const trusted = csca('UT')
const get = (path: string) => marty.request('GET', path, { token })
const importLdif = (ldif: string) => imported(marty, token, { ldif })
const conformanceOf = async (der: Uint8Array) => (await get(`/v1/pkd/certificates/${sha256(der)}`)).json.conformance
const quarantineOf = async (jobId: string) => (await get(`/v1/pkd/imports/${jobId}/quarantine`)).json.records

test('a document signer with a path to a trusted CSCA conforms', async () => {
  const { der } = trusted.issue('C=UT, CN=DSC', longLived)
  await importLdif(dscRecord(der))
  assert.deepEqual(await conformanceOf(der), { status: 'conforming', findings: [] })
})

test('also one of the new CSCA key, by its link certificate', async () => {
  const renewed = csca('UT', 2)
  const { der } = renewed.issue('C=UT, CN=DSC of the new key', longLived)
  await importLdif(dscRecord(der))
  assert.equal((await conformanceOf(der)).status, 'unverified')
  const certificates = [trusted.der, linkCertificate(trusted, renewed)]
  const list = await importList(marty, masterList({ certificates, signer: listSigner(trusted, 'UT') }), {
    trustedSigner: sha256(trusted.der),
  })
  assert.equal(list.status, 201, list.text)

  const again = await importLdif(dscRecord(der))

  assert.equal(again.json.updated, 1)
  assert.equal((await conformanceOf(der)).status, 'conforming')
})

test('one that is signed by another key under the name and key identifier of the CSCA is refused', async () => {
  const impostor = createRoot(trusted.name, { key: testKey('p256', 'impostor') })
  const genuine = trusted.issue('C=UT, CN=DSC forged', longLived)
  const forged = Uint8Array.from(genuine.der)
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
  const { json } = await importLdif(dscRecord(forged))
  assert.equal(json.quarantined, 1)
  assert.equal((await quarantineOf(json.jobId))[0].code, 'signature_invalid')
  const body = { certificate: base64(forged) }
  const published = await marty.request('POST', '/v1/pkd/certificates', { token, body })
  assert.deepEqual([published.status, published.json.code], [422, 'certificate_refused'])
  // Another key identifier: a CSCA that is not known here may well have signed it.
  const unknown = impostor.issue('C=UT, CN=DSC of an unknown key', longLived).der
  await importLdif(dscRecord(unknown))
  assert.deepEqual(await conformanceOf(unknown), { status: 'unverified', findings: ['issuer_not_trusted'] })
})

test('one that is signed rightly and breaks the profile does not conform, with the findings', async () => {
  const { der } = trusted.issue('C=UT, CN=DSC wrong usage', { ...longLived, extensions: [keyUsage(['keyCertSign'])] })
  await importLdif(dscRecord(der))
  const { status, findings } = await conformanceOf(der)
  assert.equal(status, 'non_conforming')
  assert.ok(findings.includes('key_usage_not_exact'), findings.join())
})

test('a lookup prefers the certificate that conforms', async () => {
  const subject = 'C=UT, CN=DSC preferred'
  const conforming = trusted.issue(subject, { ...longLived, key: testKey('p256', 'good') })
  const newer = csca('UT', 9).issue(subject, {
    key: testKey('p256', 'newer'),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: longLived.notAfter,
  })
  await importLdif(dscRecord(newer.der) + dscRecord(conforming.der))
  const found = await get('/v1/pkd/keys?subject=CN%3DDSC%20preferred,C%3DUT')
  assert.equal(found.json.fingerprint, sha256(conforming.der))
})

test('a CRL is stored with its numbers; its signature is checked where the CSCA is trusted', async () => {
  const entries = [{ serial: 5 }, { serial: 6 }]
  const older = trusted.crl({
    entries: [],
    thisUpdate: new Date('2026-01-01T00:00:00Z'),
    nextUpdate: new Date('2026-02-01T00:00:00Z'),
  })
  const newer = trusted.crl({ entries, thisUpdate: new Date('2026-03-01T00:00:00Z'), nextUpdate: null })
  const forged = Uint8Array.from(newer)
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
  const strangers = createRoot('C=XX, CN=CSCA XX').crl()

  const { json } = await importLdif([older, newer, forged, strangers].map(crl => crlRecord(crl)).join(''))

  assert.deepEqual([json.added, json.quarantined], [3, 1])
  assert.equal((await quarantineOf(json.jobId))[0].code, 'signature_invalid')
  const { crls } = (await get('/v1/pkd/crls?issuer=CN%3DCSCA,O%3DState,C%3DUT')).json
  assert.deepEqual(
    crls.map(({ fingerprint, thisUpdate, nextUpdate, stale, revoked, signature, country }: Record<string, unknown>) => [
      fingerprint, thisUpdate, nextUpdate, stale, revoked, signature, country,
    ]),
    [
      [sha256(newer), '2026-03-01T00:00:00.000Z', undefined, false, 2, 'verified', 'UT'],
      [sha256(older), '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z', true, 0, 'verified', 'UT'],
    ],
  ) // biome-ignore format: rows
  assert.equal((await get(`/v1/pkd/crls/${sha256(newer)}`)).json.content, base64(newer))
  const all = (await get('/v1/pkd/crls')).json.crls
  assert.equal(all.length, 3)
  assert.equal(all.find((crl: { country: string }) => crl.country === 'XX').signature, 'unverified')
  assert.equal((await get(`/v1/pkd/crls/${sha256(forged)}`)).status, 404)
})

test('a master list is kept as it was published; its signer is checked where the CSCA is trusted', async () => {
  const list = masterList({ certificates: [trusted.der], signer: listSigner(trusted, 'UT') })
  const stranger = createRoot('C=XY, CN=CSCA XY', longLived)
  const foreign = masterList({ certificates: [stranger.der], signer: listSigner(stranger, 'XY') })
  const forged = Uint8Array.from(list)
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1

  const { json } = await importLdif([list, foreign, forged].map(content => masterListRecord(content)).join(''))

  assert.deepEqual([json.added, json.quarantined], [2, 1])
  assert.equal((await quarantineOf(json.jobId))[0].code, 'signature_invalid')
  const { masterLists } = (await get('/v1/pkd/master-lists')).json
  const byHash = new Map(masterLists.map((entry: { fingerprint: string }) => [entry.fingerprint, entry]))
  const known = byHash.get(sha256(list)) as Record<string, unknown>
  assert.deepEqual(
    [known['country'], known['certificates'], known['signature'], known['findings'], known['collection']],
    ['UT', 1, 'verified', [], '002'],
  )
  const unknown = byHash.get(sha256(foreign)) as Record<string, unknown>
  assert.deepEqual([unknown['country'], unknown['signature']], ['XY', 'unverified'])
  assert.equal((await get(`/v1/pkd/master-lists/${sha256(list)}`)).json.content, base64(list))
  const exported = await get('/v1/pkd/exports?format=ldif&collection=002')
  const again = await importLdif(exported.text)
  assert.deepEqual([again.json.unchanged, again.json.processed], [2, 2])
  const alone = await imported(marty, token, { masterList: base64(list) })
  assert.deepEqual([alone.json.unchanged, alone.json.processed], [1, 1])
})

test('a CSCA of the trust store conforms by itself', async () => {
  await importLdif(dscRecord(trusted.der))
  const entry = (await get(`/v1/pkd/certificates/${sha256(trusted.der)}`)).json
  assert.deepEqual([entry.kind, entry.conformance.status], ['csca', 'conforming'])
  const stranger = issueCertificate({
    ...longLived, subject: 'C=UT, CN=DSC v1', issuer: trusted.name, key: testKey('p256', 'v1'), signer: trusted.key, version: 1,
  }) // biome-ignore format: one certificate
  await importLdif(dscRecord(stranger))
  assert.equal((await conformanceOf(stranger)).status, 'non_conforming')
})

test('an issuer whose newest CRL is past its nextUpdate is published once', async () => {
  const late = createRoot('C=XL, CN=CSCA late')
  const on = (day: string) => new Date(`${day}T00:00:00Z`)
  const crls = [
    late.crl({ thisUpdate: on('2026-01-01'), nextUpdate: on('2026-02-01') }),
    late.crl({ thisUpdate: on('2026-03-01'), nextUpdate: on('2026-04-01') }),
    createRoot('C=XM, CN=CSCA in time').crl({ thisUpdate: on('2026-01-01'), nextUpdate: on('2049-01-01') }),
  ]
  await importLdif(crls.map(crl => crlRecord(crl)).join(''))
  const check = async () => (await marty.request('POST', '/v1/pkd/crls/check', { token, body: {} })).json
  const first = await check()
  const events = () =>
    storedRows(marty.dataDirectory, 'outbox')
      .map(row => JSON.parse(row.event))
      .filter(({ type, data }) => type === 'marty.crl_stale.v1' && data.issuer === 'CN=CSCA late,C=XL')
  assert.ok(first.stale >= 1 && first.told === first.stale && first.issuers > first.stale)
  assert.deepEqual(
    events().map(({ data }) => [data.fingerprint, data.nextUpdate, data.country]),
    [[sha256(crls[1] ?? new Uint8Array()), '2026-04-01T00:00:00.000Z', 'XL']],
  )
  assert.deepEqual(await check(), { ...first, told: 0 })
  assert.equal(events().length, 1)
})
