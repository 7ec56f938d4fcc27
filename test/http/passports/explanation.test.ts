import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { auditor, relyingParty } from '../support/certificate-validation.fixture.ts'
import { documentSigner, passport } from '../support/passport.fixture.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { addAnchor, base64, csca } from '../support/trust-anchors.fixture.ts'

const authority = csca('UT')
const signer = documentSigner(authority)
const { body } = passport(signer)

let marty: TestPlatform
let inspector: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  inspector = relyingParty(marty, 'inspector')
  await addAnchor(marty, authority.der)
})
after(() => marty.stop())

async function judged(given: object): Promise<TestAnswer['json']> {
  const answer = await marty.request('POST', '/v1/documents/passive-authentication', { token: inspector, body: given })
  assert.equal(answer.status, 200, answer.text)
  return answer.json
}
const explanation = (id: string, token = inspector) =>
  marty.request('GET', `/v1/validations/${id}/explanation`, { token })

test('a verdict on a document is explained: finding, data group, path, and what would have to change', async () => {
  const [first, second, ...rest] = body.dataGroups
  const fake = { ...second, content: base64(new TextEncoder().encode('another face')) }
  const { validationId, findings, document } = await judged({ ...body, dataGroups: [first, fake, ...rest.slice(1)] })
  const answer = await explanation(validationId)
  assert.equal(answer.status, 200, answer.text)
  const { valid, summary, findings: explained, dataGroups, tried, text } = answer.json
  assert.equal(valid, false)
  assert.match(summary, /^The document is not valid under icao-dsc at .*, for 1 reason\.$/)
  const [{ about, means, toChange, ...finding }] = explained
  assert.deepEqual([finding], findings, 'what was found, as it was answered')
  assert.equal(about, null)
  assert.match(means, /not what the State signed/)
  assert.match(toChange, /read again/)
  assert.equal(dataGroups.length, document.dataGroups.length)
  assert.match(dataGroups[0].means, /^is what the State signed$/)
  assert.match(dataGroups[1].means, /^is not what the State signed$/)
  assert.match(dataGroups[2].means, /was not checked$/)
  assert.deepEqual(tried, [
    { path: ['CN=Document Signer,O=State,C=UT', 'CN=CSCA,O=State,C=UT'], outcome: 'accepted', findings: [] },
  ])
  for (const part of [summary, finding.clause, means, toChange, 'DG2 is not what', 'accepted']) {
    assert.ok(text.includes(part), `${part} in ${text}`)
  }
})

test('a finding about a certificate names it, and each path that was tried has its reason', async () => {
  const forged = passport(documentSigner(csca('UT', 'of nobody'), 78))
  const { validationId } = await judged(forged.body)
  const { json } = await explanation(validationId)
  const [finding] = json.findings
  assert.equal(finding.code, 'signature_invalid')
  assert.equal(finding.about, 'CN=Document Signer,O=State,C=UT')
  assert.equal(json.tried[0].outcome, 'a signature does not hold')
  assert.equal(json.tried[0].findings[0].means, finding.means)
})

test('a valid verdict is explained too; who may not read a verdict has no explanation of it', async () => {
  const { validationId } = await judged(body)
  const { json } = await explanation(validationId, auditor(marty))
  assert.deepEqual([json.valid, json.findings], [true, []])
  assert.match(json.text, /^The document is valid under icao-dsc/)
  const stranger = await explanation(validationId, relyingParty(marty, 'somebody else'))
  assert.deepEqual([stranger.status, stranger.json.code], [404, 'validation_not_found'])
  const anonymous = await marty.request('GET', `/v1/validations/${validationId}/explanation`, {})
  assert.equal(anonymous.status, 401)
})
