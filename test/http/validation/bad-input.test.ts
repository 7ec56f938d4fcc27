import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as der from '../../../layer/pki/src/der/writer.ts'
import {
  certificatePolicies,
  createRoot,
  extension,
  type MockAuthority,
  nameConstraints,
  policyMappings,
  subjectAltName,
  testKey,
} from '../../../layer/pki/src/testing/index.ts'
import {
  base64,
  codes,
  pem,
  relyingParty,
  testChain,
  time,
  validate,
} from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

const { root, ca, leaf } = testChain()
const chain = { certificate: base64(leaf.der), intermediates: [base64(ca.der)], anchors: [base64(root.der)] }
const maxSteps = 250_000
const maxSignatureChecks = 128

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

const rowsStored = () =>
  ['validations', 'validation_evidence', 'validation_dependencies'].map(
    table => storedRows(marty.dataDirectory, table).length,
  )

async function refused(body: object, status: number, code: string, path?: string, token?: string): Promise<TestAnswer> {
  const before = rowsStored()
  const answer = await validate(marty, body, token)
  const what = JSON.stringify(body).slice(0, 200)
  assert.deepEqual([answer.status, answer.json.code], [status, code], `${what}: ${answer.text.slice(0, 500)}`)
  if (path !== undefined) assert.equal(answer.json.errors[0].path, path, what)
  assert.deepEqual(rowsStored(), before, `${what}: something was stored`)
  return answer
}

test('what cannot be read is refused with its place, and nothing is stored', async () => {
  const truncated = base64(leaf.der.subarray(0, leaf.der.length - 20))
  const cases: [object, string, string][] = [
    [{ ...chain, certificate: 'garbage!' }, 'certificate_malformed', 'certificate'],
    [{ ...chain, certificate: truncated }, 'certificate_malformed', 'certificate'],
    [{ ...chain, certificate: base64(new Uint8Array(1000)) }, 'certificate_malformed', 'certificate'],
    [{ ...chain, certificate: pem(leaf.der).replace('-----END', '-----') }, 'certificate_malformed', 'certificate'],
    [{ ...chain, certificate: pem(leaf.der, 'PRIVATE KEY') }, 'certificate_malformed', 'certificate'],
    [{ ...chain, intermediates: [base64(ca.der), truncated] }, 'certificate_malformed', 'intermediates.1'],
    [{ ...chain, anchors: [truncated] }, 'certificate_malformed', 'anchors.0'],
    [{ ...chain, crls: [base64(ca.der)] }, 'crl_malformed', 'crls.0'],
    [{ ...chain, crls: [pem(ca.crl())] }, 'crl_malformed', 'crls.0'],
    [{ ...chain, ocspResponses: [base64(ca.crl())] }, 'ocsp_malformed', 'ocspResponses.0'],
  ]
  for (const [body, code, path] of cases) await refused(body, 422, code, path)
})

test('requests outside the schema are refused', async () => {
  const cases: [object, string][] = [
    [{ ...chain, profile: 'trust-me' }, 'profile'],
    [{ ...chain, certificates: [chain.certificate] }, 'certificate'],
    [{ intermediates: chain.intermediates, anchors: chain.anchors }, 'certificate'],
    [{ certificates: [], anchors: chain.anchors }, 'certificates'],
    [{ certificates: Array.from({ length: 1001 }, () => 'AAAA'), anchors: chain.anchors }, 'certificates'],
    [{ ...chain, anchors: [] }, 'anchors'],
    [{ ...chain, time: 'yesterday' }, 'time'],
    [{ ...chain, time: '2026-06-15T12:00:00+02:00' }, 'time'],
    [{ ...chain, asOf: time }, 'asOf'],
    [{ ...chain, revocation: 'maybe' }, 'revocation'],
    [{ ...chain, policies: { initialPolicySet: ['1.2.x'] } }, 'policies.initialPolicySet.0'],
    [{ ...chain, compatibilities: ['rsa-digestinfo-without-null'] }, 'compatibilities'],
    [{ ...chain, trusted: true }, 'trusted'],
  ]
  for (const [body, path] of cases) await refused(body, 422, 'validation_failed', path)
})

