import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import { parseCrl } from '../revocation/crl.ts'
import * as T from '../testing/index.ts'
import { extensionDecoders } from '../x509/extensions/decoders.ts'
import { validateCertificate } from './validate-certificate.ts'

const root = T.createRoot('C=UT, CN=Root')
const codePattern = 'critical_extension_not_understood'

function codes(oid: string, value: Uint8Array, critical: boolean): string {
  const verdict = validateCertificate({
    target: root.issue('C=UT, CN=Leaf', { extensions: [T.extension(oid, value, critical)] }).der,
    anchors: [root.der],
    profile: 'rfc5280',
    time: T.testTime,
  })
  const { valid, findings } = verdict
  return valid ? 'valid' : findings.map(({ code }) => code).join(' ')
}

const policies = (...qualifiers: Uint8Array[]): Uint8Array =>
  der.sequence(der.sequence(der.oid('1.2.3.4'), der.sequence(...qualifiers)))
const qualifier = (oid: string, value: Uint8Array): Uint8Array => der.sequence(der.oid(oid), value)
const names = (...inputs: T.GeneralNameInput[]): Uint8Array => T.generalNames(inputs)
const upn = { other: { oid: '1.3.6.1.4.1.311.20.2.3', value: der.utf8String('user@host.test') } }
const pointName = T.distributionPointName({ fullName: [{ uri: 'http://host.test/crl' }] })
/** Named bits from the first to one that is not defined. */
const ninthBit = der.namedBits(1, 9)
const access = (method: string): Uint8Array =>
  der.sequence(der.sequence(der.oid(method), T.generalName({ uri: 'http://host.test/' })))
const notice = (...fields: Uint8Array[]): Uint8Array => policies(qualifier(oids.unotice, der.sequence(...fields)))
const notUnderstood: readonly (readonly [string, string, Uint8Array])[] = [
  ['a policy qualifier that is not known', oids.certificatePolicies, policies(qualifier('1.2.3.9', der.nullValue()))],
  [
    'a known policy qualifier beside an unknown one',
    oids.certificatePolicies,
    policies(qualifier(oids.cps, der.ia5String('http://host.test/')), qualifier('1.2.3.9', der.nullValue())),
  ],
  ['a CPS URI of another type', oids.certificatePolicies, policies(qualifier(oids.cps, der.utf8String('http://x')))],
  ['an empty CPS URI', oids.certificatePolicies, policies(qualifier(oids.cps, der.ia5String('')))],
  ['a user notice that is none', oids.certificatePolicies, policies(qualifier(oids.unotice, der.utf8String('x')))],
  ['a user notice of another text type', oids.certificatePolicies, notice(der.printableString('x'))],
  ['a user notice with more than it has', oids.certificatePolicies, notice(der.utf8String('x'), der.nullValue())],
  [
    'a notice reference without numbers',
    oids.certificatePolicies,
    notice(der.sequence(der.utf8String('Organisation')), der.utf8String('x')),
  ],
  ['a bit of keyUsage that is not defined', oids.keyUsage, ninthBit],
  ['subject names of no form that is processed', oids.subjectAltName, names(upn, { registeredId: '1.2.3' })],
  ['issuer names of no form that is processed', oids.issuerAltName, names({ registeredId: '1.2.3' })],
  [
    'a reason flag that is not defined',
    oids.cRLDistributionPoints,
    der.sequence(der.sequence(pointName, der.implicit(1, ninthBit))),
  ],
  ['the same in freshestCRL', oids.freshestCRL, der.sequence(der.sequence(pointName, der.implicit(1, ninthBit)))],
  ['an access method that is not known', oids.authorityInfoAccess, access('1.2.3.4')],
  ['the same of the subject', oids.subjectInfoAccess, access('1.2.3.4')],
  [
    'attributes of the subject',
    oids.subjectDirectoryAttributes,
    der.sequence(der.sequence(der.oid('1.3.6.1.5.5.7.9.4'), der.set(der.printableString('UT')))),
  ],
  [
    'a usage period of the private key',
    oids.privateKeyUsagePeriod,
    der.sequence(der.contextPrimitive(0, Buffer.from('20200101000000Z'))),
  ],
  ['features of TLS', oids.tlsFeature, der.sequence(der.integer(5))],
  ['certificate timestamps', oids.signedCertificateTimestampList, der.octetString(Uint8Array.of(0, 0))],
  ['document types', oids.documentTypeList, der.sequence(der.integer(0), der.set(der.printableString('P')))],
]

