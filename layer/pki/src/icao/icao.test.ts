import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { buildSignedData, type SignedDataInput, type SignerInput } from '../cms/build-signed-data.ts'
import { oids } from '../der/oid-names.ts'
import { parseDer } from '../der/reader.ts'
import * as der from '../der/writer.ts'
import { isPkiError } from '../errors.ts'
import { createRoot, type IssuedCertificate, type MockAuthority } from '../testing/authority.ts'
import { authorityKeyIdentifier, extendedKeyUsage, keyUsage } from '../testing/extensions.ts'
import { testKey } from '../testing/keys.ts'
import { defaultAlgorithm, signBytes, signingAlgorithms } from '../testing/signing.ts'
import { testTime } from '../testing/times.ts'
import { buildLdsSecurityObject, buildMasterList, buildSod } from './build.ts'
import { countriesOfIssuingState, twoLetterCountry } from './issuing-states.ts'
import { parseLdsSecurityObject } from './lds-security-object.ts'
import { masterListCertificates, parseMasterList } from './master-list.ts'
import { issuingStateOfDg1 } from './mrz.ts'
import { type PassiveAuthenticationInput, passiveAuthentication } from './passive-authentication.ts'
import { parseSod } from './sod.ts'
import { verifyMasterList } from './verify-master-list.ts'

const mrzTd3 = `P<UTOERIKSSON<<ANNA<MARIA${'<'.repeat(19)}L898902C36UTO7408122F1204159ZE184226B<<<<<10`
const dg1 = (mrz = mrzTd3) => {
  const inner = new TextEncoder().encode(mrz)
  const object = der.concatBytes([Uint8Array.of(0x5f, 0x1f, inner.length), inner])
  return der.concatBytes([Uint8Array.of(0x61, object.length), object])
}
const dataGroup1 = { number: 1, content: dg1() }
const dataGroup2 = { number: 2, content: new TextEncoder().encode('a face') }
const dataGroup14 = { number: 14, content: new TextEncoder().encode('security infos') }

const csca = createRoot('C=UT, O=Utopia, CN=CSCA Utopia', { key: testKey('brainpoolP256r1-explicit', 'csca') })
const documentSigner = csca.issue('C=UT, O=Utopia, CN=Document Signer 1', { key: testKey('p256', 'dsc') })
const stranger = createRoot('C=ZZ, CN=CSCA Elsewhere', { key: testKey('p256', 'elsewhere') })

function signerOf({ der: certificate, key }: IssuedCertificate, change: Partial<SignerInput> = {}): SignerInput {
  const signatureAlgorithm = signingAlgorithms[defaultAlgorithm(key)].identifier
  return { certificate, signatureAlgorithm, sign: data => signBytes(data, key), ...change }
}

interface SodChange extends Partial<SignedDataInput> {
  readonly signer?: IssuedCertificate
  readonly embed?: boolean
}

function sod({ signer = documentSigner, embed = true, ...change }: SodChange = {}): Uint8Array {
  const content = buildLdsSecurityObject({ hash: 'sha256', dataGroups: [dataGroup1, dataGroup2, dataGroup14] })
  const certificates = embed ? [signer.der] : []
  return buildSod(
    buildSignedData({
      contentType: oids.ldsSecurityObject,
      content,
      signers: [signerOf(signer)],
      certificates,
      ...change,
    }),
  )
}

function authenticate(change: Partial<PassiveAuthenticationInput> = {}) {
  const verdict = passiveAuthentication({
    sod: sod(),
    dataGroups: [dataGroup1, dataGroup2],
    anchors: [csca.der],
    time: testTime,
    ...change,
  })
  const errors = verdict.findings.filter(finding => finding.severity === 'error').map(finding => finding.code)
  assert.equal(verdict.valid, errors.length === 0, 'a verdict is valid exactly where nothing is wrong')
  for (const finding of verdict.findings) assert.ok(finding.clause.length > 3 && finding.message.length > 0)
  return { ...verdict, errors }
}