test('anchors in a request need their own permission, and no caller validates without a token', async () => {
  const ordinary = marty.token({ subject: 'ordinary', roles: ['auditor', 'document_signer'], permissions: [] })
  await refused(chain, 403, 'permission_missing', undefined, ordinary)
  // The permission is looked at before anything is read.
  await refused({ ...chain, certificate: 'garbage!' }, 403, 'permission_missing', undefined, ordinary)
  const anonymous = await marty.request('POST', '/v1/certificates/validate', { body: { profile: 'rfc5280', ...chain } })
  assert.deepEqual([anonymous.status, anonymous.json.code], [401, 'authentication_required'])
  const stranger = await marty.request('POST', '/v1/certificates/validate', { token: 'a.b.c', body: chain })
  assert.equal(stranger.status, 401)
})

test('a body of 20 MB is refused', async () => {
  await refused({ ...chain, certificate: 'A'.repeat(20 * 1024 * 1024) }, 413, 'payload_too_large')
})

test('identifiers that are none are refused', async () => {
  const token = relyingParty(marty)
  for (const path of ['/v1/validations/42', `/v1/validations?cursor=${'x'.repeat(100)}`, '/v1/validations?limit=0']) {
    const answer = await marty.request('GET', path, { token })
    assert.equal(answer.status, 422, `${path}: ${answer.text}`)
  }
  const unknown = await marty.request('GET', '/v1/validations/00000000-0000-7000-8000-000000000000', { token })
  assert.deepEqual([unknown.status, unknown.json.code], [404, 'validation_not_found'])
  const impact = await marty.request('GET', '/v1/certificates/XYZ/impact', {
    token: marty.token({ roles: ['auditor'] }),
  })
  assert.equal(impact.status, 422, impact.text)
})

test('any moment is a moment: past, future and the ends of time', async () => {
  for (const [moment, code] of [
    ['0001-01-01T00:00:00Z', 'not_yet_valid'],
    ['1970-01-01T00:00:00Z', 'not_yet_valid'],
    ['9999-12-31T23:59:59.999Z', 'expired'],
  ] as const) {
    const { json, text } = await validate(marty, { ...chain, time: moment })
    assert.equal(json.valid, false, text)
    assert.ok(codes(json).includes(code), text)
  }
})

/** A verdict that is invalid, or at least within the work limits, and whose row fits. */
async function bounded(body: object): Promise<TestAnswer['json']> {
  const { status, json, text } = await validate(marty, body)
  assert.equal(status, 200, text.slice(0, 500))
  // The step that goes over the limit is counted too.
  assert.ok(json.work.steps <= maxSteps + 10_000, `${json.work.steps} steps`)
  assert.ok(json.work.signatureChecks <= maxSignatureChecks, `${json.work.signatureChecks} signature checks`)
  const [row] = storedRows(marty.dataDirectory, 'validations').filter(
    ({ validationId }) => validationId === json.validationId,
  )
  assert.ok(Buffer.byteLength(row.verdict) <= 256 * 1024, `${Buffer.byteLength(row.verdict)} bytes`)
  return json
}

