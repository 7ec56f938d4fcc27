import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type CrlTemplate,
  certificateIssuer,
  createRoot,
  crlDistributionPoints,
  crlNumber,
  extendedKeyUsage,
  extension,
  invalidityDate,
  issuingDistributionPoint,
  keyUsage,
  ocspNonce,
  type RevocationInputOptions,
  reasonCode,
  revocationInput,
  type SingleResponseInput,
  testDay,
  testKey,
  testTime,
  uriPoint,
} from '../testing/index.ts'
import { validateCertificate } from '../verdict/validate-certificate.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { checkRevocation } from './check.ts'

// A revocation that is not a hold does not end (RFC 5280 §5.3.1): signed evidence of it counts at any age. Only "good" needs freshness.

const rootName = 'C=UT, CN=Old Root'
const root = createRoot(rootName)
const leaf = root.issue('CN=Leaf')
const past = { thisUpdate: testDay(-9), nextUpdate: testDay(-1) }

function check(options: Partial<RevocationInputOptions>) {
  const result = checkRevocation(revocationInput({ certificate: leaf.der, path: [root.der], ...options }))
  return { ...result, codes: result.findings.map(({ code }) => code) }
}

type Reason = Parameters<typeof reasonCode>[0]
const entryFor = (reason?: Reason) => ({
  serial: leaf.serial,
  revocationDate: testDay(-20),
  ...(reason === undefined ? {} : { extensions: [reasonCode(reason)] }),
})
const crl = (reason: Reason | undefined, template: Partial<CrlTemplate> = {}) =>
  root.crl({ entries: [entryFor(reason)], ...past, ...template })
const single = (status: SingleResponseInput['status'], more: Partial<SingleResponseInput> = {}) => ({
  certId: root.certId(leaf.serial),
  status,
  ...past,
  ...more,
})
const revoked = (reason?: Exclude<Reason, number>) => ({
  revokedAt: testDay(-20),
  ...(reason === undefined ? {} : { reason }),
})
const ocsp = (reason?: Exclude<Reason, number>, more: Partial<SingleResponseInput> = {}) =>
  root.ocsp([single(revoked(reason), more)], { producedAt: testDay(-9) })

const modes = ['soft-fail', 'required'] as const

