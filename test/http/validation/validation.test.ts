import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { LocalObservability } from '../../../layer/framework/src/observability/local-observability.ts'
import { traceTree } from '../../../layer/framework/src/testing/trace-tree.ts'
import * as der from '../../../layer/pki/src/der/writer.ts'
import { ekuOid, extendedKeyUsage, subjectAltName, testDay } from '../../../layer/pki/src/testing/index.ts'
import {
  auditor,
  base64,
  codes,
  pem,
  relyingParty,
  testChain,
  time,
  validate,
} from '../support/certificate-validation.fixture.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

const { root, ca, leaf } = testChain()
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const chain = { certificate: base64(leaf.der), intermediates: [base64(ca.der)], anchors: [base64(root.der)] }

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
})
after(() => marty.stop())

test('a verdict names path, anchor and profile, is stored with the hashes of its inputs, and is found again', async () => {
  const answer = await validate(marty, chain)

  assert.equal(answer.status, 200, answer.text)
  const { validationId, ...verdict } = answer.json
  assert.equal(verdict.valid, true)
  assert.deepEqual(
    verdict.path.map(({ sha256 }: { sha256: string }) => sha256),
    [sha256(leaf.der), sha256(ca.der)],
  )
  assert.deepEqual(verdict.anchor, { name: 'CN=Root,C=UT', sha256: sha256(root.der) })
  assert.deepEqual([verdict.profile, verdict.at], ['rfc5280', time])
  assert.deepEqual(verdict.work, { steps: verdict.work.steps, signatureChecks: 2 })
  const found = await marty.request('GET', `/v1/validations/${validationId}`, { token: relyingParty(marty) })
  assert.equal(found.status, 200, found.text)
  const { createdAt, principal, correlationId, settings, inputs, ...again } = found.json
  assert.deepEqual(again, answer.json)
  assert.deepEqual([principal, correlationId], ['relying-party', answer.headers.get('x-correlation-id')])
  assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000)
  assert.equal(settings.revocation, 'off')
  assert.deepEqual(inputs, {
    certificate: sha256(leaf.der),
    intermediates: [sha256(ca.der)],
    withheld: [],
    anchors: [sha256(root.der)],
    crls: [],
    ocspResponses: [],
    refused: [],
  })
})

test('certificates come as PEM, base64 or PKCS #7, alone or several in a text', async () => {
  const bundle = pkcs7([root.der, ca.der, leaf.der])
  const forms = {
    'PEM, the whole chain in one text': { certificate: pem(leaf.der) + pem(ca.der) },
    'PEM with text and a CRL between': {
      certificate: `Subject: Leaf\n${pem(leaf.der)}`,
      intermediates: [pem(ca.crl(), 'X509 CRL') + pem(ca.der)],
    },
    'base64 with line breaks': {
      certificate: base64(leaf.der).replace(/.{64}/g, '$&\r\n'),
      intermediates: [pem(ca.der)],
    },
    'PKCS #7 as base64': { certificate: base64(bundle) },
    'PKCS #7 as PEM': { certificate: pem(bundle, 'PKCS7') },
    'a bundle of intermediates': { certificate: pem(leaf.der), intermediates: [base64(pkcs7([ca.der, root.der]))] },
  }
  for (const [name, form] of Object.entries(forms)) {
    const { json, text } = await validate(marty, { ...form, anchors: [pem(root.der)] })
    assert.equal(json.valid, true, `${name}: ${text}`)
    assert.equal(json.path[0].sha256, sha256(leaf.der), name)
  }
})

test('a chain is judged by its first certificate, whatever order the others stand in', async () => {
  const lower = ca.subordinate('C=UT, CN=Lower CA')
  const end = lower.issue('C=UT, CN=End')
  const token = relyingParty(marty)
  for (const others of [
    [lower.der, ca.der, root.der],
    [root.der, ca.der, lower.der],
  ]) {
    const body = {
      chain: [end.der, ...others].map(pem => base64(pem)),
      anchors: [base64(root.der)],
      profile: 'rfc5280',
      time,
    }
    const { status, json, text } = await marty.request('POST', '/v1/chains/validate', { token, body })
    assert.equal(status, 200, text)
    assert.equal(json.valid, true, text)
    assert.equal(json.path.length, 3)
  }
})

