import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import { isPkiError } from '../errors.ts'
import { createSignatureMemo } from '../path/signature-memo.ts'
import { createKeyCache } from '../signature/key-cache.ts'
import * as T from '../testing/index.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { findingTable } from './findings.ts'
import { purposeOids, validateCertificate } from './validate-certificate.ts'
import type { ValidationInput } from './validation-input.ts'
import type { Verdict } from './verdict.ts'

const root = T.createRoot()
const ca = root.subordinate('C=UT, CN=CA')
const leaf = ca.issue('C=UT, CN=Leaf').der

function validate(input: Partial<ValidationInput> = {}): Verdict {
  return validateCertificate({
    target: leaf,
    intermediates: [ca.der],
    anchors: [root.der],
    profile: 'rfc5280',
    time: T.testTime,
    ...input,
  })
}

const codes = ({ findings }: Verdict): string[] =>
  findings.filter(({ severity }) => severity === 'error').map(({ code, certificate }) => `${code}@${certificate}`)

describe('a verdict', () => {
  test('names the path, the anchor and what it cost', () => {
    const verdict = validate()
    assert.equal(verdict.valid, true)
    assert.deepEqual(verdict.findings, [])
    assert.deepEqual(
      verdict.path.map(({ subject }) => subject.toString()),
      ['CN=Leaf,C=UT', 'CN=CA,C=UT'],
    )
    assert.equal(verdict.anchor?.name, 'CN=Test Root,C=UT')
    assert.equal(verdict.anchor?.sha256, parseCertificate(root.der).fingerprint)
    assert.equal(verdict.at, '2026-06-15T12:00:00.000Z')
    assert.equal(verdict.work.signatureChecks, 2)
    assert.deepEqual(
      verdict.attempts.map(({ stage }) => stage),
      ['valid'],
    )
  })

  test('is the same for the same input, and plain JSON', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(validate())), JSON.parse(JSON.stringify(validate())))
    const { path, anchor } = JSON.parse(JSON.stringify(validate()))
    assert.deepEqual(Object.keys(path[0]), ['subject', 'issuer', 'serialNumber', 'notBefore', 'notAfter', 'sha256'])
    assert.deepEqual(Object.keys(anchor), ['name', 'sha256'])
  })

  test('carries the clause of each finding', () => {
    for (const { code, clause } of validate({ time: T.testDay(4000) }).findings)
      assert.equal(clause, findingTable[code])
  })

  test('takes parsed certificates, a bare name and key, and caches', () => {
    const keyCache = createKeyCache()
    const signatureMemo = createSignatureMemo()
    const parsed = {
      target: parseCertificate(leaf),
      intermediates: [parseCertificate(ca.der)],
      keyCache,
      signatureMemo,
    }
    const certificate = parseCertificate(root.der)
    const anchors = [{ name: certificate.subject.raw, publicKey: certificate.subjectPublicKeyInfo.raw }]
    const first = validate({ ...parsed, anchors })
    assert.equal(first.valid, true)
    assert.deepEqual(JSON.parse(JSON.stringify(first.anchor)), { name: 'CN=Test Root,C=UT', sha256: null })
    assert.equal(keyCache.entries.size, 2)
    assert.equal(validate({ ...parsed, anchors }).work.signatureChecks, 0)
  })
})