describe('a CRL that is too old to show a certificate good', () => {
  const ages: [string, Partial<CrlTemplate>, object, string][] = [
    ['past its nextUpdate', {}, {}, 'crl_stale'],
    ['without nextUpdate', { nextUpdate: null }, {}, 'crl_no_next_update'],
    ['older than the greatest age', { nextUpdate: testDay(9) }, { maximumAgeSeconds: 3600 }, 'crl_too_old'],
  ]
  for (const [name, template, policy, code] of ages) {
    for (const mode of modes) {
      test(`${name} proves a revocation, ${mode}`, () => {
        for (const reason of [undefined, 'keyCompromise', 'superseded', 'privilegeWithdrawn'] as const) {
          const result = check({ crls: [crl(reason, template)], policy: { ...policy, mode } })
          assert.deepEqual(
            [result.status, result.outcome, result.codes],
            ['revoked', 'fail', ['certificate_revoked', code]],
          )
          assert.match(result.findings[1]?.message ?? '', /old.*§5\.3\.1/)
          assert.deepEqual(
            result.evidence.map(({ source, index, status }) => ({ source, index, status })),
            [{ source: 'crl', index: 0, status: 'revoked' }],
          )
        }
      })

      test(`${name} decides nothing by a hold, ${mode}`, () => {
        const result = check({ crls: [crl('certificateHold', template)], policy: { ...policy, mode } })
        assert.equal(result.status, 'undetermined')
        assert.equal(result.outcome, mode === 'required' ? 'fail' : 'soft-fail')
        assert.deepEqual(result.codes, ['revocation_undetermined', code])
      })

      test(`${name} shows nothing good, ${mode}`, () => {
        const result = check({ crls: [root.crl({ ...past, ...template })], policy: { ...policy, mode } })
        assert.deepEqual([result.status, result.codes], ['undetermined', ['revocation_undetermined', code]])
      })
    }
  }

  test('must be signed, in scope, understood and not of the future', () => {
    const onlyCas = issuingDistributionPoint({ onlyContainsCACerts: true })
    const stranger = testKey('p256', 'stranger')
    const useless: [string, Uint8Array][] = [
      ['crl_signature_invalid', crl('keyCompromise', { corruptSignature: true })],
      ['crl_signature_invalid', crl('keyCompromise', { signer: stranger })],
      ['crl_only_ca_certificates', crl('keyCompromise', { extensions: [onlyCas] })],
      [
        'crl_unknown_critical_extension',
        crl('keyCompromise', { extensions: [extension('1.2.3.4', Uint8Array.of(5, 0), true)] }),
      ],
      ['crl_not_yet_valid', crl('keyCompromise', { thisUpdate: testDay(1), nextUpdate: null })],
    ]
    for (const [code, bytes] of useless) {
      const result = check({ crls: [bytes], policy: { mode: 'soft-fail' } })
      assert.equal(result.status, 'undetermined', code)
      assert.ok(result.codes.includes(code as never), `${code}: ${result.codes}`)
    }
    const others = root.crl({ ...past, entries: [{ serial: 999 }] })
    assert.equal(check({ crls: [others] }).status, 'undetermined')
  })

  test('an indirect one proves it for the issuer that its entries name', () => {
    const issuer = 'C=UT, CN=Indirect CRL Issuer'
    const key = testKey('p256', 'indirect issuer')
    const signer = root.issue(issuer, { key, extensions: [keyUsage(['cRLSign'])] })
    const uri = 'http://crl.test/indirect.crl'
    const certificate = root.issue('CN=Leaf', {
      serial: leaf.serial as number,
      extra: [crlDistributionPoints([{ ...uriPoint(uri), crlIssuer: [{ directory: issuer }] }])],
    }).der
    const list = (name: string) =>
      root.crl({
        ...past,
        issuer,
        signer: key,
        extensions: [issuingDistributionPoint({ name: { fullName: [{ uri }] }, indirectCrl: true })],
        entries: [{ serial: leaf.serial, extensions: [certificateIssuer([{ directory: name }])] }],
      })
    const pool = [signer.der]
    assert.equal(check({ certificate, crls: [list(rootName)], pool }).status, 'revoked')
    assert.equal(check({ certificate, crls: [list('C=UT, CN=Else')], pool }).status, 'undetermined')
    const refused = check({ certificate, crls: [list(rootName)], pool, policy: { indirectCrls: false } })
    assert.equal(refused.status, 'undetermined')
  })

  test('its signer may have expired since, but must have been valid when it signed', () => {
    const key = testKey('p256', 'expired crl signer')
    const usage = { key, extensions: [keyUsage(['cRLSign'])] }
    const signers = {
      expiredSince: root.issue(root.name, { ...usage, notAfter: testDay(-5) }).der,
      expiredBefore: root.issue(root.name, { ...usage, notAfter: testDay(-12) }).der,
    }
    const list = crl('keyCompromise', { signer: key })
    assert.equal(check({ crls: [list], pool: [signers.expiredSince] }).status, 'revoked')
    assert.equal(check({ crls: [list], pool: [signers.expiredBefore] }).status, 'undetermined')
    const good = root.crl({ signer: key, thisUpdate: testDay(-9), nextUpdate: testDay(9) })
    assert.equal(
      check({ crls: [good], pool: [signers.expiredSince] }).status,
      'undetermined',
      'good needs a signer of now',
    )
  })

  test('proves it where the distribution points of the certificate cannot be read', () => {
    const certificate = root.issue('CN=Leaf', {
      serial: leaf.serial as number,
      extra: [extension('2.5.29.31', Uint8Array.of(5, 0), false)],
    }).der
    assert.equal(check({ certificate, crls: [crl('superseded')] }).status, 'revoked')
    assert.equal(check({ certificate, crls: [root.crl()] }).status, 'undetermined')
  })

  test('a moment before the revocation counts only where later evidence is asked for', () => {
    const at = testDay(-30)
    const invalidity = root.crl({
      ...past,
      entries: [{ ...entryFor('superseded'), extensions: [reasonCode('superseded'), invalidityDate(testDay(-40))] }],
    })
    const policy = { laterEvidence: true }
    assert.equal(check({ at, crls: [crl('superseded')] }).status, 'undetermined')
    assert.equal(check({ at, policy, crls: [crl('superseded')] }).status, 'good')
    assert.equal(check({ at, policy, crls: [crl('keyCompromise')] }).status, 'revoked')
    assert.equal(check({ at, policy, crls: [invalidity] }).status, 'revoked')
    assert.equal(check({ at: testTime, policy, crls: [crl('superseded')] }).status, 'revoked')
  })
})

