import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { buildLdsSecurityObject, derWriter as der, oids } from '@mmf/pki'
import { testKey } from '../../../layer/pki/src/testing/index.ts'
import {
  attributesOf,
  type HostileChoice,
  hostileSod,
  indefinite,
  rawSecurityObject,
  sodByKeyIdentifier,
} from '../support/hostile-sod.fixture.ts'
import { documentSigner, passport } from '../support/passport.fixture.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'
import { addAnchor, base64, csca, longLived, sha256 } from '../support/trust-anchors.fixture.ts'

const authority = csca('UT')
const signer = documentSigner(authority)
const { body, groups, sod } = passport(signer)
const right = buildLdsSecurityObject({ hash: 'sha256', dataGroups: groups })

let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  await addAnchor(marty, authority.der)
})
after(() => marty.stop())

const check = (bytes: Uint8Array, more: object = {}): Promise<TestAnswer> =>
  marty.request('POST', '/v1/documents/passive-authentication', {
    token: marty.token({ subject: 'inspector', roles: [], permissions: [] }),
    body: { ...body, sod: base64(bytes), ...more },
  })

const errors = (answer: TestAnswer): string[] =>
  (answer.json.findings ?? [])
    .filter(({ severity }: { severity: string }) => severity === 'error')
    .map(({ code }: { code: string }) => code)

const rows = () => storedRows(marty.dataDirectory, 'validations').length

async function refused(bytes: Uint8Array, says: RegExp, more: object = {}): Promise<void> {
  const before = rows()
  const answer = await check(bytes, more)
  assert.deepEqual([answer.status, answer.json.code], [422, 'sod_malformed'], answer.text)
  const [first] = answer.json.errors
  assert.equal(first.path, 'sod')
  assert.match(first.message, says)
  assert.equal(rows(), before, 'nothing is stored')
}

test('the EF.SOD of these tests is valid as long as nothing is changed in it', async () => {
  const answer = await check(hostileSod(signer, { content: right }))
  assert.deepEqual([answer.json.valid, errors(answer)], [true, []], answer.text)
})

test('a signature over the content itself, without signed attributes, is not valid under any compatibility', async () => {
  const choice: HostileChoice = { content: right, attributes: null }
  const plain = await check(hostileSod(signer, choice))
  assert.deepEqual([plain.json.valid, errors(plain)], [false, ['cms_signed_attributes_missing']], plain.text)
  // Doc 9303-10 §4.6.2.2, Table 37: mandatory, whatever the content type; RFC 5652 §5.3 alone would let id-data pass.
  const asData = hostileSod(signer, { ...choice, contentType: oids.data })
  const tolerated = await check(asData, { compatibilities: ['sod-content-type-data', 'cms-tolerant'] })
  assert.deepEqual(
    [tolerated.json.valid, errors(tolerated)],
    [false, ['cms_signed_attributes_missing']],
    tolerated.text,
  )
})

test('each signed attribute that binds the content is required', async () => {
  const [type, digest] = [attributesOf(right).subarray(2, 2 + 23), attributesOf(right).subarray(2 + 23)]
  for (const [set, code] of [
    [der.set(type), 'cms_message_digest_missing'],
    [der.set(digest), 'cms_content_type_missing'],
  ] as const) {
    const answer = await check(hostileSod(signer, { content: right, attributes: set }))
    assert.deepEqual([answer.json.valid, errors(answer)], [false, [code]], answer.text)
  }
})

test('a signature over attributes proves nothing where the attributes are replayed as content', async () => {
  const signed = attributesOf(right)
  for (const contentType of [oids.ldsSecurityObject, oids.data]) {
    const replayed = hostileSod(signer, { contentType, content: signed, attributes: null })
    await refused(replayed, /security object is no SEQUENCE/, { compatibilities: ['sod-content-type-data'] })
  }
  // The other way round: attributes that were signed for one content stand over another one.
  const other = rawSecurityObject(groups.map(({ number }) => ({ number, hash: new Uint8Array(32) })))
  const answer = await check(hostileSod(signer, { content: other, attributes: signed }))
  assert.equal(answer.json.valid, false)
  assert.ok(errors(answer).includes('cms_message_digest_mismatch'), answer.text)
  // Attributes for a content of another type.
  const typed = hostileSod(signer, { content: right, attributes: attributesOf(right, oids.data) })
  const mistyped = await check(typed)
  assert.deepEqual([mistyped.json.valid, errors(mistyped)], [false, ['cms_content_type_mismatch']], mistyped.text)
})