describe('nothing is trusted', () => {
  test('without an anchor, or under another', () => {
    assert.deepEqual(codes(validate({ anchors: [] })), ['no_path@1'])
    assert.deepEqual(codes(validate({ anchors: [T.createRoot('CN=Other').der] })), ['no_path@1'])
  })

  test('by the anchor’s name alone', () => {
    const impostor = T.createRoot('C=UT, CN=Test Root', { key: T.testKey('p256', 'impostor') })
    assert.deepEqual(codes(validate({ anchors: [impostor.der] })), ['signature_invalid@1'])
  })

  test('with a signature changed by one bit', () => {
    const bad = Uint8Array.from(leaf)
    bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1
    assert.deepEqual(codes(validate({ target: bad })), ['signature_invalid@0'])
  })

  test('outside its time, to the second', () => {
    const end = T.testDay(365).getTime()
    assert.equal(validate({ time: end + 999 }).valid, true)
    assert.deepEqual(codes(validate({ time: end + 1000 })), ['expired@1', 'expired@0'])
    const start = T.testDay(-365).getTime()
    assert.equal(validate({ time: start }).valid, true)
    assert.deepEqual(codes(validate({ time: start - 1 })), ['not_yet_valid@1', 'not_yet_valid@0'])
  })

  test('when an algorithm is not there, which is not the same as invalid', () => {
    const key = T.testKey('p256', 'odd')
    const spki = der.sequence(der.sequence(der.oid('1.2.3.4')), der.bitString(Uint8Array.of(1)))
    const odd = root.issue('C=UT, CN=Odd', {
      key: { ...key, spki },
      extensions: [T.basicConstraints(), T.keyUsage(['keyCertSign'])],
    })
    const below = T.issueCertificate({ subject: 'CN=x', issuer: 'C=UT, CN=Odd', key, signer: key })
    assert.deepEqual(codes(validate({ target: below, intermediates: [odd.der] })), ['algorithm_unavailable@0'])
  })
})

describe('input that cannot be read', () => {
  test('is a finding where it is the target', () => {
    for (const target of [new Uint8Array(0), Buffer.from('garbage'), leaf.subarray(0, 100)]) {
      assert.deepEqual(codes(validate({ target })), ['certificate_malformed@0'])
    }
  })

  test('is left out and named where it is not', () => {
    const verdict = validate({ intermediates: [Uint8Array.of(1), ca.der], anchors: [Uint8Array.of(2), root.der] })
    assert.equal(verdict.valid, true)
    assert.deepEqual(
      verdict.findings.map(({ code, severity }) => [code, severity]),
      [
        ['intermediate_malformed', 'warning'],
        ['anchor_malformed', 'warning'],
      ],
    )
  })

  test('is an error where it is the caller’s', () => {
    const wrong: Record<string, unknown>[] = [
      { profile: 'nonsense' },
      { profile: 'toString' },
      { time: Number.NaN },
      { time: new Date('x') },
      { purposes: ['serverAuth'] },
      { keyUsage: ['everything'] },
      { maxIntermediates: -1 },
      { limits: { maxSteps: 0.5 } },
      { compatibilities: ['rsa-digestinfo-without-null'] },
      { evidence: {}, crls: [] },
    ]
    for (const input of wrong) {
      assert.throws(
        () => validate(input as Partial<ValidationInput>),
        error => isPkiError(error, 'argument_invalid'),
        JSON.stringify(input),
      )
    }
  })
})