describe('an OCSP answer that is too old to show a certificate good', () => {
  const ages: [string, Partial<SingleResponseInput>, object, string][] = [
    ['past its nextUpdate', {}, {}, 'ocsp_stale'],
    ['without nextUpdate', { nextUpdate: null }, {}, 'ocsp_no_next_update'],
    ['older than the greatest age', { nextUpdate: testDay(9) }, { maximumAgeSeconds: 3600 }, 'ocsp_too_old'],
  ]
  for (const [name, more, policy, code] of ages) {
    for (const mode of modes) {
      test(`${name} proves a revocation and no hold, ${mode}`, () => {
        for (const reason of [undefined, 'keyCompromise', 'superseded'] as const) {
          const result = check({ ocspResponses: [ocsp(reason, more)], policy: { ...policy, mode } })
          assert.deepEqual(
            [result.status, result.outcome, result.codes],
            ['revoked', 'fail', ['certificate_revoked', code]],
          )
          assert.equal(result.revocationDate, testDay(-20).getTime())
        }
        for (const reason of ['certificateHold', 'removeFromCRL'] as const) {
          const hold = check({ ocspResponses: [ocsp(reason, more)], policy: { ...policy, mode } })
          assert.deepEqual([hold.status, hold.codes], ['undetermined', ['revocation_undetermined', code]])
        }
      })
    }
  }

  test('to another nonce it still proves a revocation, and nothing else', () => {
    const policy = { ocspNonce: new Uint8Array(32).fill(1) }
    const answer = (status: SingleResponseInput['status']) =>
      root.ocsp([{ certId: root.certId(leaf.serial), status }], { extensions: [ocspNonce(new Uint8Array(32))] })
    assert.equal(check({ policy, ocspResponses: [answer(revoked('superseded'))] }).status, 'revoked')
    for (const status of ['good', 'unknown', revoked('certificateHold')] as const) {
      const result = check({ policy, ocspResponses: [answer(status)] })
      assert.deepEqual(result.codes, ['revocation_undetermined', 'ocsp_nonce_mismatch'])
    }
  })

  test('counts by a responder that has expired since, and by none that had no right to answer', () => {
    const key = testKey('p256', 'old responder')
    const delegate = (usage: 'ocspSigning' | 'serverAuth', notAfter: Date) =>
      root.issue('CN=Responder', {
        key,
        extensions: [keyUsage(['digitalSignature']), extendedKeyUsage([usage])],
        notAfter,
      }).der
    const by = (responder: Uint8Array, status: SingleResponseInput['status'], corruptSignature = false) =>
      root.ocsp([single(status, { nextUpdate: testDay(9) })], {
        producedAt: testDay(-9),
        signer: key,
        responder: { byName: 'CN=Responder' },
        certificates: [responder],
        corruptSignature,
      })
    const statusOf = (response: Uint8Array) => check({ ocspResponses: [response] }).status
    const expired = delegate('ocspSigning', testDay(-5))
    assert.equal(statusOf(by(expired, revoked('keyCompromise'))), 'revoked')
    assert.equal(statusOf(by(expired, revoked('certificateHold'))), 'undetermined')
    assert.equal(statusOf(by(expired, 'good')), 'undetermined')
    assert.equal(statusOf(by(expired, revoked('keyCompromise'), true)), 'undetermined')
    assert.equal(statusOf(by(delegate('ocspSigning', testDay(-12)), revoked('keyCompromise'))), 'undetermined')
    assert.equal(statusOf(by(delegate('serverAuth', testDay(5)), revoked('keyCompromise'))), 'undetermined')
  })

  test('of the future it proves nothing', () => {
    const future = root.ocsp([single(revoked(), { thisUpdate: testDay(1), nextUpdate: null })])
    assert.equal(check({ ocspResponses: [future] }).status, 'undetermined')
    const produced = root.ocsp([single(revoked())], { producedAt: testDay(1) })
    assert.equal(check({ ocspResponses: [produced] }).status, 'undetermined')
  })
})

