import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { crlNumber, signBytes, testKey } from '../../../layer/pki/src/testing/index.ts'
import { codes, relyingParty, settled } from '../support/certificate-validation.fixture.ts'
import { dg1Of, documentSigner, passport } from '../support/passport.fixture.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import { addAnchor, base64, csca, sha256 } from '../support/trust-anchors.fixture.ts'

const authority = csca('UT')
const signer = documentSigner(authority)
const { body, hashes, sod } = passport(signer)

const fromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000)

let marty: TestPlatform
let inspector: string
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  inspector = marty.token({ subject: 'inspector', roles: [], permissions: [] })
  await addAnchor(marty, authority.der)
})
after(() => marty.stop())

const check = (given: object, token = inspector): Promise<TestAnswer> =>
  marty.request('POST', '/v1/documents/passive-authentication', { token, body: given })

const errors = (answer: TestAnswer): string[] =>
  answer.json.findings.filter(({ severity }: { severity: string }) => severity === 'error').map(codeOf)
const codeOf = ({ code }: { code: string }) => code

test('a right passport is valid, is stored, read back and repeated to the same verdict', async () => {
  const answer = await check(body)
  assert.equal(answer.status, 200, answer.text)
  const { valid, document, path, anchor, validationId } = answer.json
  assert.equal(valid, true, answer.text)
  assert.deepEqual(
    document.dataGroups,
    hashes.map(({ number }) => ({ number, status: 'match' })),
  )
  assert.deepEqual([document.issuingState, document.sod, document.valid], ['UTO', sha256(sod), true])
  assert.deepEqual([path[0].sha256, anchor.sha256], [sha256(signer.der), sha256(authority.der)])
  const read = await marty.request('GET', `/v1/validations/${validationId}`, { token: inspector })
  assert.deepEqual(read.json.document, document, read.text)
  const replay = await marty.request('POST', `/v1/validations/${validationId}/replay`, { token: inspector, body: {} })
  assert.equal(replay.json.same, true, replay.text)
  assert.ok(!JSON.stringify(storedRows(marty.dataDirectory, 'validations')).includes('ERIKSSON'), 'no personal data')
})

test('one bit of any data group is noticed, and that data group is named', async () => {
  for (const [index, group] of body.dataGroups.entries()) {
    const bytes = Buffer.from(group.content, 'base64')
    const last = bytes.length - 1
    bytes[last] = (bytes[last] ?? 0) ^ 1
    const dataGroups = body.dataGroups.with(index, { ...group, content: base64(bytes) })
    const answer = await check({ ...body, dataGroups })
    assert.deepEqual([answer.json.valid, errors(answer)], [false, ['data_group_mismatch']], answer.text)
    const wrong = answer.json.document.dataGroups.filter(({ status }: { status: string }) => status !== 'match')
    assert.deepEqual(wrong, [{ number: group.number, status: 'mismatch' }])
  }
})

test('hashes do for data groups; what was not presented is named as not checked', async () => {
  const answer = await check({ sod: body.sod, dataGroups: hashes.slice(1, 3), issuingState: 'UTO' })
  assert.equal(answer.json.valid, true, answer.text)
  const { dataGroups, issuingState } = answer.json.document
  assert.equal(issuingState, 'UTO')
  assert.deepEqual(dataGroups.slice(0, 4), [
    { number: 1, status: 'not_checked' },
    { number: 2, status: 'match' },
    { number: 3, status: 'match' },
    { number: 4, status: 'not_checked' },
  ])
  const silent = await check({ sod: body.sod, dataGroups: hashes.slice(0, 2) })
  assert.deepEqual([silent.json.valid, codes(silent.json)], [true, ['issuing_state_unreadable']], silent.text)
  const wanted = await check({ sod: body.sod, dataGroups: hashes.slice(0, 2), issuingState: 'dg1' })
  assert.deepEqual([wanted.json.valid, errors(wanted)], [false, ['issuing_state_unreadable']])
})

test('a State cannot sign the documents of another one', async () => {
  const foreign = await check(passport(signer, { state: 'D<<' }).body)
  assert.deepEqual([foreign.json.valid, errors(foreign)], [false, ['issuing_state_mismatch']], foreign.text)
  const asked = await check({ ...body, issuingState: 'FRA' })
  assert.deepEqual([asked.json.valid, errors(asked)], [false, ['issuing_state_mismatch']], asked.text)
})

test('without an anchor in the store an embedded signer proves nothing; anchors of a request need the permission', async () => {
  const other = csca('UT', 'of nobody')
  const forged = passport(documentSigner(other, 78))
  const answer = await check(forged.body)
  assert.equal(answer.json.valid, false, answer.text)
  assert.deepEqual(errors(answer), ['signature_invalid'], 'the CSCA of the store has the name, not the key')
  assert.equal(answer.json.document.valid, true)
  const given = { ...forged.body, anchors: [base64(other.der)] }
  const refused = await check(given)
  assert.deepEqual([refused.status, refused.json.code], [403, 'permission_missing'])
  const allowed = await check(given, relyingParty(marty))
  assert.deepEqual([allowed.json.valid, allowed.json.anchorsGeneration], [true, 'request'], allowed.text)
})