test('a right document is valid, down to each hash', () => {
  const verdict = authenticate({ issuingState: 'dg1' })
  assert.deepEqual(verdict.errors, [])
  assert.deepEqual(verdict.dataGroups, [
    { number: 1, status: 'match' },
    { number: 2, status: 'match' },
    { number: 14, status: 'not-presented' },
  ])
  assert.deepEqual(verdict.securityObject, {
    version: 0,
    hashAlgorithm: 'sha256',
    ldsVersion: null,
    unicodeVersion: null,
  })
  assert.deepEqual(verdict.signers[0]?.certificate?.der, documentSigner.der)
  assert.equal(verdict.signers[0]?.chain?.anchor?.name, 'CN=CSCA Utopia,O=Utopia,C=UT')
})

test('version 1 of the security object', () => {
  const versionInfo = { ldsVersion: '0108', unicodeVersion: '040000' }
  const content = buildLdsSecurityObject({ hash: 'sha384', dataGroups: [dataGroup2, dataGroup1], versionInfo })
  const verdict = authenticate({ sod: sod({ content }) })
  assert.deepEqual(verdict.errors, [])
  assert.deepEqual(verdict.securityObject, { version: 1, hashAlgorithm: 'sha384', ...versionInfo })
})

test('an embedded certificate without an anchor above it proves nothing', () => {
  assert.deepEqual(authenticate({ anchors: [] }).errors, ['no_path'])
  assert.equal(authenticate({ anchors: [stranger.der] }).valid, false)
  assert.equal(authenticate({ anchors: [], certificates: [csca.der, documentSigner.der] }).valid, false)
  const forged = stranger.issue('C=UT, O=Utopia, CN=Document Signer 1', { key: testKey('p256', 'forger') })
  assert.equal(authenticate({ sod: sod({ signer: forged }) }).valid, false)
  const selfSigned = createRoot('C=UT, O=Utopia, CN=Document Signer 1', { key: testKey('p256', 'own') })
  assert.equal(authenticate({ sod: sod({ signer: selfSigned.certificate }) }).valid, false)
})

test('the signer may come from the directory instead', () => {
  const bare = sod({ embed: false })
  const missing = authenticate({ sod: bare })
  assert.deepEqual(missing.errors, ['cms_signer_certificate_missing'])
  assert.equal(missing.signers[0]?.chain, null)
  const garbage = Uint8Array.of(0x30, 0x80)
  assert.deepEqual(authenticate({ sod: bare, certificates: [garbage, documentSigner.der] }).errors, [])
})

test('changed data, missing data, foreign data', () => {
  const changed = { number: 2, content: new TextEncoder().encode('another face') }
  const verdict = authenticate({ dataGroups: [dataGroup1, changed] })
  assert.deepEqual(verdict.errors, ['data_group_mismatch'])
  assert.deepEqual(verdict.dataGroups[1], { number: 2, status: 'mismatch' })
  assert.deepEqual(authenticate({ dataGroups: [dataGroup1, { number: 3, content: dataGroup2.content }] }).errors, [
    'data_group_not_signed',
  ])
  assert.deepEqual(authenticate({ dataGroups: [] }).errors, ['data_groups_missing'])
  assert.deepEqual(
    authenticate({ dataGroups: [dataGroup1, dataGroup2, changed] }).errors,
    ['data_group_mismatch'],
    'presented twice',
  )
})

test('a signature that does not fit', () => {
  const right = sod()
  const lastByte = Uint8Array.from(right, (octet, index) => (index === right.length - 1 ? octet ^ 1 : octet))
  assert.deepEqual(authenticate({ sod: lastByte }).errors, ['cms_signature_invalid'])
  const key = testKey('rsa-2048', 'dsc')
  const weak = csca.issue('C=UT, CN=Weak', { key })
  const signer = signerOf(weak, { signatureAlgorithm: der.sequence(der.oid('1.2.840.113549.1.1.4'), der.nullValue()) })
  assert.deepEqual(authenticate({ sod: sod({ signers: [signer], certificates: [weak.der] }) }).errors, [
    'cms_algorithm_unavailable',
  ])
})