describe('a CA', () => {
  const through = (options: T.AuthorityOptions, input: Partial<ValidationInput> = {}): string[] => {
    const authority = root.subordinate('C=UT, CN=Special', options)
    return codes(validate({ target: authority.issue('C=UT, CN=x').der, intermediates: [authority.der], ...input }))
  }

  test('says so', () => {
    assert.deepEqual(through({ extensions: [] }), ['not_a_ca@1'])
    assert.deepEqual(through({ extensions: [T.basicConstraints({})] }), ['not_a_ca@1'])
    assert.deepEqual(through({ extensions: [T.basicConstraints(), T.keyUsage(['cRLSign'])] }), [
      'key_usage_without_cert_sign@1',
    ])
    assert.deepEqual(through({ extensions: [T.basicConstraints()] }), [])
  })

  test('has no critical extension that is not known', () => {
    assert.deepEqual(through({ extra: [T.unknownExtension(true)] }), ['unknown_critical_extension@1'])
    assert.deepEqual(through({ extra: [T.unknownExtension(false)] }), [])
  })

  test('keeps to the length of the path above it', () => {
    const first = root.subordinate('C=UT, CN=First', { pathLength: 0 })
    const second = first.subordinate('C=UT, CN=Second')
    const intermediates = [first.der, second.der]
    assert.deepEqual(codes(validate({ target: second.issue('CN=x').der, intermediates })), ['path_length_exceeded@1'])
    assert.equal(validate({ target: second.der, intermediates }).valid, true)
    const bound = T.createRoot('CN=Bound', { pathLength: 0 })
    const below = bound.subordinate('CN=Below')
    assert.deepEqual(
      codes(validate({ target: below.issue('CN=x').der, intermediates: [below.der], anchors: [bound.der] })),
      ['path_length_exceeded@1'],
    )
  })

  test('and no more of them than the caller allows, self-issued ones apart', () => {
    const rolled = ca.subordinate('C=UT, CN=CA', { key: T.testKey('p256', 'rolled') })
    const target = rolled.issue('CN=x').der
    const intermediates = [ca.der, rolled.der]
    assert.equal(validate({ target, intermediates, maxIntermediates: 1 }).valid, true)
    assert.deepEqual(codes(validate({ target, intermediates, maxIntermediates: 0 })), ['path_too_long@2'])
  })

  test('binds those below it to its purposes', () => {
    const purposes = [purposeOids.serverAuth]
    const restricted = { extra: [T.extendedKeyUsage(['clientAuth'])] }
    assert.deepEqual(through(restricted), [])
    assert.deepEqual(through(restricted, { purposes }), ['purpose_not_allowed@1'])
    assert.deepEqual(through({ extra: [T.extendedKeyUsage(['any'])] }, { purposes }), [])
  })

  test('binds those below it to its names', () => {
    const constrained = root.subordinate('C=UT, CN=NC', {
      extra: [
        T.nameConstraints({
          permitted: [{ dns: 'good.test' }, { directory: 'C=UT' }],
          excluded: [{ email: 'bad.test' }],
        }),
      ],
    })
    const check = (subject: string, ...names: T.GeneralNameInput[]): string[] => {
      const extra = names.length === 0 ? [] : [T.subjectAltName(names)]
      return codes(validate({ target: constrained.issue(subject, { extra }).der, intermediates: [constrained.der] }))
    }
    assert.deepEqual(check('C=UT, CN=x', { dns: 'a.good.test' }), [])
    assert.deepEqual(check('C=UT, CN=x', { dns: 'a.evil.test' }), ['name_not_permitted@0'])
    assert.deepEqual(check('C=XX, CN=x'), ['name_not_permitted@0'])
    assert.deepEqual(check('C=UT, CN=x', { email: 'a@bad.test' }), ['name_excluded@0'])
    assert.deepEqual(check('C=UT, CN=x, emailAddress=a@bad.test'), ['name_excluded@0'])
    assert.deepEqual(check('C=UT, CN=x', { dns: '.good.test' }), ['name_malformed@0'])
    assert.deepEqual(check('', { dns: 'good.test' }), [])
  })
})

describe('the settings of RFC 5280 §6.1.1', () => {
  const policy = '1.2.3.4'
  const asserting = root.subordinate('C=UT, CN=Policy CA', { extra: [T.certificatePolicies([policy])] })
  const target = asserting.issue('C=UT, CN=x', { extra: [T.certificatePolicies([policy])] }).der
  const check = (policies: ValidationInput['policies']): Verdict =>
    validate({ target, intermediates: [asserting.der], ...(policies !== undefined && { policies }) })

  test('policies', () => {
    assert.deepEqual(check({}).policies, [policy])
    assert.equal(check({ requireExplicitPolicy: true, initialPolicySet: [policy] }).valid, true)
    assert.deepEqual(codes(check({ requireExplicitPolicy: true, initialPolicySet: ['1.9'] })), ['no_valid_policy@0'])
    assert.equal(check({ initialPolicySet: ['1.9'] }).valid, true)
    assert.deepEqual(codes(validate({ policies: { requireExplicitPolicy: true } })), ['no_valid_policy@1'])
  })

  test('initial subtrees', () => {
    const value = parseCertificate(
      root.issue('CN=x', { extensions: [T.nameConstraints({ excluded: [{ directory: 'C=UT' }] })] }).der,
    )
    const nameConstraints = value.decode(oids.nameConstraints)
    assert.ok(nameConstraints)
    assert.deepEqual(codes(validate({ nameConstraints })), ['name_excluded@1', 'name_excluded@0'])
  })
})