test('an invalid verdict says why, for each path that was tried', async () => {
  const expired = ca.issue('C=UT, CN=Expired', { notAfter: testDay(-1) })
  const stranger = { ...chain, anchors: [base64(testChainOf('C=UT, CN=Stranger').der)] }

  const late = await validate(marty, { ...chain, certificate: base64(expired.der) })
  assert.equal(late.json.valid, false)
  assert.deepEqual(codes(late.json), ['expired'])
  assert.deepEqual([late.json.findings[0].certificate, late.json.findings[0].clause], [0, 'RFC 5280 §6.1.3 (a)(2)'])
  const foreign = await validate(marty, stranger)
  assert.equal(foreign.json.valid, false)
  assert.deepEqual(codes(foreign.json), ['no_path'])
  assert.equal(foreign.json.anchor, null)
  assert.ok(foreign.json.attempts.length > 0)
})

test('profile, host name, policies and time decide: the same chain is valid under one and invalid under another', async () => {
  const server = ca.issue('C=UT, CN=server.example', {
    extra: [extendedKeyUsage(['serverAuth']), subjectAltName([{ dns: 'server.example' }])],
  })
  const body = { ...chain, certificate: base64(server.der) }
  const cases: [object, boolean, string | undefined][] = [
    [{ profile: 'rfc5280', hostName: 'server.example' }, true, undefined],
    [{ profile: 'rfc5280', hostName: 'other.example' }, false, 'peer_name_mismatch'],
    [{ profile: 'mtls-client' }, false, 'purpose_not_allowed'],
    [{ profile: 'rfc5280', policies: { requireExplicitPolicy: true } }, false, 'no_valid_policy'],
    [{ profile: 'rfc5280', time: testDay(-1000).toISOString() }, false, 'not_yet_valid'],
    [{ profile: 'rfc5280', time: '9999-12-31T23:59:59Z' }, false, 'expired'],
  ]
  for (const [settings, valid, code] of cases) {
    const { json, text } = await validate(marty, { ...body, ...settings })
    assert.equal(json.valid, valid, `${JSON.stringify(settings)}: ${text}`)
    if (code !== undefined) assert.ok(codes(json).includes(code), `${JSON.stringify(settings)}: ${text}`)
  }
  assert.equal(ekuOid.serverAuth, '1.3.6.1.5.5.7.3.1')
})

test('CRLs and OCSP responses decide; each piece is named by its hash', async () => {
  const goodCrl = ca.crl()
  const rootCrl = root.crl()
  const revoking = ca.crl({ entries: [{ serial: leaf.serial as number }] })
  const good = await validate(marty, { ...chain, crls: [pem(goodCrl, 'X509 CRL'), base64(rootCrl)] })
  assert.equal(good.json.valid, true, good.text)
  assert.equal(good.json.revocationMode, 'required')
  assert.deepEqual(
    good.json.revocation.map(({ certificate, evidence, status }: Record<string, unknown>) => [
      certificate,
      evidence,
      status,
    ]),
    [
      [0, sha256(goodCrl), 'good'],
      [1, sha256(rootCrl), 'good'],
    ],
  )
  const bad = await validate(marty, { ...chain, crls: [base64(revoking)], revocation: 'soft-fail' })
  assert.equal(bad.json.valid, false)
  assert.ok(codes(bad.json).includes('certificate_revoked'), bad.text)
  const response = ca.ocsp([{ certId: ca.certId(leaf.serial), status: 'good' }])
  const soft = await validate(marty, { ...chain, ocspResponses: [base64(response)], revocation: 'soft-fail' })
  assert.equal(soft.json.valid, true, soft.text)
  assert.equal(soft.json.revocation[0].source, 'ocsp')
  const strict = await validate(marty, { ...chain, ocspResponses: [base64(response)] })
  assert.equal(strict.json.valid, false, 'nothing is said about the CA, and given evidence makes it required')
})

