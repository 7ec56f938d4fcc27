import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  createRoot,
  crlDistributionPoints,
  crlNumber,
  type IssuedCertificate,
  type MockAuthority,
  reasonCode,
  testKey,
  uriPoint,
} from '../../../layer/pki/src/testing/index.ts'
import { settled } from '../support/certificate-validation.fixture.ts'
import { fromNow, type OnlinePki, sends, startOnlinePki } from '../support/online-pki.ts'
import { loopbackOnly } from '../support/source-server.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import { addAnchor, base64, csca, longLived, sha256 } from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: { ...signingWith('ECDSA-SHA256'), ...loopbackOnly } })
})
after(() => marty.stop())

const inspector = () => marty.token({ subject: 'inspector', roles: ['auditor'], permissions: [] })
const pkdAdministrator = () => marty.token({ subject: 'pkd', roles: ['pkd_administrator'], permissions: [] })

async function judged(der: Uint8Array, body: object = {}): Promise<string> {
  const answer = await marty.request('POST', '/v1/certificates/validate', {
    token: inspector(),
    body: { certificate: base64(der), profile: 'icao-dsc', ...body },
  })
  assert.equal(answer.json.valid, true, answer.text)
  return answer.json.validationId
}

async function changeOf(validationId: string) {
  const { json } = await marty.request('GET', `/v1/validations/${validationId}`, { token: inspector() })
  return json.change === undefined ? undefined : [json.change.valid, json.change.cause]
}

async function imported(crl: Uint8Array): Promise<void> {
  const started = await marty.request('POST', '/v1/pkd/imports', {
    token: pkdAdministrator(),
    body: { crl: base64(crl), source: 'test' },
  })
  assert.equal(started.status, 202, started.text)
  await settled(marty)
  const job = await marty.request('GET', `/v1/pkd/imports/${started.json.jobId}`, { token: pkdAdministrator() })
  assert.equal(job.json.state, 'completed', job.text)
}

const list = (by: MockAuthority, number: number, entries: Parameters<MockAuthority['crl']>[0] = {}) =>
  by.crl({ thisUpdate: fromNow(-1), nextUpdate: fromNow(48), extensions: [crlNumber(number)], ...entries })

const told = (type: string) =>
  storedRows(marty.dataDirectory, 'outbox')
    .map(({ event }) => JSON.parse(event))
    .filter(event => event.type === type)

test('a list in the directory finds the verdicts that rest on what it names, without a new request', async () => {
  const authority = csca('RA')
  const names = ['Good', 'Stolen', 'On hold']
  const [good, stolen, held] = names.map(name => authority.issue(`C=RA, O=State, CN=${name}`, longLived))
  assert.ok(good && stolen && held)
  await addAnchor(marty, authority.der)
  const ids = [await judged(good.der), await judged(stolen.der), await judged(held.der)]
  const since = fromNow(-5)
  const entries = [
    { serial: stolen.serial as number, revocationDate: since, extensions: [reasonCode('keyCompromise')] },
    { serial: held.serial as number, revocationDate: fromNow(-5), extensions: [reasonCode('certificateHold')] },
  ]

  await imported(list(authority, 1, { entries }))

  assert.deepEqual(await Promise.all(ids.map(changeOf)), [undefined, [false, 'certificate_revoked'], undefined])
  const known = await marty.request('GET', `/v1/certificates/${sha256(stolen.der)}/revocations`, { token: inspector() })
  const [revocation] = known.json.revocations
  assert.deepEqual([revocation.reason, revocation.revokedAt], ['keyCompromise', since.toISOString()])
  assert.match(revocation.principal, /^crl:[0-9a-f]{64}$/)
  const events = told('marty.certificate_revoked.v1').filter(({ subject }) => subject === sha256(stolen.der))
  assert.equal(events.length, 1)

  await imported(list(authority, 2, { entries }))
  assert.equal(told('marty.certificate_revoked.v1').length, 1, 'it is known already')
})

test('a list that no trusted authority has signed finds nothing', async () => {
  const [authority, impostor] = [csca('RB'), csca('RB', 'impostor')]
  const signer = authority.issue('C=RB, O=State, CN=Signer', longLived)
  await addAnchor(marty, authority.der)
  const id = await judged(signer.der)
  const before = told('marty.certificate_revoked.v1').length
  await imported(list(impostor, 1, { entries: [{ serial: signer.serial as number, revocationDate: fromNow(-5) }] }))
  assert.equal(await changeOf(id), undefined)
  assert.equal(told('marty.certificate_revoked.v1').length, before)
})

