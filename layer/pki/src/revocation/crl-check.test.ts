import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  basicConstraints,
  certificateIssuer,
  createRoot,
  extension,
  invalidityDate,
  reasonCode,
  revocationInput,
  testDay,
  testKey,
  unknownExtension,
  uriPoint,
} from '../testing/index.ts'
import { checkRevocation } from './check.ts'
import { check, crlWith, leaf, leafWith, listed, root, uri } from './crl-check.fixture.ts'
import { checkCrls } from './crl-check.ts'

describe('a complete CRL of the issuer', () => {
  test('shows a certificate good that it does not list', () => {
    const result = check([root.crl({ entries: [{ serial: 999 }] })])
    assert.equal(result.status, 'good')
    assert.deepEqual(
      result.evidence.map(({ source, index, status }) => ({ source, index, status })),
      [{ source: 'crl', index: 0, status: 'good' }],
    )
  })

  test('shows a certificate revoked that it lists, with reason and date', () => {
    const outcome = checkCrls(revocationInput({ certificate: leaf.der, path: [root.der], crls: [root.crl(listed)] }))
    assert.equal(outcome.status, 'revoked')
    assert.equal(outcome.reason, 'keyCompromise')
    assert.equal(outcome.revocationDate, testDay(-10).getTime())
  })

  test('finds long, negative and equal-length serial numbers among many', () => {
    const serial = Buffer.from('7f1234567890abcdef1234567890abcdef123456', 'hex')
    const long = root.issue('CN=Long', { serial })
    const entries = Array.from({ length: 500 }, (_, index) => ({ serial: 1000 + index }))
    const crl = root.crl({ entries: [...entries, { serial }, { serial: -5 }] })
    assert.equal(check([crl], { certificate: long.der }).status, 'revoked')
    assert.equal(check([crl], { certificate: root.issue('CN=N', { serial: -5 }).der }).status, 'revoked')
    assert.equal(check([crl], { certificate: root.issue('CN=N', { serial: -6 }).der }).status, 'good')
    assert.equal(check([crl], { certificate: root.issue('CN=N', { serial: 1499 }).der }).status, 'revoked')
  })

  test('newest first: a later list knows better', () => {
    const older = root.crl({ thisUpdate: testDay(-5) })
    const newer = root.crl({ ...listed, thisUpdate: testDay(-1) })
    assert.equal(check([older, newer]).status, 'revoked')
    assert.equal(check([newer, older]).status, 'revoked')
  })
})

describe('§5 and (a): what makes a CRL useless', () => {
  const cases: [string, Uint8Array, string][] = [
    ['critical extension', root.crl({ extensions: [unknownExtension(true)] }), 'crl_unknown_critical_extension'],
    [
      'critical entry extension',
      root.crl({ entries: [{ serial: 77, extensions: [unknownExtension(true)] }] }),
      'crl_malformed',
    ],
    ['thisUpdate ahead', root.crl({ thisUpdate: testDay(1), nextUpdate: testDay(9) }), 'crl_not_yet_valid'],
    ['nextUpdate past', root.crl({ thisUpdate: testDay(-9), nextUpdate: testDay(-1) }), 'crl_stale'],
    ['no nextUpdate', root.crl({ nextUpdate: null }), 'crl_no_next_update'],
    ['bad signature', root.crl({ corruptSignature: true }), 'crl_signature_invalid'],
    ['other algorithm outside', root.crl({ outerAlgorithm: 'ecdsa-sha384' }), 'crl_signature_algorithms_differ'],
    ['other algorithm inside', root.crl({ innerAlgorithm: 'ecdsa-sha384' }), 'crl_signature_algorithms_differ'],
    [
      'removeFromCRL in a complete list',
      root.crl({ entries: [{ serial: 5, extensions: [reasonCode('removeFromCRL')] }] }),
      'crl_malformed',
    ],
    ['undefined reason', root.crl({ entries: [{ serial: 5, extensions: [reasonCode(7)] }] }), 'crl_malformed'],
    [
      'certificateIssuer in a direct list',
      root.crl({ entries: [{ serial: 5, extensions: [certificateIssuer([{ directory: 'CN=X' }])] }] }),
      'crl_malformed',
    ],
  ]
  for (const [name, crl, code] of cases) {
    test(name, () => {
      const result = checkRevocation(revocationInput({ certificate: leaf.der, path: [root.der], crls: [crl] }))
      assert.equal(result.status, 'undetermined')
      assert.deepEqual(
        result.findings.map(finding => finding.code),
        ['revocation_undetermined', code],
      )
    })
  }

  test('non-critical extensions that are unknown are passed over', () => {
    const entry = { serial: 5, extensions: [unknownExtension(false)] }
    assert.equal(check([root.crl({ entries: [entry], extensions: [unknownExtension(false)] })]).status, 'good')
  })

  test('where the key alone decides the algorithm, another one inside is remarked on', () => {
    const ca = createRoot('C=UT, CN=PQ Root', { key: testKey('ml-dsa-44') })
    const { status, findings } = checkRevocation(
      revocationInput({
        certificate: ca.issue('CN=Leaf').der,
        path: [ca.der],
        crls: [ca.crl({ innerAlgorithm: 'rsa-sha256' })],
      }),
    )
    assert.equal(status, 'good')
    assert.deepEqual(
      findings.map(({ code, index }) => [code, index]),
      [['crl_signature_algorithms_differ', 0]],
    )
  })

  test('a greatest age stands in for nextUpdate and limits it', () => {
    const policy = { maximumAgeSeconds: 2 * 86_400 }
    assert.equal(check([root.crl({ nextUpdate: null })], { policy }).status, 'good')
    const old = root.crl({ thisUpdate: testDay(-3) })
    assert.deepEqual(check([old], { policy }).codes, ['crl_too_old'])
  })

  test('clock skew is tolerated only where it is allowed', () => {
    const crl = root.crl({ thisUpdate: testDay(1 / 1440) })
    assert.deepEqual(check([crl]).codes, ['crl_not_yet_valid'])
    assert.equal(check([crl], { policy: { clockSkewSeconds: 120 } }).status, 'good')
  })
})

