import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  authorityKeyIdentifier,
  basicConstraints,
  type CrlTemplate,
  certificateIssuer,
  createRoot,
  crlDistributionPoints,
  crlNumber,
  type DistributionPointInput,
  deltaCrlIndicator,
  extension,
  type IssueOptions,
  type IssuingDistributionPointInput,
  invalidityDate,
  issuingDistributionPoint,
  keyUsage,
  type RevocationInputOptions,
  reasonCode,
  revocationInput,
  type TestReasonFlag,
  testDay,
  testKey,
  unknownExtension,
  uriPoint,
} from '../testing/index.ts'
import { checkRevocation } from './check.ts'
import { checkCrls } from './crl-check.ts'

const root = createRoot('C=UT, CN=CRL Root')
const leaf = root.issue('CN=Leaf')
const uri = 'http://crl.test/a.crl'

/** The outcome for a certificate of the root under the CRLs given. */
function check(crls: readonly Uint8Array[], options: Partial<RevocationInputOptions> = {}) {
  const { status, findings, evidence, reason } = checkCrls(
    revocationInput({ certificate: leaf.der, path: [root.der], crls, ...options }),
  )
  return { status, reason, codes: findings.map(({ code }) => code), evidence }
}

/** A leaf with these distribution points. */
function leafWith(points: readonly DistributionPointInput[], options: IssueOptions = {}): Uint8Array {
  return root.issue('CN=Leaf', { serial: leaf.serial as number, ...options, extra: [crlDistributionPoints(points)] })
    .der
}

function crlWith(idp: IssuingDistributionPointInput, template: Partial<CrlTemplate> = {}): Uint8Array {
  return root.crl({ ...template, extensions: [issuingDistributionPoint(idp), ...(template.extensions ?? [])] })
}