test('a hash or key the profile does not allow is refused in the document’s signature too', () => {
  const edwards = csca.issue('C=UT, CN=Edwards', { key: testKey('ed25519', 'dsc') })
  const { errors } = authenticate({ sod: sod({ signer: edwards }) })
  assert.ok(errors.includes('signature_algorithm_forbidden'), errors.join())
})

test('the validity of the document signer at the time asked for', () => {
  assert.deepEqual(authenticate({ time: new Date('2099-01-01T00:00:00Z') }).valid, false)
  assert.throws(() => authenticate({ time: Number.NaN }), { code: 'argument_invalid' })
  assert.throws(() => authenticate({ compatibilities: ['whatever' as never] }), { code: 'argument_invalid' })
})

test('the issuing State of the MRZ must be the authority’s', () => {
  assert.deepEqual(authenticate({ issuingState: 'UTO' }).errors, [])
  assert.deepEqual(authenticate({ issuingState: 'D<<' }).errors, ['issuing_state_mismatch'])
  assert.deepEqual(authenticate({ issuingState: 'QQQ' }).errors, ['issuing_state_unknown'])
  assert.deepEqual(authenticate({ issuingState: 'dg1', dataGroups: [dataGroup2] }).errors, ['issuing_state_unreadable'])
  const germanDg1 = { number: 1, content: dg1(mrzTd3.replace('P<UTO', 'P<D<<')) }
  const content = buildLdsSecurityObject({ hash: 'sha256', dataGroups: [germanDg1, dataGroup2] })
  const change = { sod: sod({ content }), dataGroups: [germanDg1, dataGroup2] }
  assert.deepEqual(authenticate({ ...change, issuingState: 'dg1' }).errors, ['issuing_state_mismatch'])
  const any = authenticate({ ...change, issuingState: 'any' })
  assert.equal(any.valid, true)
  assert.ok(any.findings.some(found => found.code === 'issuing_state_mismatch' && found.severity === 'warning'))
})

test('a document whose MRZ names another State than its CSCA is refused unless the caller asks otherwise', () => {
  const refusal = (mrz: string) => {
    const group = { number: 1, content: dg1(mrz) }
    const content = buildLdsSecurityObject({ hash: 'sha256', dataGroups: [group, dataGroup2] })
    return authenticate({ sod: sod({ content }), dataGroups: [group, dataGroup2] }).errors
  }
  assert.deepEqual(refusal(mrzTd3), [])
  assert.deepEqual(refusal(mrzTd3.replace('P<UTO', 'P<D<<')), ['issuing_state_mismatch'])
  assert.deepEqual(refusal(mrzTd3.replace('P<UTO', 'P<QQQ')), ['issuing_state_unknown'])
  assert.deepEqual(refusal(mrzTd3.slice(1)), ['issuing_state_unreadable'])
  const without = authenticate({ dataGroups: [dataGroup2] })
  assert.deepEqual(
    without.findings.map(({ code, severity }) => [code, severity]),
    [['issuing_state_unreadable', 'warning']],
  )
})

test('an EF.SOD without its outer tag is read under a compatibility of that name alone', () => {
  const whole = sod()
  const bare = parseDer(whole).content
  assert.deepEqual(authenticate({ sod: bare }).errors, ['sod_malformed'])
  const read = authenticate({ sod: bare, compatibilities: ['sod-without-tag'] })
  assert.deepEqual([read.errors, read.compatibility], [[], ['sod-without-tag']])
  assert.deepEqual(authenticate({ sod: whole, compatibilities: ['sod-without-tag'] }).compatibility, [])
  const trailing = der.concatBytes([bare, Uint8Array.of(0)])
  assert.deepEqual(authenticate({ sod: trailing, compatibilities: ['sod-without-tag'] }).errors, ['sod_malformed'])
  const otherTag = Uint8Array.from(whole)
  otherTag[0] = 0x78
  assert.deepEqual(authenticate({ sod: otherTag, compatibilities: ['sod-without-tag'] }).errors, ['sod_malformed'])
})