test('verdicts that others made since, under their own anchors or without a path, keep back no revocation', async () => {
  const authority = csca('RD')
  const signer = authority.issue('C=RD, O=State, CN=Signer', longLived)
  await addAnchor(marty, authority.der)
  const id = await judged(signer.der)
  const examiner = marty.token({ subject: 'examiner', roles: [], permissions: ['supply_trust_anchors'] })
  const judge = async (token: string, body: object) => {
    const { json } = await marty.request('POST', '/v1/certificates/validate', {
      token,
      body: { certificate: base64(signer.der), profile: 'icao-dsc', ...body },
    })
    return json.valid
  }
  const many = Array.from({ length: 30 }, (_, i) => i)
  const ownAnchors = await Promise.all(many.map(() => judge(examiner, { anchors: [base64(authority.der)] })))
  // The anchor is trusted for passports only.
  const noPath = await Promise.all(many.map(() => judge(inspector(), { profile: 'rfc5280' })))
  assert.deepEqual([new Set(ownAnchors), new Set(noPath)], [new Set([true]), new Set([false])])

  await imported(list(authority, 1, { entries: [{ serial: signer.serial as number, revocationDate: fromNow(-5) }] }))
  assert.deepEqual(await changeOf(id), [false, 'certificate_revoked'])
})

test('a list that was fetched for one certificate turns the verdicts on the others that it names', async () => {
  const pki = await startOnlinePki('Fetched lists')
  try {
    await addAnchor(marty, pki.root.der, { purposes: ['general'] })
    const [first, second] = [pki.leaf('One', { crl: '/ca.crl' }), pki.leaf('Two', { crl: '/ca.crl' })]
    const help = { profile: 'rfc5280', intermediates: [base64(pki.ca.der)] }
    const id = await judged(first.der, { ...help, revocation: 'off' })
    pki.answers.set('/root.crl', sends(pki.crl(pki.root)))
    const entries = [{ serial: first.serial as number, revocationDate: fromNow(-3) }]
    pki.answers.set('/ca.crl', sends(pki.crl(pki.ca, { entries })))
    await judged(second.der, { ...help, fetch: true })
    await settled(marty)
    assert.deepEqual(await changeOf(id), [false, 'certificate_revoked'])
  } finally {
    await pki.close()
  }
})

/** Another CA with the name of the victim's issuer, and a CRL of it that lists the victim's serial number. */
async function impostorList(name: string, victim: IssuedCertificate, origin: string, answers: OnlinePki['answers']) {
  const root = createRoot(`C=UT, O=${name}, CN=Impostor Root`, longLived)
  const ca = root.subordinate(`C=UT, O=${name}, CN=CA`, { ...longLived, key: testKey('p256', `impostor ${name}`) })
  const path = `/impostor.crl`
  const crl = ca.crl({
    thisUpdate: fromNow(-1),
    nextUpdate: fromNow(24),
    entries: [{ serial: victim.serial as number, revocationDate: fromNow(-3) }],
  })
  answers.set(path, sends(crl))
  const rootCrl = root.crl({ thisUpdate: fromNow(-1), nextUpdate: fromNow(24) })
  const leaf = ca.issue(`C=UT, O=${name}, CN=Lure`, {
    ...longLived,
    key: testKey(),
    serial: 4711,
    extra: [crlDistributionPoints([uriPoint(`${origin}${path}`)])],
  })
  const help = { profile: 'rfc5280', intermediates: [base64(ca.der)], crls: [base64(rootCrl)], fetch: true }
  return { root, leaf, help }
}

test('a list under anchors of the request, or of another CA of the same name, revokes nothing for other callers', async () => {
  const pki = await startOnlinePki('Victim')
  try {
    await addAnchor(marty, pki.root.der, { purposes: ['general'] })
    const victim = pki.leaf('Victim', { crl: '/ca.crl' })
    const id = await judged(victim.der, {
      profile: 'rfc5280',
      intermediates: [base64(pki.ca.der)],
      revocation: 'off',
    })
    const { root, leaf, help } = await impostorList('Victim', victim, pki.origin, pki.answers)
    const before = told('marty.certificate_revoked.v1').length

    const examiner = marty.token({ subject: 'examiner', roles: [], permissions: ['supply_trust_anchors'] })
    const brought = await marty.request('POST', '/v1/certificates/validate', {
      token: examiner,
      body: { certificate: base64(leaf.der), anchors: [base64(root.der)], ...help },
    })
    assert.equal(brought.json.valid, true, brought.text)
    await settled(marty)
    const rows = storedRows(marty.dataDirectory, 'fetched_evidence').filter(({ url }) => url.endsWith('/impostor.crl'))
    assert.deepEqual(
      rows.map(({ proven }) => proven),
      [undefined],
      'contents are proven by the trust store only',
    )

    // The other CA is trusted now and has the same name; its list still says nothing about this CA's certificates.
    await addAnchor(marty, root.der, { purposes: ['general'] })
    await judged(leaf.der, help)
    await settled(marty)
    assert.equal(await changeOf(id), undefined)
    assert.equal(told('marty.certificate_revoked.v1').length, before)
  } finally {
    await pki.close()
  }
})