test('a signer that is not embedded is found in the directory, or given', async () => {
  const hidden = documentSigner(authority, 79)
  const bare = passport(hidden, { embed: false })
  const unknown = await check(bare.body)
  assert.deepEqual([unknown.status, unknown.json.code], [422, 'document_signer_not_found'], unknown.text)
  const given = await check({ ...bare.body, intermediates: [base64(hidden.der)] })
  assert.equal(given.json.valid, true, given.text)
  const token = marty.token({ subject: 'pkd', roles: ['pkd_administrator'], permissions: [] })
  // What the directory does not have is remembered for a moment.
  const another = documentSigner(authority, 80)
  const more = await marty.request('POST', '/v1/pkd/certificates', {
    token,
    body: { certificate: base64(another.der) },
  })
  assert.ok(more.status < 300, more.text)
  const found = await check(passport(another, { embed: false }).body)
  assert.deepEqual([found.json.valid, found.json.path?.[0].sha256], [true, sha256(another.der)], found.text)
})

test('a list that revokes the document signer refuses the passport; without evidence the answer says that none was asked for', async () => {
  const listing = (serial: number) =>
    base64(
      authority.crl({
        thisUpdate: fromNow(-1),
        nextUpdate: fromNow(48),
        extensions: [crlNumber(1)],
        entries: [{ serial, revocationDate: fromNow(-2) }],
      }),
    )
  const answer = await check({ ...body, crls: [listing(77)] })
  assert.deepEqual([answer.json.valid, errors(answer)], [false, ['certificate_revoked']], answer.text)
  const good = await check({ ...body, crls: [listing(5)] })
  assert.deepEqual([good.json.valid, good.json.revocationMode], [true, 'required'], good.text)
  assert.equal((await check(body)).json.revocationMode, 'off')
})

test('bad input is refused with a code and its place, and nothing is stored', async () => {
  const rows = () => ['validations', 'validation_evidence'].map(table => storedRows(marty.dataDirectory, table).length)
  const before = rows()
  const [first, second] = body.dataGroups
  const indefinite = Buffer.concat([Buffer.of(0x77, 0x80), Buffer.from(sod.subarray(4)), Buffer.of(0, 0)])
  const cases: [string, object, number, string, string | undefined][] = [
    ['empty', { ...body, sod: '' }, 422, 'validation_failed', 'sod'],
    ['large', { ...body, sod: base64(new Uint8Array(400_000)) }, 422, 'validation_failed', 'sod'],
    ['no base64', { ...body, sod: 'garbage!' }, 422, 'validation_failed', 'sod'],
    ['trailing byte', { ...body, sod: base64(Buffer.concat([sod, Buffer.of(0)])) }, 422, 'sod_malformed', 'sod'],
    ['cut', { ...body, sod: base64(sod.subarray(0, -1)) }, 422, 'sod_malformed', 'sod'],
    [
      'wrong tag',
      { ...body, sod: base64(Buffer.concat([Buffer.of(0x30), sod.subarray(1)])) },
      422,
      'sod_malformed',
      'sod',
    ],
    ['indefinite length', { ...body, sod: base64(indefinite) }, 422, 'sod_malformed', 'sod'],
    ['two signers', passport(signer, { signers: 2 }).body, 422, 'sod_malformed', 'sod'],
    ['no signer', passport(signer, { signers: 0 }).body, 422, 'sod_malformed', 'sod'],
    ['no data group', { ...body, dataGroups: [] }, 422, 'validation_failed', 'dataGroups'],
    ['twice', { ...body, dataGroups: [first, first] }, 422, 'validation_failed', 'dataGroups'],
    ['DG0', { ...body, dataGroups: [{ ...first, number: 0 }] }, 422, 'validation_failed', 'dataGroups.0.number'],
    ['DG17', { ...body, dataGroups: [{ ...second, number: 17 }] }, 422, 'validation_failed', 'dataGroups.0.number'],
    [
      'SHA-1',
      { ...body, dataGroups: [{ number: 1, hash: 'ab'.repeat(20) }] },
      422,
      'validation_failed',
      'dataGroups.0.hash',
    ],
  ]
  for (const [what, given, status, code, path] of cases) {
    const answer = await check(given)
    assert.deepEqual([answer.status, answer.json.code], [status, code], `${what}: ${answer.text}`)
    assert.equal(answer.json.errors?.[0]?.path, path, `${what}: ${answer.text}`)
  }
  assert.deepEqual(rows(), before)
})

