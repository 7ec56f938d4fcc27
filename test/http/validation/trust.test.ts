import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createRoot, type MockAuthority, testDay, testKey } from '../../../layer/pki/src/testing/index.ts'
import { auditor, base64, codes, pem, time } from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let marty: TestPlatform
let administrator: string
let anyone: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  administrator = marty.token({ subject: 'admin', roles: ['trust_administrator'], permissions: [] })
  anyone = marty.token({ subject: 'anyone', roles: [], permissions: [] })
})
after(() => marty.stop())

async function change(path: string, body: object): Promise<TestAnswer> {
  const answer = await marty.request('POST', path, { token: administrator, body })
  assert.ok(answer.status < 300, `${path}: ${answer.text}`)
  return answer
}

const trust = (authority: MockAuthority, purposes = ['general']) =>
  change('/v1/trust-anchors', { certificate: pem(authority.der), purposes, allowNotSelfSigned: true })

function judge(body: object): Promise<TestAnswer> {
  return marty.request('POST', '/v1/certificates/validate', {
    token: anyone,
    body: { profile: 'rfc5280', time, ...body },
  })
}

/** A moment after everything that has happened and before everything to come. */
async function between(): Promise<string> {
  await new Promise(resume => setTimeout(resume, 5))
  const moment = new Date().toISOString()
  await new Promise(resume => setTimeout(resume, 5))
  return moment
}

async function replayed(answer: TestAnswer): Promise<void> {
  const path = `/v1/validations/${answer.json.validationId}/replay`
  const replay = await marty.request('POST', path, { token: anyone, body: {} })
  assert.equal(replay.json.same, true, replay.text)
}

test('the store decides: trusted, distrusted with the reason, restored, and as it was before', async () => {
  const root = createRoot('C=UT, CN=Stored Root')
  const ca = root.subordinate('C=UT, CN=Stored CA')
  const leaf = ca.issue('C=UT, CN=Stored Leaf')
  const body = { certificate: base64(leaf.der), intermediates: [base64(ca.der)] }

  const unknown = await judge(body)
  assert.deepEqual([unknown.json.valid, codes(unknown.json)], [false, ['no_path']])

  await trust(root)
  const trusted = await judge(body)
  assert.equal(trusted.json.valid, true, trusted.text)
  assert.equal(trusted.json.anchor.sha256, sha256(root.der))
  assert.ok(trusted.json.anchorsGeneration > unknown.json.anchorsGeneration)
  const whileTrusted = await between()

  await change(`/v1/trust-anchors/${sha256(root.der)}/distrust`, { reason: 'key found in a drawer' })
  const distrusted = await judge(body)
  assert.equal(distrusted.json.valid, false)
  const finding = distrusted.json.findings.find(({ code }: { code: string }) => code === 'issuer_distrusted')
  assert.match(finding.message, /CN=Stored Root.*key found in a drawer/)
  const before = await judge({ ...body, asOf: whileTrusted })
  assert.equal(before.json.valid, true, before.text)
  assert.equal(before.json.anchorsGeneration, trusted.json.anchorsGeneration)

  // What was decided stays decided: each verdict is repeated by what was trusted then.
  for (const answer of [unknown, trusted, distrusted, before]) await replayed(answer)

  await change(`/v1/trust-anchors/${sha256(root.der)}/restore`, { reason: 'the drawer was ours' })
  assert.equal((await judge(body)).json.valid, true)
})

test('an anchor is trusted for its purposes alone', async () => {
  const root = createRoot('C=UT, CN=Only CSCA')
  const leaf = root.issue('C=UT, CN=Somebody')
  await trust(root, ['csca'])
  const { json, text } = await judge({ certificate: base64(leaf.der) })
  assert.equal(json.valid, false)
  assert.ok(codes(json).includes('issuer_other_purpose'), text)
})