describe('(b) scope', () => {
  const point = [uriPoint(uri)]
  const name = { fullName: [{ uri }] }

  test('(1) a CRL in another name is no evidence', () => {
    const other = createRoot('C=UT, CN=Other')
    assert.equal(check([other.crl()], { pool: [other.der] }).status, 'undetermined')
  })

  test('(1) cRLIssuer needs an indirect CRL of that name', () => {
    const certificate = leafWith([{ ...uriPoint(uri), crlIssuer: [{ directory: root.name }] }])
    // The fall-back of §6.3.3 accepts the issuer's own complete list for the CRL, so a partial one shows the step.
    const partial = crlWith({ name })
    assert.ok(check([partial], { certificate }).codes.includes('crl_issuer_mismatch'))
    assert.equal(check([crlWith({ name, indirectCrl: true })], { certificate }).status, 'good')
  })

  test('(2)(i) names of the IDP and the distribution point must meet', () => {
    const certificate = leafWith(point)
    assert.equal(check([crlWith({ name })], { certificate }).status, 'good')
    assert.equal(check([crlWith({})], { certificate }).status, 'undetermined')
    const other = crlWith({ name: { fullName: [{ uri: `${uri}x` }] } })
    assert.ok(check([other], { certificate }).codes.includes('crl_distribution_point_mismatch'))
    assert.equal(check([root.crl()], { certificate }).status, 'good')
    const several = crlWith({ name: { fullName: [{ dns: 'x.test' }, { email: 'a@b.test' }, { uri }] } })
    assert.equal(check([several], { certificate }).status, 'good')
  })

  test('(2)(i) a name relative to the CRL issuer equals the full name it stands for', () => {
    const certificate = leafWith([{ name: { relativeName: 'CN=Part 1' } }])
    const full = (text: string) => ({ name: { fullName: [{ directory: `C=UT, CN=CRL Root, ${text}` }] } })
    assert.equal(check([crlWith(full('CN=Part 1'))], { certificate }).status, 'good')
    assert.equal(check([crlWith({ name: { relativeName: 'CN=part  1' } })], { certificate }).status, 'good')
    assert.equal(check([crlWith(full('CN=Part 2'))], { certificate }).status, 'undetermined')
  })

  test('(2)(i) without a name in the point, the cRLIssuer must be named', () => {
    const certificate = leafWith([{ crlIssuer: [{ directory: root.name }] }])
    const matching = crlWith({ name: { fullName: [{ directory: root.name }] }, indirectCrl: true })
    assert.equal(check([matching], { certificate }).status, 'good')
    const other = crlWith({ name, indirectCrl: true })
    assert.ok(check([other], { certificate }).codes.includes('crl_distribution_point_mismatch'))
  })

  test('(2)(ii)–(iv) kinds of certificates', () => {
    const ca = root.issue('CN=CA', { serial: 50, extensions: [basicConstraints({ ca: true })] }).der
    const v1 = root.issue('CN=Old', { version: 1, extensions: [] }).der
    const users = [crlWith({ onlyContainsUserCerts: true })]
    const cas = [crlWith({ onlyContainsCACerts: true })]
    assert.equal(check(users).status, 'good')
    assert.ok(check(users, { certificate: ca }).codes.includes('crl_only_user_certificates'))
    assert.equal(check(cas, { certificate: ca }).status, 'good')
    assert.ok(check(cas).codes.includes('crl_only_ca_certificates'))
    assert.ok(check(users, { certificate: v1 }).codes.includes('crl_version_1_certificate'))
    const attributes = [crlWith({ onlyContainsAttributeCerts: true })]
    assert.ok(check(attributes).codes.includes('crl_only_attribute_certificates'))
  })

  test('an indirect CRL is refused where the profile says so', () => {
    const crl = crlWith({ indirectCrl: true })
    assert.equal(check([crl]).status, 'good')
    assert.ok(check([crl], { policy: { indirectCrls: false } }).codes.includes('crl_indirect_refused'))
  })

  test('the fall-back: a CRL of the issuer that no distribution point names', () => {
    const certificate = leafWith([uriPoint('http://elsewhere.test/b.crl')])
    const named = crlWith({ name: { fullName: [{ directory: root.name }] } })
    assert.equal(check([named], { certificate }).status, 'good')
  })
})