test('distrust of the CSCA changes the stored verdict; one over anchors of the request stays as it is', async () => {
  const state = csca('UT', 'to be distrusted')
  const document = passport(documentSigner(state, 81))
  await addAnchor(marty, state.der)
  const trusted = await check(document.body)
  const own = await check({ ...document.body, anchors: [base64(state.der)] }, relyingParty(marty))
  assert.deepEqual([trusted.json.valid, own.json.valid], [true, true], trusted.text)
  const administrator = marty.token({ subject: 'admin', roles: ['trust_administrator'], permissions: [] })
  const distrust = await marty.request('POST', `/v1/trust-anchors/${sha256(state.der)}/distrust`, {
    token: administrator,
    body: { reason: 'its key was stolen' },
  })
  assert.ok(distrust.status < 300, distrust.text)
  await settled(marty)
  const read = await marty.request('GET', `/v1/validations/${trusted.json.validationId}`, { token: inspector })
  assert.deepEqual([read.json.valid, read.json.change?.valid], [true, false], read.text)
  const kept = await marty.request('GET', `/v1/validations/${own.json.validationId}`, { token: relyingParty(marty) })
  assert.equal(kept.json.change, undefined)
  const replay = await marty.request('POST', `/v1/validations/${trusted.json.validationId}/replay`, {
    token: inspector,
    body: {},
  })
  assert.equal(replay.json.same, true, 'a replay is about then')
})

test('DG1 that cannot be read is an error where its State is to be compared', async () => {
  const cut = base64(dg1Of('UTO').subarray(0, -1))
  const answer = await check({ ...body, dataGroups: [{ number: 1, content: cut }] })
  assert.deepEqual(errors(answer).sort(), ['data_group_mismatch', 'issuing_state_unreadable'], answer.text)
})

test('several documents get a verdict each; one that cannot be read refuses all, by its place', async () => {
  const batch = (documents: readonly object[]) =>
    marty.request('POST', '/v1/documents/passive-authentication-batch', { token: inspector, body: { documents } })
  const foreign = passport(signer, { state: 'D<<' })
  const answer = await batch([body, foreign.body, body])
  assert.equal(answer.status, 200, answer.text)
  const { validations } = answer.json
  assert.deepEqual(
    validations.map(({ valid }: { valid: boolean }) => valid),
    [true, false, true],
  )
  const replay = await marty.request('POST', `/v1/validations/${validations[1].validationId}/replay`, {
    token: inspector,
    body: {},
  })
  assert.deepEqual([replay.json.same, replay.json.verdict.document.issuingState], [true, 'D'], replay.text)
  const before = storedRows(marty.dataDirectory, 'validations').length
  const refused = await batch([body, { ...body, sod: 'AAAA' }])
  assert.deepEqual([refused.json.code, refused.json.errors[0].path], ['sod_malformed', 'documents.1.sod'], refused.text)
  const many = await batch(Array.from({ length: 101 }, () => ({ sod: 'AAAA', dataGroups: hashes.slice(0, 1) })))
  assert.deepEqual([many.json.code, many.json.errors[0].path], ['validation_failed', 'documents'], many.text)
  assert.equal(storedRows(marty.dataDirectory, 'validations').length, before)
})

test('a signature that does not fit is a verdict that says why', async () => {
  const cases = [
    ['hashed differently', { digest: 'sha384' }, 'cms_digest_algorithm_mismatch'],
    [
      'signed by another key',
      { sign: (data: Uint8Array) => signBytes(data, testKey('p256', 'thief')) },
      'cms_signature_invalid',
    ],
  ] as const
  for (const [what, signerChange, code] of cases) {
    const answer = await check(passport(signer, { signerChange }).body)
    assert.equal(answer.json.valid, false, what)
    assert.equal(answer.json.document.valid, false, what)
    assert.ok(errors(answer).includes(code), `${what}: ${errors(answer)}`)
  }
})

test('LDS version 1 and other hashes are read as they are signed', async () => {
  const versionInfo = { ldsVersion: '0108', unicodeVersion: '040000' }
  const answer = await check(passport(signer, { hash: 'sha512', versionInfo }).body)
  assert.equal(answer.json.valid, true, answer.text)
  assert.deepEqual(answer.json.document.securityObject, { version: 1, hashAlgorithm: 'sha512', ...versionInfo })
})

test('a document signer that is made known as compromised changes the verdicts on its documents', async () => {
  const compromised = documentSigner(authority, 90)
  const judged = await check(passport(compromised).body)
  assert.equal(judged.json.valid, true, judged.text)
  const revoked = await marty.request('POST', `/v1/certificates/${sha256(compromised.der)}/revocations`, {
    token: marty.token({ subject: 'admin', roles: ['trust_administrator'], permissions: [] }),
    body: { reason: 'keyCompromise' },
  })
  assert.ok(revoked.status < 300, revoked.text)
  await settled(marty)
  const read = await marty.request('GET', `/v1/validations/${judged.json.validationId}`, { token: inspector })
  assert.deepEqual([read.json.valid, read.json.change?.valid], [true, false], read.text)
  assert.ok(read.json.change.findings.includes('certificate_revoked'), read.text)
})
