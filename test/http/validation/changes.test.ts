import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { lambdaContext } from '../../../infra/local/lambda-context.ts'
import { createRoot, testKey } from '../../../layer/pki/src/testing/index.ts'
import { functionOf } from '../../support/plugins.ts'
import { base64, pem, relyingParty, settled, time, validate } from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

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

async function change(path: string, body: object): Promise<void> {
  const answer = await marty.request('POST', path, { token: administrator, body })
  assert.ok(answer.status < 300, `${path}: ${answer.text}`)
}

const judge = (body: object): Promise<TestAnswer> => validate(marty, body, anyone)

interface Changed {
  readonly validationId: string
  readonly valid: boolean
  readonly cause: string
  readonly fingerprint: string
  readonly findings: readonly string[]
}

/** What was told about these verdicts, in order. */
function told(ids: readonly string[]): readonly Changed[] {
  return storedRows(marty.dataDirectory, 'outbox')
    .map(({ event }) => JSON.parse(event))
    .filter(({ type }) => type === 'marty.validation_changed.v1')
    .map(({ data }) => data as Changed)
    .filter(({ validationId }) => ids.includes(validationId))
}

async function changeOf(validationId: string): Promise<Changed | undefined> {
  const found = await marty.request('GET', `/v1/validations/${validationId}`, { token: anyone })
  assert.equal(found.status, 200, found.text)
  return found.json.change
}

test('distrust turns the verdicts that rest on an anchor, restoring turns them back; the verdicts themselves stay', async () => {
  const root = createRoot('C=UT, CN=Turning Root')
  const ca = root.subordinate('C=UT, CN=Turning CA')
  await change('/v1/trust-anchors', { certificate: pem(root.der), purposes: ['general'] })
  const certificates = Array.from({ length: 60 }, (_, index) =>
    base64(ca.issue(`C=UT, CN=Turning ${index}`, { key: testKey() }).der),
  )
  const { json } = await judge({ certificates, intermediates: [base64(ca.der)] })
  const ids = json.validations.map(({ validationId }: { validationId: string }) => validationId)
  const brought = await validate(marty, {
    certificate: certificates[0],
    intermediates: [base64(ca.der)],
    anchors: [base64(root.der)],
  })

  await change(`/v1/trust-anchors/${sha256(root.der)}/distrust`, { reason: 'lost' })
  await settled(marty)

  const [id] = ids
  assert.partialDeepStrictEqual(await changeOf(id), {
    valid: false,
    cause: 'trust_anchor_distrusted',
    fingerprint: sha256(root.der),
    findings: ['issuer_distrusted', 'no_path'],
  })
  const first = told(ids)
  assert.equal(first.length, 60, 'each once')
  assert.equal(new Set(first.map(({ validationId }) => validationId)).size, 60)
  const stored = await marty.request('GET', `/v1/validations/${id}`, { token: anyone })
  assert.equal(stored.json.valid, true, 'a verdict is what it was')
  const own = await marty.request('GET', `/v1/validations/${brought.json.validationId}`, { token: relyingParty(marty) })
  assert.equal(own.json.change, undefined, 'whoever brings anchors decides about them')

  await change(`/v1/trust-anchors/${sha256(root.der)}/restore`, { reason: 'found' })
  await settled(marty)
  assert.partialDeepStrictEqual(await changeOf(id), { valid: true, cause: 'trust_anchor_restored', findings: [] })
  assert.equal(told(ids).length, 120)
})

test('a revocation turns what rests on the certificate, also where it came later than the moment that was judged', async () => {
  const root = createRoot('C=UT, CN=Root of the revoked')
  const [first, second] = [1, 2].map(serial =>
    root.subordinate('C=UT, CN=Twice certified', { key: testKey('p256', 'twice'), serial }),
  )
  assert.ok(first && second)
  const leaf = base64(first.issue('C=UT, CN=Below').der)
  await change('/v1/trust-anchors', { certificate: pem(root.der), purposes: ['general'] })
  const one = await judge({ certificate: leaf, intermediates: [base64(first.der)] })
  const either = await judge({ certificate: leaf, intermediates: [base64(first.der), base64(second.der)] })
  assert.deepEqual([one.json.valid, either.json.valid], [true, true])

  await change(`/v1/certificates/${sha256(first.der)}/revocations`, { reason: 'superseded' })
  await settled(marty)

  assert.partialDeepStrictEqual(await changeOf(one.json.validationId), {
    valid: false,
    cause: 'certificate_revoked',
    fingerprint: sha256(first.der),
    findings: ['issuer_revoked', 'no_path'],
  })
  assert.equal(await changeOf(either.json.validationId), undefined, 'there is another path')
  await change(`/v1/certificates/${sha256(second.der)}/revocations`, { reason: 'superseded' })
  await settled(marty)
  assert.equal(told([one.json.validationId]).length, 1, 'it has turned already')
})

test('an event that is delivered twice changes nothing the second time', async () => {
  const root = createRoot('C=UT, CN=Delivered twice')
  await change('/v1/trust-anchors', { certificate: pem(root.der), purposes: ['general'] })
  const { json } = await judge({ certificate: base64(root.issue('C=UT, CN=Twice').der), time })
  await change(`/v1/trust-anchors/${sha256(root.der)}/distrust`, { reason: 'twice' })
  await settled(marty)
  const [event] = storedRows(marty.dataDirectory, 'outbox')
    .map(row => JSON.parse(row.event))
    .filter(({ type, data }) => type === 'marty.trust_anchor_distrusted.v1' && data.anchorId === sha256(root.der))
  assert.ok(event)
  assert.equal(told([json.validationId]).length, 1)
  const steps = () => storedRows(marty.dataDirectory, 'validation_revisits').length
  const before = steps()
  const handler = functionOf('certificate_validation').create(async () => marty.platform.http)
  await handler({ 'detail-type': event.type, source: event.source, detail: event }, lambdaContext('again', 5000))
  assert.equal(told([json.validationId]).length, 1)
  assert.equal(steps(), before)
})