test('a stored validation is repeated from its stored inputs and comes out the same', async () => {
  const token = relyingParty(marty)
  const crls = [base64(ca.crl({ entries: [{ serial: leaf.serial as number }] })), base64(root.crl())]
  const bodies = [
    chain,
    { ...chain, crls },
    { ...chain, anchors: [base64(ca.der)], hostName: 'server.example', policies: { inhibitAnyPolicy: true } },
    {
      certificates: ['garbage', base64(leaf.der), base64(leaf.der)],
      intermediates: chain.intermediates,
      anchors: chain.anchors,
    },
  ]
  for (const body of bodies) {
    const { json } = await validate(marty, body)
    for (const { validationId, valid, path, findings, work } of json.validations ?? [json]) {
      const replay = await marty.request('POST', `/v1/validations/${validationId}/replay`, { token, body: {} })
      assert.equal(replay.status, 200, replay.text)
      assert.equal(replay.json.same, true, replay.text)
      const { verdict } = replay.json
      assert.deepEqual(
        { valid: verdict.valid, path: verdict.path, findings: verdict.findings, work: verdict.work },
        { valid, path, findings, work },
      )
    }
  }
})

test('stored evidence that was altered is noticed', async () => {
  const { json } = await validate(marty, chain)
  const { database } = marty.platform.http
  const { validationEvidence } = await import('../../../plugins/marty/validation/tables/validation-evidence.ts')
  const key = { sha256: sha256(ca.der), part: 0 }
  const row = await database.get(validationEvidence, key)
  assert.ok(row)
  await database.write({ kind: 'put', table: validationEvidence, row: { ...row, bytes: root.der } })
  const replay = await marty.request('POST', `/v1/validations/${json.validationId}/replay`, {
    token: relyingParty(marty),
    body: {},
  })
  await database.write({ kind: 'put', table: validationEvidence, row })
  assert.equal(replay.status, 500)
  assert.equal(replay.json.code, 'evidence_unavailable')
})

test('without anchors the trust store decides; an empty one trusts no certificate', async () => {
  const { anchors: _anchors, ...body } = chain
  const answer = await validate(marty, body, marty.token({ subject: 'relying-party', roles: [], permissions: [] }))
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual([answer.json.valid, answer.json.anchorsGeneration], [false, 0])
  assert.deepEqual(codes(answer.json), ['no_path'])
})

test('own validations are listed newest first, page by page; others do not exist', async () => {
  const token = relyingParty(marty, 'lister')
  const ids: string[] = []
  for (let round = 0; round < 3; round += 1) ids.unshift((await validate(marty, chain, token)).json.validationId)

  const first = await marty.request('GET', '/v1/validations?limit=2', { token })
  const second = await marty.request('GET', `/v1/validations?limit=2&cursor=${encodeURIComponent(first.json.cursor)}`, {
    token,
  })

  const idsOf = (answer: typeof first) => answer.json.validations.map((v: { validationId: string }) => v.validationId)
  assert.deepEqual([...idsOf(first), ...idsOf(second)], ids)
  const foreign = relyingParty(marty, 'somebody-else')
  for (const [method, path] of [
    ['GET', `/v1/validations/${ids[0]}`],
    ['POST', `/v1/validations/${ids[0]}/replay`],
  ] as const) {
    const hidden = await marty.request(method, path, { token: foreign, ...(method === 'POST' ? { body: {} } : {}) })
    assert.deepEqual([hidden.status, hidden.json.code], [404, 'validation_not_found'])
    const seen = await marty.request(method, path, {
      token: auditor(marty),
      ...(method === 'POST' ? { body: {} } : {}),
    })
    assert.equal(seen.status, 200, seen.text)
  }
})