describe('limits and later evidence', () => {
  test('signature checks stop where the run has none left', () => {
    const crls = Array.from({ length: 50 }, (_, index) =>
      root.crl({ corruptSignature: true, thisUpdate: testDay(-1 - index / 100) }),
    )
    const input = revocationInput({ certificate: leaf.der, path: [root.der], crls, maxSignatureChecks: 10 })
    const { status, findings } = checkCrls(input)
    assert.equal(status, 'undetermined')
    assert.ok(findings.some(({ code }) => code === 'revocation_work_exhausted'))
  })

  test('thousands of names against thousands of names end early', () => {
    const many = (from: number, length: number) =>
      Array.from({ length }, (_, index) => ({ uri: `http://x.test/${from + index}` }))
    const certificate = leafWith(
      Array.from({ length: 40 }, (_, index) => ({ name: { fullName: many(index * 10_000, 500) } })),
    )
    const crls = [crlWith({ name: { fullName: many(9_000_000, 6000) } })]
    const { codes } = check(crls, { certificate })
    assert.ok(codes.includes('revocation_work_exhausted'))
  })

  test('evidence from after the moment counts only where it is allowed', () => {
    const at = testDay(-30)
    const policy = { laterEvidence: true }
    assert.deepEqual(check([root.crl()], { at }).codes, ['crl_not_yet_valid'])
    assert.equal(check([root.crl()], { at, policy }).status, 'good')
    const later = (extensions: Uint8Array[]) => [root.crl({ entries: [{ serial: leaf.serial, extensions }] })]
    assert.equal(check(later([reasonCode('superseded')]), { at, policy }).status, 'good', 'revoked afterwards')
    assert.equal(check(later([reasonCode('superseded')]), { policy }).status, 'revoked')
    assert.equal(
      check(later([reasonCode('keyCompromise')]), { at, policy }).status,
      'revoked',
      'nobody knows since when',
    )
    const dated = [reasonCode('keyCompromise'), invalidityDate(testDay(-20))]
    assert.equal(check(later(dated), { at, policy }).status, 'good')
    assert.equal(check(later(dated), { at: testDay(-15), policy }).status, 'revoked')
  })

  test('a list from after the certificate’s expiry may have dropped it', () => {
    const certificate = root.issue('CN=Short', { notAfter: testDay(-20) }).der
    const options = { certificate, at: testDay(-30), policy: { laterEvidence: true } }
    assert.ok(check([root.crl()], options).codes.includes('crl_after_expiry'))
    const keeps = extension('2.5.29.60', Buffer.from('180f32303230303130313030303030305a', 'hex'))
    assert.equal(check([root.crl({ extensions: [keeps] })], options).status, 'good')
  })
})