test('algorithms that are not known are said to be unavailable, and are never a yes', async () => {
  const unknown = '1.2.3.4'
  for (const choice of [{ digest: unknown }, { signature: der.sequence(der.oid(unknown)) }]) {
    const answer = await check(hostileSod(signer, { content: right, ...choice }))
    assert.equal(answer.json.valid, false)
    assert.ok(errors(answer).includes('cms_algorithm_unavailable'), answer.text)
  }
  const hashes = groups.map(({ number }) => ({ number, hash: new Uint8Array(32) }))
  await refused(hostileSod(signer, { content: rawSecurityObject(hashes, unknown) }), /1\.2\.3\.4/)
})

test('a data group that is signed twice, and hashes of another algorithm than named, are refused', async () => {
  const [first, second] = groups.map(({ number, content }) => ({
    number,
    hash: createHash('sha256').update(content).digest(),
  }))
  assert.ok(first !== undefined && second !== undefined)
  const foreign = { ...first, hash: new Uint8Array(32) }
  for (const twice of [
    [first, second, first],
    [first, foreign, second],
    [foreign, first, second],
  ]) {
    await refused(hostileSod(signer, { content: rawSecurityObject(twice) }), /data group 1 occurs twice/)
  }
  const sha512 = '2.16.840.1.101.3.4.2.3'
  await refused(hostileSod(signer, { content: rawSecurityObject([first, second], sha512) }), /is no sha512/)
})

test('the security object may be hashed otherwise than its signature: each names its own algorithm', async () => {
  const content = buildLdsSecurityObject({ hash: 'sha384', dataGroups: groups })
  const answer = await check(hostileSod(signer, { content }))
  assert.deepEqual([answer.json.valid, errors(answer)], [true, []], answer.text)
  assert.equal(answer.json.document.securityObject.hashAlgorithm, 'sha384')
  // What is signed with one hash and says another is another matter.
  const disagreeing = await check(passport(signer, { signerChange: { digest: 'sha512' } }).sod)
  assert.deepEqual(errors(disagreeing), ['cms_digest_algorithm_mismatch'], disagreeing.text)
})

test('an EF.SOD of 5 MB is refused by its size, and nothing is stored', async () => {
  const before = rows()
  const whole = await check(new Uint8Array(5_000_000))
  assert.deepEqual([whole.status, whole.json.code], [413, 'payload_too_large'], whole.text)
  // What the largest body can carry.
  const answer = await check(new Uint8Array(3_000_000))
  assert.deepEqual([answer.status, answer.json.code], [422, 'validation_failed'], answer.text)
  assert.equal(answer.json.errors[0].path, 'sod')
  assert.ok(answer.text.length < 2000, 'the answer does not repeat it')
  assert.equal(rows(), before)
})

test('indefinite lengths are refused, read where the tolerant reader is asked for, and named', async () => {
  const ber = indefinite(sod, signer.der)
  await refused(ber, /length/)
  const answer = await check(ber, { compatibilities: ['cms-tolerant'] })
  assert.deepEqual([answer.json.valid, errors(answer)], [true, []], answer.text)
  assert.ok(answer.json.document.compatibilities.includes('ber-encoding'), answer.text)
  // An end that never comes.
  await refused(ber.subarray(0, -2), /./, { compatibilities: ['cms-tolerant'] })
})

test('a signer that is named by key identifier is found in the directory', async () => {
  const named = authority.issue('C=UT, O=State, CN=Document Signer', {
    ...longLived,
    key: testKey('p256', 'by key identifier'),
    serial: 95,
  })
  const token = marty.token({ subject: 'pkd', roles: ['pkd_administrator'], permissions: [] })
  const added = await marty.request('POST', '/v1/pkd/certificates', { token, body: { certificate: base64(named.der) } })
  assert.ok(added.status < 300, added.text)
  const found = await check(sodByKeyIdentifier(named, right))
  assert.deepEqual(
    [found.status, found.json.valid, found.json.path?.[0].sha256],
    [200, true, sha256(named.der)],
    found.text,
  )
})