test('a refusal names the compatibility that would help, and none that would not', () => {
  const help = (change: Partial<PassiveAuthenticationInput>) =>
    authenticate(change)
      .findings.filter(({ code }) => code === 'compatibility_would_help')
      .map(({ message, severity }) => `${severity} ${message}`)
  const bare = parseDer(sod()).content
  assert.deepEqual(help({ sod: bare }), ['warning sod-without-tag'])
  assert.deepEqual(help({ sod: bare, anchors: [] }), ['warning sod-without-tag'], 'it helps, though not to the end')
  assert.deepEqual(help({ sod: bare.subarray(1) }), [])
  assert.deepEqual(help({ anchors: [stranger.der] }), [])
  const flip = Uint8Array.from(sod())
  flip[flip.length - 1] = (flip.at(-1) ?? 0) ^ 1
  assert.deepEqual(help({ sod: flip }), [])
  const usage = der.sequence(der.oid(oids.keyUsage), der.octetString(Uint8Array.of(3, 2, 0, 0x80)))
  const signer = csca.issue('C=UT, CN=Document Signer 2', { extensions: [usage, authorityKeyIdentifier(csca)] })
  const lenient = sod({ signer })
  assert.deepEqual(help({ sod: lenient }), ['warning lenient-extensions'])
  lenient[lenient.length - 1] = (lenient.at(-1) ?? 0) ^ 1
  assert.deepEqual(help({ sod: lenient }), [], 'the signature stays wrong')
})

test('issuing States', () => {
  assert.deepEqual(countriesOfIssuingState('D<<'), ['DE'])
  assert.deepEqual(countriesOfIssuingState('DEU'), ['DE'])
  assert.deepEqual(countriesOfIssuingState('CHN'), ['CN', 'HK', 'MO'])
  assert.deepEqual(countriesOfIssuingState('UNO'), ['UN', 'ZZ'])
  assert.deepEqual(['LTU', 'LT', 'QQQ'].map(twoLetterCountry), ['LT', 'LT', 'QQQ'])
  assert.equal(countriesOfIssuingState(''), undefined)
  assert.equal(countriesOfIssuingState('XXX'), undefined)
  assert.equal(issuingStateOfDg1(dg1()), 'UTO')
  for (const bytes of [new Uint8Array(0), dg1('P<UTO'), dataGroup2.content, dg1().subarray(0, 40)]) {
    assert.throws(() => issuingStateOfDg1(bytes), { code: 'der_malformed' })
  }
})

test('id-data as content type: by the named compatibility alone', () => {
  const content = buildLdsSecurityObject({ hash: 'sha256', dataGroups: [dataGroup1, dataGroup2] })
  // A subject key identifier makes the version 3 that Doc 9303 asks for.
  const bytes = sod({
    contentType: oids.data,
    content,
    signers: [signerOf(documentSigner, { sid: 'subjectKeyIdentifier' })],
  })
  const allowed = authenticate({ sod: bytes, compatibilities: ['sod-content-type-data'] })
  assert.deepEqual(allowed.errors, [])
  assert.ok(allowed.compatibility.includes('sod-content-type-data'))
})

test('a document signer whose extensions are BER: by the named compatibility alone', () => {
  const usage = der.sequence(der.oid(oids.keyUsage), der.octetString(Uint8Array.of(3, 2, 0, 0x80)))
  const extensions = [usage, authorityKeyIdentifier({ key: csca.key })]
  const bytes = sod({ signer: csca.issue('C=UT, CN=Document Signer 2', { extensions }) })
  assert.deepEqual(authenticate({ sod: bytes }).errors, ['extension_malformed'])
  const allowed = authenticate({ sod: bytes, compatibilities: ['lenient-extensions'] })
  assert.deepEqual([allowed.valid, allowed.compatibility], [true, ['lenient-extensions']])
})

const listSigner = (authority: MockAuthority, purposes = ['masterListSigning']) =>
  authority.issue('C=UT, CN=Master List Signer', {
    key: testKey('p256', 'mls'),
    extra: purposes.length > 0 ? [extendedKeyUsage(purposes, true)] : [],
  })

