import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  authorityInfoAccess,
  createRoot,
  crlDistributionPoints,
  extendedKeyUsage,
  extension,
  freshestCrl,
  noRevAvail,
  ocspNoCheck,
  type RevocationInputOptions,
  revocationInput,
  testDay,
  uriPoint,
} from '../testing/index.ts'
import { checkRevocation } from './check.ts'

const root = createRoot('C=UT, CN=Check Root')
const leaf = root.issue('CN=Leaf')
const good = root.ocsp([{ certId: root.certId(leaf.serial), status: 'good' }])
const revoked = root.ocsp([{ certId: root.certId(leaf.serial), status: { revokedAt: testDay(-2) } }])
const listed = root.crl({ entries: [{ serial: leaf.serial }] })

function check(options: Partial<RevocationInputOptions>) {
  const result = checkRevocation(revocationInput({ certificate: leaf.der, path: [root.der], ...options }))
  return { ...result, codes: result.findings.map(({ code }) => code) }
}

describe('modes', () => {
  test('required: without evidence it fails', () => {
    const { status, outcome, codes } = check({})
    assert.deepEqual([status, outcome, codes], ['undetermined', 'fail', ['revocation_undetermined']])
  })

  test('soft-fail: without evidence it passes and says so, revoked it fails', () => {
    const policy = { mode: 'soft-fail' } as const
    const { status, outcome, codes } = check({ policy })
    assert.deepEqual([status, outcome, codes], ['undetermined', 'soft-fail', ['revocation_undetermined']])
    assert.equal(check({ policy, crls: [listed] }).outcome, 'fail')
    assert.equal(check({ policy, crls: [root.crl()] }).outcome, 'pass')
  })

  test('off: nothing is looked at', () => {
    const input = revocationInput({ certificate: leaf.der, path: [root.der], crls: [listed], policy: { mode: 'off' } })
    assert.equal(checkRevocation(input).outcome, 'pass')
    assert.deepEqual(input.counts, { signatures: 0, paths: 0 })
  })
})

describe('OCSP and CRLs together', () => {
  test('either shows it good', () => {
    assert.equal(check({ ocspResponses: [good] }).status, 'good')
    assert.equal(check({ crls: [root.crl()] }).status, 'good')
    const both = check({ ocspResponses: [good], crls: [root.crl()] })
    assert.deepEqual(
      both.evidence.map(({ source }) => source),
      ['ocsp', 'crl'],
    )
    assert.deepEqual(both.findings, [])
  })

  test('revoked in either is revoked', () => {
    assert.equal(check({ ocspResponses: [good], crls: [listed] }).status, 'revoked')
    assert.equal(check({ ocspResponses: [revoked], crls: [root.crl()] }).status, 'revoked')
    const { codes, findings } = check({ ocspResponses: [revoked] })
    assert.deepEqual(codes, ['certificate_revoked'])
    assert.match(findings[0]?.message ?? '', /2026-06-13T12:00:00\.000Z/)
  })

  test('unreadable evidence is named, not thrown', () => {
    const result = check({ crls: [Uint8Array.of(0x30)], ocspResponses: [new Uint8Array(0)] })
    assert.deepEqual(result.codes, ['revocation_undetermined', 'crl_malformed', 'ocsp_malformed'])
    assert.deepEqual(
      result.findings.slice(1).map(({ index }) => index),
      [0, 0],
    )
  })
})

describe('noRevAvail (RFC 9608)', () => {
  test('owes no evidence', () => {
    const certificate = root.issue('CN=Short-lived', { extra: [noRevAvail()] }).der
    const { status, outcome, exempt } = check({ certificate })
    assert.deepEqual([status, outcome, exempt], ['good', 'pass', 'noRevAvail'])
  })

  test('is not honoured in a CA certificate or beside a pointer to evidence', () => {
    const point = [uriPoint('http://crl.test/a.crl')]
    const contradictions = [
      root.subordinate('C=UT, CN=Sub', { extra: [noRevAvail()] }).der,
      root.issue('CN=x', { extra: [noRevAvail(), crlDistributionPoints(point)] }).der,
      root.issue('CN=x', { extra: [noRevAvail(), freshestCrl(point)] }).der,
      root.issue('CN=x', { extra: [noRevAvail(), authorityInfoAccess([{ method: 'ocsp', uri: 'http://o.test' }])] })
        .der,
      root.issue('CN=x', { extra: [noRevAvail(), extension('1.3.6.1.5.5.7.1.1', Uint8Array.of(0x30))] }).der,
      root.issue('CN=x', { extra: [noRevAvail(), extension('2.5.29.19', Uint8Array.of(0x30))] }).der,
    ]
    for (const certificate of contradictions) {
      const { outcome, codes } = check({ certificate })
      assert.deepEqual([outcome, codes], ['fail', ['revocation_undetermined', 'no_rev_avail_misplaced']])
    }
    const caIssuers = authorityInfoAccess([{ method: 'caIssuers', uri: 'http://ca.test' }])
    assert.equal(check({ certificate: root.issue('CN=x', { extra: [noRevAvail(), caIssuers] }).der }).outcome, 'pass')
  })
})

describe('the certificate of an OCSP responder', () => {
  const role = 'ocsp-responder'
  const usage = extendedKeyUsage(['ocspSigning'])

  test('with id-pkix-ocsp-nocheck it is not checked, in no other role', () => {
    const certificate = root.issue('CN=Responder', { extra: [usage, ocspNoCheck()] }).der
    assert.equal(check({ certificate, role }).exempt, 'ocspNoCheck')
    assert.equal(check({ certificate }).outcome, 'fail')
    assert.equal(check({ certificate, role: 'crl-issuer' }).outcome, 'fail')
  })

  test('that names no evidence passes without, but not when revoked', () => {
    const responder = root.issue('CN=Responder', { extra: [usage] })
    assert.equal(check({ certificate: responder.der, role }).outcome, 'soft-fail')
    const crls = [root.crl({ entries: [{ serial: responder.serial }] })]
    assert.equal(check({ certificate: responder.der, role, crls }).outcome, 'fail')
  })

  test('that names evidence needs it', () => {
    const point = crlDistributionPoints([uriPoint('http://crl.test/a.crl')])
    const certificate = root.issue('CN=Responder', { extra: [usage, point] }).der
    assert.equal(check({ certificate, role }).outcome, 'fail')
    assert.equal(check({ certificate, role, crls: [root.crl()] }).outcome, 'pass')
  })
})