test('a mesh of 1,000 cross-signed CAs ends within the work limits', async () => {
  const shared = testKey('p256', 'mesh')
  const names = Array.from({ length: 25 }, (_, index) => `C=UT, CN=Mesh ${index}`)
  const authorities = names.map(name => createRoot(name, { key: shared }))
  const intermediates = authorities
    .flatMap(issuer => names.map(name => issuer.subordinate(name, { key: shared }).der))
    .concat(
      authorities.flatMap(issuer => names.map(name => issuer.subordinate(name, { key: shared, serial: 999 }).der)),
    )
    .slice(0, 1000)
  assert.equal(intermediates.length, 1000)
  const end = authorities[0]?.issue('C=UT, CN=Lost')
  const json = await bounded({
    certificate: base64(end?.der ?? new Uint8Array()),
    intermediates: intermediates.map(base64),
    // The name of one of them and another key, so that each way seems to lead there and none does.
    anchors: [base64(createRoot('C=UT, CN=Mesh 24', { key: testKey('p256', 'not the mesh') }).der)],
  })
  assert.equal(json.valid, false)
  assert.ok(
    codes(json).some(code => code === 'steps_exhausted' || code === 'signature_checks_exhausted'),
    codes(json).join(),
  )
})

test('mappings that multiply from CA to CA end within the work limits', async () => {
  const policies = Array.from({ length: 40 }, (_, index) => `1.2.3.${index}`)
  const mappings = policies.flatMap(from => policies.map(to => [from, to] as const))
  const extra = [certificatePolicies(policies), policyMappings(mappings)]
  const authorities: MockAuthority[] = [createRoot('C=UT, CN=Policies')]
  for (let depth = 0; depth < 12; depth += 1) {
    authorities.push((authorities.at(-1) as MockAuthority).subordinate(`C=UT, CN=Policies ${depth}`, { extra }))
  }
  const end = (authorities.at(-1) as MockAuthority).issue('C=UT, CN=End', { extra: [certificatePolicies(policies)] })
  await bounded({
    certificate: base64(end.der),
    intermediates: authorities.slice(1).map(authority => base64(authority.der)),
    anchors: [base64((authorities[0] as MockAuthority).der)],
    policies: { requireExplicitPolicy: true },
  })
})

test('thousands of names against thousands of constraints end within the work limits', async () => {
  const many = Array.from({ length: 4000 }, (_, index) => ({ dns: `host-${index}.example` }))
  const narrow = root.subordinate('C=UT, CN=Narrow', { extra: [nameConstraints({ permitted: many, excluded: many })] })
  const end = narrow.issue('C=UT, CN=Many names', { extra: [subjectAltName(many)] })
  const json = await bounded({
    certificate: base64(end.der),
    intermediates: [base64(narrow.der)],
    anchors: [base64(root.der)],
  })
  assert.equal(json.valid, false)
})

test('a name of a megabyte is cut in the verdict; deep nesting is refused', async () => {
  const long = ca.issue(`C=UT, CN=${'x'.repeat(800_000)}`, { key: testKey() })
  const json = await bounded({ ...chain, certificate: base64(long.der) })
  assert.ok(json.path[0].subject.length <= 512)
  let nested = der.nullValue()
  for (let depth = 0; depth < 5000; depth += 1) nested = der.sequence(nested)
  await refused({ ...chain, certificate: base64(nested) }, 422, 'certificate_malformed', 'certificate')
  const deep = ca.issue('C=UT, CN=Deep', { extra: [extension('1.2.3.4', nested, true)] })
  const answer = await bounded({ ...chain, certificate: base64(deep.der) })
  assert.equal(answer.valid, false)
})

test('what a verdict has too much of is counted', async () => {
  const shared = testKey('p256', 'many paths')
  const issuers = Array.from({ length: 60 }, (_, serial) =>
    root.subordinate('C=UT, CN=Twin', { key: shared, serial: serial + 1, notAfter: new Date('2026-01-01T00:00:00Z') }),
  )
  const end = (issuers[0] as MockAuthority).issue('C=UT, CN=End')
  const json = await bounded({
    certificate: base64(end.der),
    intermediates: issuers.map(({ der }) => base64(der)),
    anchors: [base64(root.der)],
  })
  assert.equal(json.valid, false)
  assert.ok(json.omitted.attempts > 0, JSON.stringify(json.omitted))
  assert.equal(json.attempts.length + json.omitted.attempts, 60)
})