function masterList(signer: IssuedCertificate, change: Partial<SignedDataInput> = {}): Uint8Array {
  const content = buildMasterList([csca.der, stranger.der])
  const certificates = [signer.der, csca.der]
  return buildSignedData({
    contentType: oids.cscaMasterList,
    content,
    signers: [signerOf(signer)],
    certificates,
    ...change,
  })
}

test('a master list is valid under an anchor of its signer, with the signer’s key purpose', () => {
  const right = masterList(listSigner(csca))
  const verdict = verifyMasterList({ masterList: right, anchors: [csca.der], time: testTime })
  assert.deepEqual(
    verdict.findings.filter(finding => finding.severity === 'error'),
    [],
  )
  assert.equal(verdict.valid, true)
  assert.deepEqual(new Set(verdict.certificates.map(one => one.subject.toString())).size, 2)
  const verify = (masterList: Uint8Array, anchors: Uint8Array[]) => {
    const { valid, findings } = verifyMasterList({ masterList, anchors, time: testTime })
    assert.equal(valid, false)
    return findings.map(finding => finding.code)
  }
  assert.deepEqual(verify(right, []), ['no_path'], 'the embedded CSCA is no anchor')
  assert.ok(verify(masterList(listSigner(csca, ['serverAuth'])), [csca.der]).includes('purpose_not_allowed'))
  assert.notEqual(verify(masterList(listSigner(csca, [])), [csca.der]).length, 0)
  assert.ok(verify(right.subarray(0, 200), [csca.der]).includes('master_list_malformed'))
})

test('a malformed certificate in a list is named and keeps the others', () => {
  const content = buildMasterList([csca.der, der.sequence(der.integer(1))])
  const parsed = parseMasterList(masterList(listSigner(csca), { content }))
  const { certificates, malformed } = masterListCertificates(parsed)
  assert.deepEqual([certificates.length, malformed.length, malformed[0]?.error.code], [1, 1, 'certificate_malformed'])
  const verdict = verifyMasterList({
    masterList: masterList(listSigner(csca), { content }),
    anchors: [csca.der],
    time: testTime,
  })
  assert.equal(verdict.valid, true)
  assert.ok(verdict.findings.some(finding => finding.code === 'master_list_certificate_malformed'))
})

test('what is no master list is refused', () => {
  const signer = listSigner(csca)
  const refused: [string, Uint8Array][] = [
    ['another content type', masterList(signer, { contentType: oids.ldsSecurityObject })],
    ['version 1', masterList(signer, { content: der.sequence(der.integer(1), der.set(csca.der)) })],
    ['trailing data', masterList(signer, { content: der.concatBytes([buildMasterList([csca.der]), der.nullValue()]) })],
    ['no list', masterList(signer, { content: der.nullValue() })],
    ['detached', masterList(signer, { detached: true })],
    [
      'members that are no certificates',
      masterList(signer, { content: der.sequence(der.integer(0), der.set(der.nullValue())) }),
    ],
  ]
  for (const [what, bytes] of refused)
    assert.throws(() => parseMasterList(bytes), { code: 'master_list_malformed' }, what)
})

test('a signer that may not sign is refused', () => {
  const unfit = csca.issue('C=UT, CN=Unfit', {
    key: testKey('p256', 'unfit'),
    extensions: [keyUsage(['keyEncipherment'])],
  })
  assert.equal(authenticate({ sod: sod({ signer: unfit }) }).valid, false)
})

test('mutations of an EF.SOD never throw anything but give a verdict, and never a valid one over other data', () => {
  const right = sod()
  fc.assert(
    fc.property(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const bytes = Uint8Array.from(right, (octet, index) => (index === at ? octet ^ mask : octet))
      const verdict = authenticate({
        sod: bytes,
        dataGroups: [dataGroup1, { ...dataGroup2, content: dataGroup14.content }],
      })
      assert.equal(verdict.valid, false)
    }),
    { numRuns: 150 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      assert.deepEqual(authenticate({ sod: bytes }).errors, ['sod_malformed'])
      for (const parse of [parseSod, parseMasterList, parseLdsSecurityObject, issuingStateOfDg1]) {
        assert.throws(
          () => parse(bytes),
          error => isPkiError(error),
        )
      }
    }),
  )
})