const listed = { entries: [{ serial: leaf.serial, extensions: [reasonCode('keyCompromise')] }] }

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

  test('non-critical extensions that nobody knows are passed over', () => {
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

describe('indirect CRLs', () => {
  const crlKey = testKey('p256', 'crl issuer')
  const crlIssuer = root.issue('C=UT, CN=CRL Issuer', { key: crlKey, extensions: [keyUsage(['cRLSign'])] })
  const certificate = leafWith([{ ...uriPoint(uri), crlIssuer: [{ directory: 'C=UT, CN=CRL Issuer' }] }])
  const indirect = (entries: CrlTemplate['entries']) =>
    root.crl({
      issuer: 'C=UT, CN=CRL Issuer',
      signer: crlKey,
      extensions: [issuingDistributionPoint({ name: { fullName: [{ uri }] }, indirectCrl: true })],
      ...(entries !== undefined && { entries }),
    })
  const of = (directory: string) => [certificateIssuer([{ directory }])]
  const pool = [crlIssuer.der]

  test('an entry counts for the issuer it names, and so do those that follow', () => {
    const serial = leaf.serial
    const options = { certificate, pool }
    assert.equal(check([indirect([])], options).status, 'good')
    assert.equal(check([indirect([{ serial }])], options).status, 'good')
    assert.equal(check([indirect([{ serial, extensions: of('C=UT, CN=CRL Root') }])], options).status, 'revoked')
    assert.equal(check([indirect([{ serial, extensions: of('C=UT, CN=Else') }])], options).status, 'good')
    const following = [{ serial: 70, extensions: of('C=UT, CN=CRL Root') }, { serial: 71 }, { serial }]
    assert.equal(check([indirect(following)], options).status, 'revoked')
    const back = [
      { serial, extensions: of('C=UT, CN=Else') },
      { serial: 71, extensions: of('C=UT, CN=CRL Root') },
    ]
    assert.equal(check([indirect(back)], options).status, 'good')
  })

  test('an entry’s certificateIssuer without a directory name makes the CRL useless', () => {
    const entry = { serial: 1, extensions: [certificateIssuer([{ dns: 'x.test' }])] }
    assert.equal(check([indirect([entry])], { certificate, pool }).status, 'undetermined')
  })

  test('(f) without the issuer’s certificate nothing is shown', () => {
    assert.ok(check([indirect([])], { certificate }).codes.includes('crl_signer_not_found'))
  })
})

describe('(d), (e), (l): reasons', () => {
  const part = (onlySomeReasons: TestReasonFlag[], template: Partial<CrlTemplate> = {}) =>
    crlWith({ onlySomeReasons }, template)
  const compromise: TestReasonFlag[] = ['keyCompromise', 'cACompromise']
  const others: TestReasonFlag[] = [
    'affiliationChanged',
    'superseded',
    'cessationOfOperation',
    'certificateHold',
    'privilegeWithdrawn',
    'aACompromise',
  ]

  test('CRLs for parts of the reasons together cover them all', () => {
    assert.equal(check([part(compromise), part(others)]).status, 'good')
    assert.ok(check([part(compromise)]).codes.includes('revocation_reasons_incomplete'))
    assert.equal(check([part(compromise), part(others, { entries: [{ serial: leaf.serial }] })]).status, 'revoked')
  })

  test('one that adds nothing is not looked at', () => {
    const twice = check([part(compromise), part(compromise, { thisUpdate: testDay(-2) })])
    assert.ok(twice.codes.includes('crl_reasons_already_covered'))
    assert.equal(twice.evidence.length, 1)
  })

  test('reasons of the distribution point limit a CRL too', () => {
    const certificate = leafWith([{ ...uriPoint(uri), reasons: compromise }])
    const name = { fullName: [{ uri }] }
    assert.equal(check([crlWith({ name })], { certificate }).status, 'undetermined')
    const both = leafWith([
      { ...uriPoint(uri), reasons: compromise },
      { ...uriPoint(`${uri}2`), reasons: others },
    ])
    const second = crlWith({ name: { fullName: [{ uri: `${uri}2` }] } })
    assert.equal(check([crlWith({ name }), second], { certificate: both }).status, 'good')
  })
})

describe('(c), (h)–(k): delta CRLs', () => {
  const base = (template: Partial<CrlTemplate> = {}) => root.crl({ extensions: [crlNumber(5)], ...template })
  const delta = (template: Partial<CrlTemplate> = {}, from = 5, number = 6) =>
    root.crl({ extensions: [crlNumber(number), deltaCrlIndicator(from)], thisUpdate: testDay(-0.5), ...template })
  const remove = { entries: [{ serial: leaf.serial, extensions: [reasonCode('removeFromCRL')] }] }
  const hold = { entries: [{ serial: leaf.serial, extensions: [reasonCode('certificateHold')] }] }

  test('adds and removes entries', () => {
    assert.equal(check([base(), delta()]).status, 'good')
    assert.equal(check([base(), delta(listed)]).status, 'revoked')
    assert.equal(check([base(hold), delta()]).status, 'revoked')
    assert.equal(check([base(hold), delta(remove)]).status, 'good')
    assert.equal(check([base(), delta()]).evidence[0]?.deltaIndex, 1)
  })

  test('alone it shows nothing', () => {
    const { status, codes } = check([delta()])
    assert.equal(status, 'undetermined')
    assert.ok(codes.includes('crl_delta_without_base'))
  })

  test('one that does not fit is left out', () => {
    assert.equal(check([base(), delta(listed, 6, 7)]).status, 'good', 'starts after the complete CRL')
    assert.equal(check([base(), delta(listed, 4, 5)]).status, 'good', 'no newer than the complete CRL')
    assert.equal(check([root.crl(), delta(listed)]).status, 'good', 'the complete CRL has no number')
    const otherScope = [crlNumber(6), deltaCrlIndicator(5), issuingDistributionPoint({ onlyContainsUserCerts: true })]
    assert.equal(check([base(), delta({ ...listed, extensions: otherScope })]).status, 'good', 'another scope')
    const otherKey = [crlNumber(6), deltaCrlIndicator(5), authorityKeyIdentifier({ key: root.key })]
    assert.equal(check([base(), delta({ ...listed, extensions: otherKey })]).status, 'good', 'another key identifier')
    assert.equal(check([base(), delta({ ...listed, nextUpdate: testDay(-0.2) })]).status, 'good', 'stale')
    assert.equal(check([base(), delta({ ...listed, corruptSignature: true })]).status, 'good', 'bad signature')
    assert.equal(check([base(), delta(listed)], { policy: { deltaCrls: false } }).status, 'good', 'not asked for')
  })

  test('(a)(1)(i) a complete CRL past its nextUpdate is the base of a current delta', () => {
    const old = base({ thisUpdate: testDay(-9), nextUpdate: testDay(-2) })
    assert.equal(check([old]).status, 'undetermined')
    assert.equal(check([old, delta()]).status, 'good')
    assert.equal(check([old, delta(listed)]).status, 'revoked')
    assert.ok(check([old, delta({ corruptSignature: true })]).codes.includes('crl_stale'))
  })

  test('of several the one with the highest number counts', () => {
    assert.equal(check([base(), delta(listed, 5, 6), delta({}, 5, 7)]).evidence[0]?.deltaIndex, 2)
  })

  test('non-critical delta indicators make a delta all the same', () => {
    const crl = root.crl({ extensions: [crlNumber(6), deltaCrlIndicator(5, false)] })
    assert.equal(check([crl]).status, 'undetermined')
  })
})

describe('(f), (g): who signed', () => {
  test('a CA without cRLSign signs no CRL', () => {
    const key = testKey('p256', 'no crl sign')
    const ca = root.subordinate('C=UT, CN=No CRLs', {
      key,
      extensions: [basicConstraints({ ca: true }), keyUsage(['keyCertSign'])],
    })
    const { codes } = check([ca.crl()], { certificate: ca.issue('CN=x').der, path: [ca.der, root.der] })
    assert.ok(codes.includes('crl_signer_key_usage'))
  })

  test('a separate CRL key of the CA is validated by its own path', () => {
    const crlKey = testKey('p256', 'separate crl key')
    const extensions = [keyUsage(['cRLSign'])]
    const good = root.issue(root.name, { key: crlKey, extensions }).der
    const crl = root.crl({ signer: crlKey })
    assert.equal(check([crl], { pool: [good] }).status, 'good')
    assert.ok(check([crl]).codes.includes('crl_signature_invalid'), 'without the certificate')
    const stranger = createRoot(root.name, { key: testKey('p256', 'stranger') })
    const foreign = stranger.issue(root.name, { key: crlKey, extensions }).der
    assert.ok(check([crl], { pool: [foreign] }).codes.includes('crl_signer_invalid'), 'another anchor')
    const certSign = root.issue(root.name, { key: crlKey, extensions: [keyUsage(['keyCertSign'])] }).der
    assert.ok(check([crl], { pool: [certSign] }).codes.includes('crl_signer_key_usage'))
    const expired = root.issue(root.name, { key: crlKey, extensions, notAfter: testDay(-1) }).der
    assert.ok(check([crl], { pool: [expired] }).codes.includes('crl_signer_invalid'))
  })

  test('a certificate does not vouch for itself', () => {
    const crlKey = testKey('p256', 'own crl key')
    const self = root.issue(root.name, { key: crlKey, extensions: [keyUsage(['cRLSign'])] }).der
    assert.equal(check([root.crl({ signer: crlKey })], { certificate: self, pool: [self] }).status, 'undetermined')
  })

  test('unless its CA wrote into it that it issues the CRL about itself', () => {
    const crlKey = testKey('p256', 'self crl key')
    const subject = 'C=UT, CN=Self CRL Issuer'
    const about = crlDistributionPoints([{ ...uriPoint(uri), crlIssuer: [{ directory: subject }] }])
    const self = root.issue(subject, { key: crlKey, serial: 60, extensions: [keyUsage(['cRLSign']), about] }).der
    const idp = issuingDistributionPoint({ name: { fullName: [{ uri }] }, indirectCrl: true })
    const entry = { serial: 60, extensions: [certificateIssuer([{ directory: root.name }])] }
    const crl = (entries: CrlTemplate['entries'] = []) =>
      root.crl({ issuer: subject, signer: crlKey, extensions: [idp], entries })
    assert.equal(check([crl()], { certificate: self }).status, 'good')
    assert.equal(check([crl([entry])], { certificate: self }).status, 'revoked')
  })

  test('the key identifier orders the attempts', () => {
    const keys = [1, 2, 3, 4].map(label => testKey('p256', `rollover ${label}`))
    const pool = keys.map(
      key =>
        root.issue(root.name, {
          key,
          extra: [keyUsage(['cRLSign'])],
          extensions: [
            keyUsage(['cRLSign']),
            extension('2.5.29.14', Buffer.concat([Buffer.of(4, 1), Buffer.of(keys.indexOf(key))])),
          ],
        }).der,
    )
    const signer = keys[3]
    assert.ok(signer)
    const crl = root.crl({ signer, extensions: [authorityKeyIdentifier({ key: Uint8Array.of(3) })] })
    const input = revocationInput({ certificate: leaf.der, path: [root.der], crls: [crl], pool })
    assert.equal(checkCrls(input).status, 'good')
    assert.deepEqual(input.counts, { signatures: 2, paths: 1 })
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
