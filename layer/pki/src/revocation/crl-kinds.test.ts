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
  deltaCrlIndicator,
  extension,
  issuingDistributionPoint,
  keyUsage,
  reasonCode,
  revocationInput,
  type TestReasonFlag,
  testDay,
  testKey,
  uriPoint,
} from '../testing/index.ts'
import { check, crlWith, leaf, leafWith, listed, root, uri } from './crl-check.fixture.ts'
import { checkCrls } from './crl-check.ts'

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
    assert.equal(check([base(), delta(hold, 6, 7)]).status, 'good', 'starts after the complete CRL')
    assert.equal(check([base(), delta(hold, 4, 5)]).status, 'good', 'no newer than the complete CRL')
    assert.equal(check([root.crl(), delta(hold)]).status, 'good', 'the complete CRL has no number')
    const otherScope = [crlNumber(6), deltaCrlIndicator(5), issuingDistributionPoint({ onlyContainsUserCerts: true })]
    assert.equal(check([base(), delta({ ...hold, extensions: otherScope })]).status, 'good', 'another scope')
    const otherKey = [crlNumber(6), deltaCrlIndicator(5), authorityKeyIdentifier({ key: root.key })]
    assert.equal(check([base(), delta({ ...hold, extensions: otherKey })]).status, 'good', 'another key identifier')
    assert.equal(check([base(), delta({ ...hold, nextUpdate: testDay(-0.2) })]).status, 'good', 'stale')
    assert.equal(check([base(), delta({ ...hold, corruptSignature: true })]).status, 'good', 'bad signature')
    assert.equal(check([base(), delta({ ...listed, corruptSignature: true })]).status, 'good', 'bad signature')
    assert.equal(check([base(), delta(hold)], { policy: { deltaCrls: false } }).status, 'good', 'not asked for')
    assert.equal(check([base(), delta(listed)], { policy: { deltaCrls: false } }).status, 'good', 'not asked for')
  })

  test('one that lists the certificate as revoked for good proves it, with whatever base or none', () => {
    assert.equal(check([base(), delta(listed, 6, 7)]).status, 'revoked', 'starts after the complete CRL')
    assert.equal(check([root.crl(), delta(listed)]).status, 'revoked', 'the complete CRL has no number')
    assert.equal(check([base(), delta({ ...listed, nextUpdate: testDay(-0.2) })]).status, 'revoked', 'stale')
    assert.equal(check([delta(listed)]).status, 'revoked', 'alone')
    const onlyCas = [crlNumber(6), deltaCrlIndicator(5), issuingDistributionPoint({ onlyContainsCACerts: true })]
    assert.equal(check([base(), delta({ ...listed, extensions: onlyCas })]).status, 'good', 'not about the certificate')
  })

  test('one that removes an entry lifts a hold and nothing else', () => {
    assert.equal(check([base(listed), delta(remove)]).status, 'revoked')
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