describe('a critical extension is understood to the last field, or refuses the certificate (RFC 5280 §4.2)', () => {
  for (const [what, oid, value] of notUnderstood) {
    test(`with ${what}`, () => {
      assert.equal(codes(oid, value, true), codePattern)
      assert.equal(codes(oid, value, false), 'valid', 'not critical')
    })
  }

  test('one that is understood passes', () => {
    const uri = { uri: 'http://host.test/' }
    for (const [oid, value] of [
      [oids.certificatePolicies, policies(qualifier(oids.cps, der.ia5String('http://host.test/')))],
      [oids.certificatePolicies, notice(der.utf8String('x'.repeat(300)))],
      [
        oids.certificatePolicies,
        notice(der.sequence(der.ia5String('Organisation'), der.sequence(der.integer(1), der.integer(2)))),
      ],
      [oids.keyUsage, der.namedBits(0, 8)],
      [oids.subjectAltName, names(upn, { dns: 'host.test' })],
      [oids.issuerAltName, names(uri)],
      [oids.cRLDistributionPoints, der.sequence(der.sequence(pointName, T.reasonFlags(1, ['aACompromise'])))],
      [oids.authorityInfoAccess, access(oids.ocsp)],
      [oids.subjectInfoAccess, access(oids.caRepository)],
    ] as const) {
      assert.equal(codes(oid, value, true), 'valid', oid)
    }
  })

  test('a field or choice beyond what is defined is refused by its decoder', () => {
    const malformed = (oid: string, value: Uint8Array): void =>
      assert.equal(codes(oid, value, true), 'extension_malformed', oid)
    const extra = der.contextPrimitive(7, Uint8Array.of(1))
    malformed(oids.basicConstraints, der.sequence(der.boolean(true), der.integer(0), extra))
    malformed(oids.policyConstraints, der.sequence(der.implicit(0, der.integer(0)), extra))
    malformed(oids.policyMappings, der.sequence(der.sequence(der.oid('1.2.3'), der.oid('1.2.4'), der.nullValue())))
    malformed(oids.cRLDistributionPoints, der.sequence(der.sequence(pointName, extra)))
    malformed(oids.certificatePolicies, der.sequence(der.sequence(der.oid('1.2.3'), der.sequence(), extra)))
    malformed(oids.nameConstraints, der.sequence(extra))
    malformed(oids.subjectAltName, der.sequence(der.contextPrimitive(9, Uint8Array.of(1))))
    malformed(oids.extKeyUsage, der.sequence(der.integer(1)))
    malformed(oids.authorityKeyIdentifier, der.sequence(extra))
  })

  test('each extension that is decoded is either processed or refused where it is critical', () => {
    // What path validation, name checks or revocation process. Whoever adds a decoder decides which of the two it is.
    const processed: readonly string[] = [
      oids.subjectKeyIdentifier,
      oids.authorityKeyIdentifier,
      oids.basicConstraints,
      oids.nameConstraints,
      oids.policyMappings,
      oids.policyConstraints,
      oids.inhibitAnyPolicy,
      oids.extKeyUsage,
      oids.noRevAvail,
      oids.ocspNoCheck,
      oids.nameChange,
    ]
    const decided = [...processed, ...notUnderstood.map(([, oid]) => oid)]
    assert.deepEqual(
      Object.keys(extensionDecoders).filter(oid => !decided.includes(oid)),
      [],
    )
  })
})

test('a CRL with reasons that are not defined in a critical issuingDistributionPoint is not used (RFC 5280 §5.2)', () => {
  const idp = (critical: boolean): Uint8Array =>
    T.extension(oids.issuingDistributionPoint, der.sequence(der.implicit(3, ninthBit)), critical)
  const crl = (...extensions: Uint8Array[]) => parseCrl(root.crl({ extensions: [T.crlNumber(1), ...extensions] }))
  assert.equal(crl(idp(true)).unknownCriticalExtension, oids.issuingDistributionPoint)
  assert.equal(
    crl(T.issuingDistributionPoint({ onlySomeReasons: ['keyCompromise'] })).unknownCriticalExtension,
    undefined,
  )
  const access4 = T.extension(oids.authorityInfoAccess, access('1.2.3.4'), true)
  assert.equal(crl(access4).unknownCriticalExtension, oids.authorityInfoAccess)
})
