import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRoot, TEST_TIME } from '../../layer/pki/src/testing/index.ts'
import { startPlatform, type TestPlatform } from './start-platform.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform()
})
after(() => marty.stop())

const root = createRoot('C=UT, CN=Root')
const ca = root.subordinate('C=UT, CN=CA')
const leaf = ca.issue('C=UT, CN=Leaf')
const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64')
const time = TEST_TIME.toISOString()

test('a certificate is judged, the verdict stored and found again', async () => {
  const token = marty.token({ subject: 'relying-party', roles: [], permissions: ['supply_trust_anchors'] })
  const answer = await marty.request('POST', '/v1/certificates/validate', {
    token,
    body: {
      certificate: base64(leaf.der),
      intermediates: [base64(ca.der)],
      anchors: [base64(root.der)],
      profile: 'rfc5280',
      time,
    },
  })
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.json.valid, true)
  const found = await marty.request('GET', `/v1/validations/${answer.json.validationId}`, { token })
  assert.equal(found.status, 200, found.text)
})