describe('a fresh good answer beside an old one that says revoked', () => {
  const goodAnswer = root.ocsp([{ certId: root.certId(leaf.serial), status: 'good' }])
  const goodList = root.crl({ extensions: [crlNumber(9)] })
  const cases: [string, Partial<RevocationInputOptions>][] = [
    ['two CRLs', { crls: [goodList, crl('superseded')] }],
    ['two CRLs that are both fresh', { crls: [goodList, crl('superseded', { nextUpdate: testDay(9) })] }],
    ['two OCSP answers', { ocspResponses: [goodAnswer, ocsp('superseded')] }],
    ['an OCSP answer beside a CRL', { ocspResponses: [goodAnswer], crls: [crl('superseded')] }],
    ['a CRL beside an OCSP answer', { ocspResponses: [goodAnswer, ocsp('superseded')], crls: [goodList] }],
  ]
  for (const [name, evidence] of cases) {
    test(`${name}: the revocation wins, and the finding says why`, () => {
      const result = check({ ...evidence, policy: { mode: 'soft-fail' } })
      assert.deepEqual([result.status, result.outcome, result.codes[0]], ['revoked', 'fail', 'certificate_revoked'])
      if (name !== 'a CRL beside an OCSP answer') assert.match(result.findings[0]?.message ?? '', /good.*§5\.3\.1/)
    })
  }

  test('an old hold is refuted by it', () => {
    assert.equal(check({ crls: [goodList, crl('certificateHold')] }).status, 'good')
    assert.equal(check({ ocspResponses: [goodAnswer, ocsp('certificateHold')] }).status, 'good')
    assert.equal(check({ ocspResponses: [goodAnswer], crls: [crl('certificateHold')] }).status, 'good')
  })

  test('costs no signature check for lists that do not name the certificate', () => {
    const others = Array.from({ length: 5 }, () => root.crl({ ...past, entries: [{ serial: 999 }] }))
    const input = revocationInput({ certificate: leaf.der, path: [root.der], crls: [goodList, ...others] })
    assert.equal(checkRevocation(input).status, 'good')
    assert.equal(input.counts.signatures, 1)
  })

  test('without signature checks left for the old one nothing is good', () => {
    const crls = [goodList, crl('superseded')]
    const result = check({ crls, maxSignatureChecks: 1 })
    assert.equal(result.status, 'undetermined')
    assert.ok(result.codes.includes('revocation_work_exhausted'))
  })
})

describe('in a whole validation', () => {
  const input = (conformance: boolean) => ({
    target: leaf.der,
    anchors: [root.der],
    profile: 'rfc5280' as const,
    time: testTime,
    revocation: 'soft-fail' as const,
    conformance,
  })

  test('a CA is revoked by old evidence as well', () => {
    const ca = root.subordinate('C=UT, CN=Old CA')
    const below = ca.issue('CN=Below')
    const list = root.crl({ ...past, entries: [{ serial: parseCertificate(ca.der).serialNumber }] })
    const verdict = validateCertificate({ ...input(false), target: below.der, intermediates: [ca.der], crls: [list] })
    const [finding] = verdict.findings
    assert.deepEqual([verdict.valid, finding?.code, finding?.certificate], [false, 'certificate_revoked', 1])
  })

  test('a list that breaks a rule of form shows nothing good and still proves a revocation', () => {
    const noNumber = (entries: CrlTemplate['entries'] = []) => root.crl({ entries, nextUpdate: null })
    for (const conformance of [false, true]) {
      const verdict = validateCertificate({ ...input(conformance), crls: [noNumber([entryFor('superseded')])] })
      assert.deepEqual([verdict.valid, verdict.findings[0]?.code], [false, 'certificate_revoked'], String(conformance))
      const other = validateCertificate({ ...input(conformance), crls: [noNumber()] })
      assert.deepEqual([other.valid, other.findings[0]?.code], [true, 'revocation_undetermined'], String(conformance))
    }
  })

  test('a signer that was revoked before it signed proves nothing', () => {
    const key = testKey('p256', 'revoked crl signer')
    const signer = root.issue(root.name, {
      key,
      serial: 4242,
      extensions: [keyUsage(['cRLSign'])],
      notAfter: testDay(-5),
    })
    const list = crl('superseded', { signer: key })
    const about = (revocationDate: Date, reason: Reason) =>
      root.crl({ entries: [{ serial: 4242, revocationDate, extensions: [reasonCode(reason)] }] })
    const codeWith = (crls: readonly Uint8Array[]) =>
      validateCertificate({ ...input(false), intermediates: [signer.der], crls: [list, ...crls] }).findings[0]?.code
    assert.equal(codeWith([]), 'certificate_revoked')
    assert.equal(codeWith([about(testDay(-7), 'superseded')]), 'certificate_revoked', 'revoked after it signed')
    assert.notEqual(codeWith([about(testDay(-12), 'superseded')]), 'certificate_revoked')
    assert.notEqual(codeWith([about(testDay(-7), 'keyCompromise')]), 'certificate_revoked')
  })
})