describe('what the caller wants of the target', () => {
  const target = ca.issue('C=UT, CN=x', {
    extra: [T.subjectAltName([{ dns: 'host.test' }]), T.extendedKeyUsage(['serverAuth'])],
  }).der

  test('a peer, a purpose, a key usage', () => {
    assert.equal(
      validate({ target, serverName: 'host.test', purposes: [purposeOids.serverAuth], keyUsage: ['digitalSignature'] })
        .valid,
      true,
    )
    assert.deepEqual(codes(validate({ target, serverName: 'other.test' })), ['peer_name_mismatch@0'])
    assert.deepEqual(codes(validate({ target, serverName: '192.0.2.1' })), ['peer_name_mismatch@0'])
    assert.deepEqual(codes(validate({ target, serverName: 'no host' })), ['peer_name_invalid@0'])
    assert.deepEqual(codes(validate({ target, purposes: [purposeOids.clientAuth] })), ['purpose_not_allowed@0'])
    assert.deepEqual(codes(validate({ target, keyUsage: ['keyCertSign'] })), ['key_usage_not_allowed@0'])
  })

  test('naming a peer asks for the certificate profile of RFC 5280 §4 too', () => {
    const bare = ca.issue('C=UT, CN=x', { extensions: [T.subjectAltName([{ dns: 'host.test' }])] }).der
    assert.equal(validate({ target: bare }).valid, true)
    assert.deepEqual(codes(validate({ target: bare, serverName: 'host.test' })), ['authority_key_identifier_missing@0'])
    assert.equal(validate({ target: bare, serverName: 'host.test', conformance: false }).valid, true)
  })
})

describe('revocation', () => {
  const crls = [root.crl(), ca.crl()]

  test('is checked as the mode says', () => {
    assert.equal(validate({ revocation: 'required', crls }).valid, true)
    assert.deepEqual(codes(validate({ revocation: 'required', crls: [] })), ['revocation_undetermined@1'])
    const soft = validate({ revocation: 'soft-fail', crls: [] })
    assert.equal(soft.valid, true)
    assert.deepEqual(
      soft.findings.map(({ code, severity }) => [code, severity]),
      [
        ['revocation_undetermined', 'warning'],
        ['revocation_undetermined', 'warning'],
      ],
    )
    assert.equal(validate({ revocation: 'off', crls: [] }).valid, true)
  })

  test('found revoked fails in every mode but off', () => {
    const serial = parseCertificate(leaf).serialNumber
    const revoked = [root.crl(), ca.crl({ entries: [{ serial, extensions: [T.reasonCode('keyCompromise')] }] })]
    for (const mode of ['required', 'soft-fail'] as const) {
      const verdict = validate({ revocation: mode, crls: revoked })
      assert.deepEqual(codes(verdict), ['certificate_revoked@0'])
      const report = verdict.revocation.find(({ certificate }) => certificate === 0)
      assert.equal(report?.status, 'revoked')
      assert.equal(report?.reason, 'keyCompromise')
      assert.equal(report?.index, 1)
    }
    assert.equal(validate({ revocation: 'off', crls: revoked }).valid, true)
  })

  test('reports the evidence of each certificate', () => {
    const { revocation } = validate({ revocation: 'required', crls })
    assert.deepEqual(
      revocation.map(({ certificate, source, status, index }) => [certificate, source, status, index]),
      [
        [0, 'crl', 'good', 1],
        [1, 'crl', 'good', 0],
      ],
    )
    assert.match(revocation[0]?.thisUpdate ?? '', /^\d{4}-.*Z$/)
  })

  test('by OCSP, and not at all where noRevAvail says so', () => {
    const ocsp = ca.ocsp([{ certId: ca.certId(parseCertificate(leaf).serialNumber), status: 'good' }])
    assert.equal(validate({ revocation: 'required', crls: [root.crl()], ocspResponses: [ocsp] }).valid, true)
    const short = ca.issue('C=UT, CN=Short', { extra: [T.noRevAvail()] }).der
    const verdict = validate({ target: short, revocation: 'required', crls: [root.crl()] })
    assert.equal(verdict.valid, true)
    assert.deepEqual(verdict.revocation.find(({ certificate }) => certificate === 0)?.status, 'noRevAvail')
  })
})
