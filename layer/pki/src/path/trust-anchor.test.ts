import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isPkiError } from '../errors.ts'
import * as T from '../testing/index.ts'
import { purposeOids, validateCertificate } from '../verdict/validate-certificate.ts'
import type { ValidationInput } from '../verdict/validation-input.ts'
import type { AnchorBinding } from './trust-anchor.ts'

const policy = '1.3.6.1.4.1.55555.2.1'
const otherPolicy = '1.3.6.1.4.1.55555.2.2'

interface Case {
  readonly root: T.AuthorityOptions
  readonly leaf?: T.IssueOptions
  readonly ca?: T.AuthorityOptions
  readonly input?: Partial<ValidationInput>
}

/** Codes of what is wrong with a path under an anchor that is given as a certificate; `valid` if nothing is. */
function judge({ root, leaf, ca, input }: Case, binding?: Partial<AnchorBinding>): string {
  const anchor = T.createRoot('C=UT, CN=Anchor', root)
  const issuer = ca === undefined ? anchor : anchor.subordinate('C=UT, CN=CA', ca)
  const target = issuer.issue('C=UT, CN=Leaf', leaf)
  const { valid, findings } = validateCertificate({
    target: target.der,
    intermediates: ca === undefined ? [] : [issuer.der],
    anchors: [binding === undefined ? anchor.der : { certificate: anchor.der, binding }],
    profile: 'rfc5280',
    time: T.testTime,
    ...input,
  })
  return valid ? 'valid' : findings.map(({ code, certificate }) => `${code}@${certificate}`).join(' ')
}

const policies = (...oids: string[]) => [T.certificatePolicies(oids)]
const explicit = { policies: { requireExplicitPolicy: true } } as const

/** By the field of the binding: a path that the anchor's certificate forbids by it, and how. */
const bound: readonly (readonly [keyof AnchorBinding, string, Case, string])[] = [
  ['validity', 'notAfter', { root: { notAfter: T.testDay(-1) } }, 'expired@1'],
  ['validity', 'notBefore', { root: { notBefore: T.testDay(1) } }, 'not_yet_valid@1'],
  [
    'basicConstraints',
    'cA is false',
    { root: { extensions: [T.basicConstraints({ ca: false }), T.keyUsage(['keyCertSign'])] } },
    'not_a_ca@1',
  ],
  ['basicConstraints', 'pathLenConstraint', { root: { pathLength: 0 }, ca: {} }, 'path_length_exceeded@1'],
  [
    'keyUsage',
    'no keyCertSign',
    { root: { extensions: [T.basicConstraints({ ca: true }), T.keyUsage(['digitalSignature'])] } },
    'key_usage_without_cert_sign@1',
  ],
  [
    'extendedKeyUsage',
    'another purpose',
    {
      root: { extra: [T.extendedKeyUsage(['clientAuth'])] },
      input: { purposes: [purposeOids.serverAuth], conformance: false },
    },
    'purpose_not_allowed@1',
  ],
  [
    'nameConstraints',
    'a name that is excluded',
    {
      root: { extra: [T.nameConstraints({ excluded: [{ dns: 'host.test' }] })] },
      leaf: { extra: [T.subjectAltName([{ dns: 'host.test' }])] },
    },
    'name_excluded@0',
  ],
  [
    'policies',
    'certificatePolicies',
    { root: { extra: policies(policy) }, leaf: { extra: policies(otherPolicy) }, input: explicit },
    'no_valid_policy@0',
  ],
  [
    'policies',
    'requireExplicitPolicy',
    { root: { extra: [T.policyConstraints({ requireExplicitPolicy: 0 })] } },
    'no_valid_policy@0',
  ],
  [
    'policies',
    'inhibitPolicyMapping',
    {
      root: { extra: [T.policyConstraints({ inhibitPolicyMapping: 0 })] },
      ca: { extra: [...policies(policy), T.policyMappings([[policy, otherPolicy]])] },
      leaf: { extra: policies(otherPolicy) },
      input: explicit,
    },
    'no_valid_policy@0',
  ],
  [
    'policies',
    'inhibitAnyPolicy',
    {
      root: { extra: [T.inhibitAnyPolicy(0)] },
      leaf: { extra: policies(T.anyPolicyOid) },
      input: explicit,
    },
    'no_valid_policy@0',
  ],
  [
    'policies',
    'policyMappings',
    {
      root: { extra: [...policies(policy), T.policyMappings([[policy, otherPolicy]])] },
      leaf: { extra: policies(policy) },
      input: explicit,
    },
    'no_valid_policy@0',
  ],
  [
    'criticalExtensions',
    'a critical extension that is not known',
    { root: { extra: [T.unknownExtension(true)] } },
    'unknown_critical_extension@1',
  ],
  [
    'certificateProfile',
    'a serial number that no CA may give',
    { root: { serial: new Uint8Array(21).fill(1) }, input: { conformance: true } },
    'serial_number_invalid@1',
  ],
]

const noOptions: AnchorBinding = {
  validity: false,
  basicConstraints: false,
  keyUsage: false,
  extendedKeyUsage: false,
  nameConstraints: false,
  policies: false,
  criticalExtensions: false,
  certificateProfile: false,
}

