import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as T from '../../testing/index.ts'
import { validateCertificate } from '../../verdict/validate-certificate.ts'
import type { ProfileName } from '../types.ts'

const host = 'host.test'

interface Chain {
  readonly root?: T.AuthorityOptions
  readonly ca?: T.AuthorityOptions
  readonly leaf?: T.IssueOptions
}

/** Codes of the errors of a server's chain of three, or `valid`. */
function judge(profile: ProfileName, { root: top, ca: middle, leaf }: Chain): string {
  const root = T.createRoot('C=UT, CN=Root', top)
  const ca = root.subordinate('C=UT, CN=CA', middle)
  const extra = [T.subjectAltName([{ dns: host }]), T.extendedKeyUsage(['serverAuth'])]
  const target = ca.issue(`C=UT, CN=${host}`, { extra, ...leaf })
  const { valid, findings } = validateCertificate({
    target: target.der,
    intermediates: [ca.der],
    anchors: [root.der],
    profile,
    serverName: host,
    time: T.testTime,
  })
  return valid ? 'valid' : findings.map(({ code, certificate }) => `${code}@${certificate}`).join(' ')
}

describe('names of hosts (RFC 5280 §4.2.1.6)', () => {
  for (const [name, expected] of [
    ['*.host.test', 'valid'],
    ['a_b.host.test', 'subject_alt_name_malformed@0'],
    ['.host.test', 'subject_alt_name_malformed@0'],
    ['host.test.', 'subject_alt_name_malformed@0'],
    ['', 'subject_alt_name_malformed@0'],
    [' ', 'subject_alt_name_malformed@0'],
    ['a.*.host.test', 'subject_alt_name_malformed@0'],
    ['192.0.2.1', 'subject_alt_name_malformed@0'],
  ] as const) {
    test(`'${name}': ${expected}`, () => {
      const extra = [T.subjectAltName([{ dns: host }, { dns: name }]), T.extendedKeyUsage(['serverAuth'])]
      for (const profile of ['rfc5280', 'webpki'] as const) assert.equal(judge(profile, { leaf: { extra } }), expected)
    })
  }
})

test('only an anchor may be number 0 (RFC 5280 §4.1.2.2)', () => {
  assert.equal(judge('webpki', { root: { serial: 0 } }), 'valid')
  assert.equal(judge('webpki', { ca: { serial: 0 } }), 'serial_number_invalid@1')
  assert.equal(judge('rfc5280', { root: { serial: -1 } }), 'serial_number_invalid@2')
})

describe('purposes of a CA for servers (Baseline Requirements §7.1.2.10.6)', () => {
  for (const [purposes, expected] of [
    [['serverAuth'], 'valid'],
    [['serverAuth', 'clientAuth'], 'valid'],
    [['any'], 'valid'],
    [['serverAuth', 'any'], 'purpose_forbidden@1'],
    [['serverAuth', 'ocspSigning'], 'purpose_forbidden@1'],
    [['serverAuth', 'emailProtection'], 'purpose_forbidden@1'],
    [['clientAuth'], 'purpose_not_allowed@1'],
  ] as const) {
    test(`${purposes}: ${expected}`, () => {
      const ca = { extra: [T.extendedKeyUsage(purposes)] }
      assert.equal(judge('webpki', { ca }), expected)
    })
  }
})

describe('usages of the key of a server (Baseline Requirements §7.1.2.7.11)', () => {
  for (const [kind, usages, expected] of [
    ['p256', ['digitalSignature'], 'valid'],
    ['p256', ['digitalSignature', 'keyAgreement'], 'valid'],
    ['p256', ['keyAgreement'], 'key_usage_of_server@0'],
    ['p256', ['digitalSignature', 'nonRepudiation'], 'key_usage_of_server@0'],
    ['rsa-2048', ['keyEncipherment'], 'valid'],
    ['rsa-2048', ['digitalSignature', 'cRLSign'], 'key_usage_of_server@0'],
  ] as const) {
    test(`${kind} for ${usages}: ${expected}`, () => {
      const key = T.testKey(kind, 'usages')
      const extensions = [
        T.keyUsage(usages),
        T.subjectAltName([{ dns: host }]),
        T.extendedKeyUsage(['serverAuth']),
        T.authorityKeyIdentifier({ key: Uint8Array.of(1) }),
      ]
      assert.equal(judge('webpki', { leaf: { key, extensions } }), expected)
      assert.equal(judge('rfc5280', { leaf: { key, extensions } }), 'valid')
    })
  }
})