test('a distrusted certificate gets no valid verdict, even where an administrator vouches for it', async () => {
  const root = createRoot('C=UT, CN=Root of a bad one')
  const bad = root.subordinate('C=UT, CN=Bad')
  await trust(root)
  await trust(bad)
  const good = await judge({ certificate: base64(bad.der) })
  assert.equal(good.json.valid, true, good.text)
  await change(`/v1/trust-anchors/${sha256(bad.der)}/distrust`, { reason: 'bad' })
  const refused = await judge({ certificate: base64(bad.der) })
  assert.equal(refused.json.valid, false)
  assert.equal(refused.json.findings[0].code, 'certificate_distrusted', refused.text)
  await replayed(refused)
  // Nor does anything below it, over whatever certificate of that name and key.
  const again = root.subordinate('C=UT, CN=Bad', { key: bad.key, notAfter: testDay(10) })
  const below = await judge({
    certificate: base64(bad.issue('C=UT, CN=Below').der),
    intermediates: [base64(again.der)],
  })
  assert.equal(below.json.valid, false, below.text)
  assert.ok(codes(below.json).includes('issuer_distrusted'), below.text)
})

test('a revocation made known here counts from its moment on, for the certificate and for what it issued', async () => {
  const root = createRoot('C=UT, CN=Revoking Root')
  const ca = root.subordinate('C=UT, CN=Revoked CA')
  const leaf = ca.issue('C=UT, CN=Below a revoked CA')
  await trust(root)
  const body = { certificate: base64(leaf.der), intermediates: [base64(ca.der)] }
  const before = await judge(body)
  assert.equal(before.json.valid, true, before.text)
  const beforehand = await between()
  await change(`/v1/certificates/${sha256(ca.der)}/revocations`, {
    reason: 'superseded',
    revokedAt: testDay(-2).toISOString(),
    comment: 'replaced',
  })

  const after = await judge(body)
  assert.equal(after.json.valid, false)
  const finding = after.json.findings.find(({ code }: { code: string }) => code === 'issuer_revoked')
  assert.match(finding.message, /superseded: replaced/)
  assert.equal((await judge({ ...body, time: testDay(-3).toISOString() })).json.valid, true, 'not yet revoked then')
  assert.equal((await judge({ ...body, asOf: beforehand })).json.valid, true, 'not yet known then')
  const itself = await judge({ certificate: base64(ca.der) })
  assert.equal(itself.json.findings[0].code, 'certificate_revoked', itself.text)
  await replayed(after)
  await replayed(before)

  const impact = await marty.request('GET', `/v1/certificates/${sha256(ca.der)}/impact`, { token: auditor(marty) })
  const touched = new Map(
    impact.json.validations.map(({ validationId, roles, valid }: Record<string, unknown>) => [
      validationId,
      { roles, valid },
    ]),
  )
  assert.deepEqual(touched.get(before.json.validationId), { roles: ['ca'], valid: true })
  assert.deepEqual(touched.get(after.json.validationId), { roles: ['refused'], valid: false })
  assert.deepEqual(touched.get(itself.json.validationId), { roles: ['target', 'refused'], valid: false })
})

test('a compromised key counts for every moment', async () => {
  const root = createRoot('C=UT, CN=Root of a thief')
  const leaf = root.issue('C=UT, CN=Stolen')
  await trust(root)
  await change(`/v1/certificates/${sha256(leaf.der)}/revocations`, { reason: 'keyCompromise' })
  const { json } = await judge({ certificate: base64(leaf.der), time: testDay(-300).toISOString() })
  assert.deepEqual([json.valid, json.findings[0].code], [false, 'certificate_revoked'])
})

test('a batch over many issuers takes the anchors of each', async () => {
  const roots = Array.from({ length: 5 }, (_, index) => createRoot(`C=UT, CN=Batch Root ${index}`))
  for (const root of roots.slice(0, 4)) await trust(root)
  const certificates = Array.from({ length: 50 }, (_, index) => {
    const issuer = roots[index % 5] as MockAuthority
    return base64(issuer.issue(`C=UT, CN=Batch Leaf ${index}`, { key: testKey() }).der)
  })
  const { json, text } = await judge({ certificates })
  assert.equal(json.validations.length, 50, text.slice(0, 300))
  for (const [index, { valid, anchor }] of json.validations.entries()) {
    const root = roots[index % 5] as MockAuthority
    assert.equal(valid, index % 5 < 4, String(index))
    assert.equal(anchor?.sha256, valid ? sha256(root.der) : undefined)
  }
})
