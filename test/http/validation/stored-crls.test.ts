import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRoot, extension, type MockAuthority, testDay } from '../../../layer/pki/src/testing/index.ts'
import { base64, codes, pem, relyingParty, time } from '../support/certificate-validation.fixture.ts'
import { crlRecord, imported } from '../support/pkd-directory.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { sha256 } from '../support/trust-anchors.fixture.ts'

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const root = createRoot('C=UT, O=Stored, CN=Root')
const leaves = Array.from({ length: 3 }, (_, index) => root.issue(`C=UT, O=Stored, CN=Leaf ${index}`))

/** A CRL that revokes the first leaf. Its filling is in an extension: many entries would take the test's time. */
function list(filling: number, by: MockAuthority = root): Uint8Array {
  const extensions = filling === 0 ? [] : [extension('1.2.3.4.5', new Uint8Array(filling), false)]
  return by.crl({ extensions, entries: [{ serial: leaves[0]?.serial ?? 0, revocationDate: testDay(-3) }] })
}

const administrator = () => marty.token({ subject: 'pkd-admin', roles: ['pkd_administrator'], permissions: [] })

async function upload(bytes: Uint8Array, kind: 'crl' | 'ldif' = 'crl'): Promise<string> {
  const body = { size: bytes.length, kind }
  const started = await marty.request('POST', '/v1/pkd/uploads', { token: administrator(), body })
  assert.equal(started.status, 201, started.text)
  const { uploadId, method, url, headers } = started.json
  const { 'content-length': _length, ...others } = headers
  assert.equal(others['content-type'], kind === 'crl' ? 'application/pkix-crl' : 'application/ldif')
  const put = await fetch(url, { method, headers: others, body: Uint8Array.from(bytes) })
  assert.equal(put.status, 200)
  return uploadId
}

const store = (uploadId: string, token = administrator()) =>
  marty.request('POST', '/v1/pkd/crls', { token, body: { upload: uploadId } })

const batch = (more: object): Promise<TestAnswer> =>
  marty.request('POST', '/v1/certificates/validate', {
    token: relyingParty(marty),
    body: {
      certificates: leaves.map(({ der }) => base64(der)),
      anchors: [base64(root.der)],
      profile: 'rfc5280',
      time,
      ...more,
    },
  })

const verdicts = ({ json }: TestAnswer) =>
  json.validations.map((one: { valid: boolean; findings: { code: string }[] }) => [one.valid, ...codes(one)])
const byTheList = [[false, 'certificate_revoked'], [true], [true]]

test('a list that is too large for a request is uploaded, stored and named by a batch', async () => {
  const crl = list(4_200_000)
  const text = base64(crl)
  const refused = await batch({ crls: [text.slice(0, 3_000_001)] })
  assert.equal(refused.status, 422)
  assert.equal(refused.json.code, 'validation_failed')

  const uploadId = await upload(crl)
  const stored = await store(uploadId)
  assert.equal(stored.status, 201, stored.text)
  assert.deepEqual([stored.json.fingerprint, stored.json.size], [sha256(crl), crl.length])
  assert.equal(stored.json.issuer, 'CN=Root,O=Stored,C=UT')

  const answer = await batch({ storedCrls: [stored.json.fingerprint] })
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(verdicts(answer), byTheList)
  assert.equal(answer.json.validations[1].revocationMode, 'required')
  const [{ validationId }] = answer.json.validations
  const replayed = await marty.request('POST', `/v1/validations/${validationId}/replay`, {
    token: relyingParty(marty),
    body: {},
  })
  assert.equal(replayed.json.same, true)

  const listed = await marty.request('GET', '/v1/pkd/crls', { token: administrator() })
  assert.deepEqual(listed.json.crls, [], 'it is no entry of the directory')
  assert.equal((await store(uploadId)).json.code, 'import_input_invalid', 'an upload is stored once')
})

test('a large list of the directory is read whole', async () => {
  const crl = list(4_000_000)
  const ldif = Buffer.from(`version: 1\n\n${crlRecord(crl)}`)
  const done = await imported(marty, administrator(), { upload: await upload(ldif, 'ldif') })
  assert.deepEqual([done.json.state, done.json.added], ['completed', 1], done.text)
  assert.deepEqual(verdicts(await batch({ directory: true })), byTheList)
  assert.deepEqual(verdicts(await batch({ storedCrls: [sha256(crl)], revocation: 'soft-fail' })), byTheList)
})

test('PEM is stored as DER, and the same list twice is one', async () => {
  const crl = list(10)
  const first = await store(await upload(Buffer.from(pem(crl, 'X509 CRL'))))
  const second = await store(await upload(crl))
  assert.deepEqual([first.json.fingerprint, second.json.fingerprint], [sha256(crl), sha256(crl)])
})

test('the list of an earlier verdict can be named', async () => {
  const crl = list(20)
  const name = { storedCrls: [sha256(crl)] }
  const unknown = await batch(name)
  assert.deepEqual(
    [unknown.status, unknown.json.code, unknown.json.errors[0].path],
    [422, 'validation_failed', 'storedCrls.0'],
  )
  await batch({ crls: [base64(crl)] })
  assert.deepEqual(verdicts(await batch(name)), byTheList)
  const chain = await marty.request('POST', '/v1/chains/validate', {
    token: relyingParty(marty),
    body: {
      chain: [base64(leaves[0]?.der ?? root.der)],
      anchors: [base64(root.der)],
      profile: 'rfc5280',
      time,
      ...name,
    },
  })
  assert.deepEqual([chain.json.valid, ...codes(chain.json)], [false, 'certificate_revoked'])
})

test('what is named and is no CRL is refused, and so are too many names', async () => {
  await batch({})
  const certificate = await batch({ storedCrls: [sha256(root.der)] })
  assert.deepEqual([certificate.status, certificate.json.code], [422, 'crl_malformed'])
  const many = await batch({ storedCrls: Array.from({ length: 11 }, (_, index) => sha256(Buffer.of(index))) })
  assert.equal(many.json.code, 'validation_failed')
  assert.equal((await batch({ storedCrls: ['x'] })).json.code, 'validation_failed')
})

test('only administrators of the directory store lists, and only lists', async () => {
  const uploadId = await upload(root.der)
  assert.equal((await store(uploadId, relyingParty(marty))).status, 403)
  assert.equal((await store(uploadId)).json.code, 'crl_malformed')
  assert.equal((await store('0190bbbb-0000-7000-8000-000000000000')).json.code, 'import_input_invalid')
})