describe('an anchor that is given as a certificate', () => {
  for (const [field, what, path, expected] of bound) {
    test(`binds by ${field} (${what}), and does not where that is switched off`, () => {
      assert.equal(judge(path), expected)
      assert.equal(judge(path, {}), expected)
      assert.equal(judge(path, { ...noOptions, [field]: true }), expected)
      assert.equal(judge(path, { [field]: false }), 'valid')
    })
  }

  test('allows what it names: purposes, policies and their mappings', () => {
    const server = { purposes: [purposeOids.serverAuth], conformance: false }
    for (const usages of [['serverAuth'], ['any']]) {
      assert.equal(judge({ root: { extra: [T.extendedKeyUsage(usages)] }, input: server }), 'valid')
    }
    assert.equal(
      judge({ root: { extra: policies(policy) }, leaf: { extra: policies(policy) }, input: explicit }),
      'valid',
    )
    const mapped = { extra: [...policies(policy), T.policyMappings([[policy, otherPolicy]])] }
    assert.equal(judge({ root: mapped, leaf: { extra: policies(otherPolicy) }, input: explicit }), 'valid')
    const anyRoot = { extra: policies(T.anyPolicyOid) }
    assert.equal(judge({ root: anyRoot, leaf: { extra: policies(policy) }, input: explicit }), 'valid')
    assert.equal(judge({ root: {}, leaf: { extra: policies(policy) }, input: explicit }), 'valid')
  })

  test('says nothing about policies unless one is asked for', () => {
    assert.equal(judge({ root: { extra: policies(policy) }, leaf: { extra: policies(otherPolicy) } }), 'valid')
  })

  test('binds by its purposes under the profiles that have some', () => {
    const root = { extra: [T.extendedKeyUsage(['emailProtection'])] }
    const leaf = { extra: [T.extendedKeyUsage(['codeSigning'])] }
    assert.equal(judge({ root, leaf, input: { profile: 'code-signing' } }), 'purpose_not_allowed@1')
  })

  test('does not by those of a CSCA, which mean nothing in travel documents', () => {
    const root = { extra: [T.extendedKeyUsage(['1.2.840.113533.7.74.3'])] }
    const leaf = { extra: [T.extendedKeyUsage(['masterListSigning'], true)] }
    assert.equal(judge({ root, leaf, input: { profile: 'master-list-signer' } }), 'valid')
  })

  test('that another CA has issued need not name the key of its issuer, but for the letter of RFC 5280', () => {
    const top = T.createRoot('C=UT, CN=Top')
    const usual = (key: T.TestKey) => [
      T.basicConstraints({ ca: true }),
      T.keyUsage(['keyCertSign']),
      T.subjectKeyIdentifier(key),
    ]
    const key = T.testKey('p256', 'crossed')
    const anchor = top.subordinate('C=UT, CN=Crossed', { key, extensions: usual(key) })
    const extra = [T.subjectAltName([{ dns: 'host.test' }]), T.extendedKeyUsage(['serverAuth'])]
    const target = anchor.issue('C=UT, CN=host.test', { extra })
    const input = { target: target.der, anchors: [anchor.der], serverName: 'host.test', time: T.testTime }
    assert.equal(validateCertificate({ ...input, profile: 'webpki' }).valid, true)
    assert.equal(validateCertificate({ ...input, profile: 'rfc5280', conformance: false }).valid, true)
    const { findings } = validateCertificate({ ...input, profile: 'rfc5280' })
    assert.deepEqual(
      findings.map(({ code, certificate }) => `${code}@${certificate}`),
      ['authority_key_identifier_missing@1'],
    )
    const anchors = [{ certificate: anchor.der, binding: { certificateProfile: false } }]
    assert.equal(validateCertificate({ ...input, anchors, profile: 'rfc5280' }).valid, true)
  })

  test('may be the target itself, though it is no CA', () => {
    const self = T.createRoot('C=UT, CN=Self', {
      extensions: [T.basicConstraints({ ca: false }), T.keyUsage(['digitalSignature'])],
    })
    const input = { target: self.der, anchors: [self.der], time: T.testTime } as const
    assert.equal(validateCertificate({ ...input, profile: 'rfc5280' }).valid, true)
  })

  test('with a field of the binding that is none is the caller’s mistake', () => {
    for (const binding of [{ validty: false }, { validity: 'no' }]) {
      assert.throws(
        () => judge({ root: {} }, binding as unknown as Partial<AnchorBinding>),
        error => isPkiError(error, 'argument_invalid'),
      )
    }
  })
})

test('an anchor of a name and a key has a key that the profile allows', () => {
  const root = T.createRoot('C=UT, CN=Anchor', { key: T.testKey('rsa-1024') })
  const input = {
    target: root.issue('C=UT, CN=Leaf').der,
    anchors: [{ name: T.name('C=UT, CN=Anchor'), publicKey: root.key.spki }],
    profile: 'rfc5280',
    time: T.testTime,
  } as const
  const { findings } = validateCertificate(input)
  assert.deepEqual(
    findings.map(({ code, certificate }) => `${code}@${certificate}`),
    ['key_forbidden@1'],
  )
})
