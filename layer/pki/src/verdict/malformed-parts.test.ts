import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import { profiles } from '../profiles/profiles.ts'
import type { ProfileName } from '../profiles/types.ts'
import * as T from '../testing/index.ts'
import { extensionDecoders } from '../x509/extensions/decoders.ts'
import { validateCertificate } from './validate-certificate.ts'
import type { ValidationInput } from './validation-input.ts'

function codes(
  chain: { root: T.MockAuthority; ca?: Uint8Array; target: Uint8Array },
  rest: Partial<ValidationInput> = {},
) {
  const { root, ca, target } = chain
  const verdict = validateCertificate({
    target,
    intermediates: ca === undefined ? [] : [ca],
    anchors: [root.der],
    profile: 'rfc5280',
    time: T.testTime,
    ...rest,
  })
  return verdict.valid ? 'valid' : verdict.findings.map(({ code, certificate }) => `${code}@${certificate}`).join(' ')
}

const root = T.createRoot('C=UT, CN=Root')
const attribute = (value: Uint8Array) => der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), value)))
const noNames: readonly (readonly [string, Uint8Array])[] = [
  ['an attribute without a value', der.sequence(der.set(der.sequence(der.oid('2.5.4.3'))))],
  ['an empty RDN', der.sequence(der.set())],
  ['something else than a SET', der.sequence(der.sequence(der.oid('2.5.4.3'), der.utf8String('x')))],
  [
    'a type that is no OID',
    der.sequence(der.set(der.sequence(der.contextPrimitive(0, Uint8Array.of(85)), der.utf8String('x')))),
  ],
  [
    'an OID that does not end',
    der.sequence(der.set(der.sequence(Uint8Array.of(6, 2, 0x55, 0x84), der.utf8String('x')))),
  ],
  ['UTF-8 that is none', attribute(Uint8Array.of(0x0c, 1, 0xff))],
  [
    'more than a type and a value',
    der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.utf8String('x'), der.nullValue()))),
  ],
]

describe('a subject or issuer that is no Name is malformed', () => {
  for (const [what, name] of noNames) {
    test(`under every profile, in every place: ${what}`, () => {
      const target = root.issue('C=UT, CN=Leaf', { subject: name }).der
      for (const profile of Object.keys(profiles) as ProfileName[]) {
        assert.match(codes({ root, target }, { profile }), /name_malformed@0/, profile)
      }
      assert.equal(codes({ root, target }), 'name_malformed@0')
      const broken = T.createRoot(name, { key: T.testKey('p256', 'broken') })
      const under = broken.issue('C=UT, CN=Leaf').der
      assert.match(codes({ root: broken, target: under }), /name_malformed@1/)
      const ca = root.subordinate(name, { key: T.testKey('p256', 'broken') })
      assert.match(codes({ root, ca: ca.der, target: ca.issue('C=UT, CN=Leaf').der }), /name_malformed@/)
    })
  }

  test('as the name of an anchor without a certificate, or in an alternative name', () => {
    const [, name] = noNames[0] as (typeof noNames)[number]
    const verdict = validateCertificate({
      target: root.issue('C=UT, CN=Leaf').der,
      anchors: [{ name, publicKey: root.key.spki }],
      profile: 'rfc5280',
      time: T.testTime,
    })
    assert.ok(verdict.findings.some(({ code }) => code === 'anchor_malformed'))
    const extensions = [T.subjectAltName([{ directory: name }])]
    assert.equal(codes({ root, target: root.issue('C=UT, CN=Leaf', { extensions }).der }), 'extension_malformed@0')
  })

  test('and names of every other form are well-formed', () => {
    for (const value of [
      Uint8Array.of(0x13, 5, ...Buffer.from('a_b@c')),
      der.utf8String('Ünïcode'),
      der.utf8String(''),
      der.ia5String('x'),
      der.integer(5),
      Uint8Array.of(0x1e, 2, 0, 0x41),
      Uint8Array.of(0x14, 1, 0xe9),
    ]) {
      assert.equal(codes({ root, target: root.issue('C=UT, CN=Leaf', { subject: attribute(value) }).der }), 'valid')
    }
  })
})

describe('a known extension that cannot be decoded refuses the certificate, though it is not critical (RFC 5280 §4.2)', () => {
  const garbage = Uint8Array.of(0x30, 3, 0x02, 0x01)
  for (const oid of Object.keys(extensionDecoders)) {
    test(oid, () => {
      const extensions = [T.extension(oid, garbage)]
      assert.equal(codes({ root, target: root.issue('C=UT, CN=Leaf', { extensions }).der }), 'extension_malformed@0')
    })
  }

  test('in a CA and in an anchor too; one that is not known is not looked at', () => {
    const extra = [T.extension(oids.authorityInfoAccess, garbage)]
    const ca = root.subordinate('C=UT, CN=CA', { extra })
    assert.equal(codes({ root, ca: ca.der, target: ca.issue('C=UT, CN=Leaf').der }), 'extension_malformed@1')
    const anchor = T.createRoot('C=UT, CN=Anchor', { extra })
    assert.equal(codes({ root: anchor, target: anchor.issue('C=UT, CN=Leaf').der }), 'extension_malformed@1')
    const unknown = root.issue('C=UT, CN=Leaf', { extra: [T.extension('1.2.3.4', garbage)] })
    assert.equal(codes({ root, target: unknown.der }), 'valid')
  })

  test('an empty list of alternative names, not critical, is refused by conformance alone', () => {
    const extra = [T.extension(oids.subjectAltName, der.sequence())]
    const target = root.issue('C=UT, CN=Leaf', { extra }).der
    assert.equal(codes({ root, target }), 'valid')
    assert.equal(codes({ root, target }, { conformance: true }), 'extension_malformed@0')
    const critical = root.issue('C=UT, CN=Leaf', {
      extra: [T.extension(oids.subjectAltName, der.sequence(), true)],
    })
    assert.equal(codes({ root, target: critical.der }), 'extension_malformed@0')
  })
})

describe('a CA without keyUsage (RFC 5280 §4.2.1.3)', () => {
  const key = T.testKey('p256', 'C=UT, CN=CA')
  const extensions = [T.basicConstraints(), T.subjectKeyIdentifier(key), T.authorityKeyIdentifier({ key: root.key })]
  const ca = root.subordinate('C=UT, CN=CA', { extensions, key })
  const leaf = ca.issue('C=UT, CN=host.test', {
    extra: [T.subjectAltName([{ dns: 'host.test' }]), T.extendedKeyUsage(['serverAuth'])],
  })
  const chain = { root, ca: ca.der, target: leaf.der }

  test('is refused by conformance and by webpki, which asks for it even without', () => {
    assert.equal(codes(chain), 'valid')
    assert.equal(codes(chain, { conformance: true }), 'key_usage_missing@1')
    assert.equal(codes(chain, { serverName: 'host.test' }), 'key_usage_missing@1')
    assert.equal(codes(chain, { profile: 'webpki' }), 'key_usage_missing@1')
    assert.equal(codes(chain, { profile: 'webpki', conformance: false }), 'key_usage_missing@1')
    assert.equal(codes({ root, target: ca.der }, { conformance: true }), 'key_usage_missing@0')
  })

  test('is let be as an anchor', () => {
    const anchor = T.createRoot('C=UT, CN=CA', { key, extensions: extensions.slice(0, 2) })
    assert.equal(codes({ root: anchor, target: leaf.der }, { conformance: true }), 'valid')
  })
})