test('impact finds every verdict that rests on a certificate, by what it did', async () => {
  const responder = root.issue('C=UT, CN=Responder', { extra: [extendedKeyUsage(['ocspSigning'])] })
  const lower = root.subordinate('C=UT, CN=Impact CA')
  const end = lower.issue('C=UT, CN=Impact End')
  const ocsp = root.ocsp([{ certId: root.certId(lower.certificate.serial), status: 'good' }], {
    signer: responder.key,
    responder: { byKey: responder.key },
    certificates: [responder.der],
  })
  const { json, text } = await validate(marty, {
    certificate: base64(end.der),
    intermediates: [base64(lower.der)],
    anchors: [base64(root.der)],
    crls: [base64(lower.crl())],
    ocspResponses: [base64(ocsp)],
    revocation: 'soft-fail',
  })
  assert.equal(json.valid, true, text)
  const expected = [
    [end.der, ['target']],
    [lower.der, ['ca', 'crl_issuer']],
    [root.der, ['anchor']],
    [responder.der, ['ocsp_responder']],
  ] as const
  for (const [certificate, roles] of expected) {
    const path = `/v1/certificates/${sha256(certificate)}/impact?limit=1`
    const impact = await marty.request('GET', path, { token: auditor(marty) })
    assert.equal(impact.status, 200, impact.text)
    const [newest] = impact.json.validations
    assert.deepEqual([newest.validationId, newest.roles, newest.valid], [json.validationId, roles, true])
  }
  const refused = await marty.request('GET', `/v1/certificates/${sha256(root.der)}/impact`, {
    token: relyingParty(marty),
  })
  assert.deepEqual([refused.status, refused.json.code], [403, 'role_missing'])
})

test('the same evidence is stored once, and large evidence in parts that come together again', async () => {
  const entries = Array.from({ length: 30_000 }, (_, index) => ({ serial: 1_000_000 + index }))
  const large = ca.crl({ entries })
  assert.ok(large.length > 350 * 1024)
  const body = { ...chain, crls: [base64(large), base64(root.crl())] }
  const { json } = await validate(marty, body)
  await validate(marty, body)

  const rows = storedRows(marty.dataDirectory, 'validation_evidence').filter(row => row.sha256 === sha256(large))
  assert.deepEqual(
    rows.map(({ part, parts }) => [part, parts]).sort(),
    Array.from({ length: Math.ceil(large.length / (350 * 1024)) }, (_, part) => [part, rows.length]),
  )
  const replay = await marty.request('POST', `/v1/validations/${json.validationId}/replay`, {
    token: relyingParty(marty),
    body: {},
  })
  assert.equal(replay.json.same, true, replay.text)
})

test('requests are counted by result', async () => {
  const counter = async (result: string) => {
    const { text } = await marty.request('GET', '/metrics')
    const line = new RegExp(`^marty_pki_trust_validation_requests_total\\{result="${result}"\\} (\\d+)$`, 'm')
    return Number(line.exec(text)?.[1] ?? 0)
  }
  const before = await Promise.all(['valid', 'invalid', 'error'].map(counter))
  await validate(marty, chain)
  await validate(marty, { ...chain, time: '2001-01-01T00:00:00Z' })
  await validate(marty, { ...chain, certificate: 'AAAA' })
  const after = await Promise.all(['valid', 'invalid', 'error'].map(counter))
  assert.deepEqual(
    after.map((count, index) => count - (before[index] ?? 0)),
    [1, 1, 1],
  )
})

test('the flow has a span for each step that was taken', async () => {
  await validate(marty, { ...chain, crls: [base64(ca.crl())], revocation: 'soft-fail' })
  await validate(marty, chain)
  const flows = (marty.platform.http.observability as LocalObservability)
    .traces()
    .map(trace => traceTree(trace))
    .filter(tree => tree.includes('certificate_validation_flow'))
  for (const [flow, steps] of [
    [flows.at(-2), ['trust_chain_validation', 'certificate_signature_check', 'revocation_status_check']],
    [flows.at(-1), ['trust_chain_validation', 'certificate_signature_check']],
  ] as const) {
    const [, below = ''] = (flow ?? '').split('certificate_validation_flow')
    assert.deepEqual(
      [...below.matchAll(/span: (\S+)/g)].map(match => match[1]),
      steps,
    )
  }
})

/** SignedData without signers (RFC 5652 §5.2), as `openssl crl2pkcs7 -nocrl` writes it. */
function pkcs7(certificates: readonly Uint8Array[]): Uint8Array {
  const signedData = der.sequence(
    der.integer(1),
    der.set(),
    der.sequence(der.oid('1.2.840.113549.1.7.1')),
    der.explicit(0, Buffer.concat(certificates)),
    der.set(),
  )
  return der.sequence(der.oid('1.2.840.113549.1.7.2'), der.explicit(0, signedData))
}

function testChainOf(name: string) {
  return testChain().root.subordinate(name)
}
