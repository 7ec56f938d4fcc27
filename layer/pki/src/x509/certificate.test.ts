import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { oids } from '../der/oid-names.ts'
import * as der from '../der/writer.ts'
import { isPkiError, type PkiErrorCode } from '../errors.ts'
import * as T from '../testing/index.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { keyUsageBit, keyUsageNames } from './extensions/key-usage.ts'
import { decodeBase64, parsePem, readCertificates, toPem } from './pem.ts'

const root = T.createRoot()
const issue = (...extensions: Uint8Array[]): Uint8Array => root.issue('CN=Leaf', { extensions }).der
const parse = (...extensions: Uint8Array[]): Certificate => parseCertificate(issue(...extensions))
const code = (expected: PkiErrorCode) => (error: unknown) => isPkiError(error, expected)

describe('a certificate', () => {
  const bytes = root.issue('C=UT, CN=Leaf', { serial: 0x1234 }).der
  const certificate = parseCertificate(bytes)

  test('gives its fields', () => {
    assert.equal(certificate.version, 3)
    assert.equal(certificate.serialNumberHex, '1234')
    assert.equal(certificate.subject.toString(), 'CN=Leaf,C=UT')
    assert.equal(certificate.issuer.toString(), 'CN=Test Root,C=UT')
    assert.equal(certificate.notBefore, T.testDay(-365).getTime())
    assert.equal(certificate.notAfter, T.testDay(365).getTime())
    assert.equal(certificate.signatureAlgorithm.oid, oids.ecdsaWithSHA256)
    assert.equal(certificate.signatureAlgorithmsMatch, true)
    assert.equal(certificate.isSelfIssued, false)
    assert.equal(parseCertificate(root.der).isSelfIssued, true)
    assert.equal(certificate.fingerprint, createHash('sha256').update(bytes).digest('hex'))
    assert.deepEqual(keyUsageNames(certificate.keyUsage ?? 0), ['digitalSignature'])
    assert.equal(certificate.tbs.buffer, bytes.buffer)
  })

  test('serialises to what identifies it', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(certificate)), {
      subject: 'CN=Leaf,C=UT',
      issuer: 'CN=Test Root,C=UT',
      serialNumber: '1234',
      notBefore: '2025-06-15T12:00:00.000Z',
      notAfter: '2027-06-15T12:00:00.000Z',
      sha256: certificate.fingerprint,
    })
  })

  test('cut off anywhere, or with anything after it, is refused', () => {
    for (let length = 0; length < bytes.length; length += 7) {
      assert.throws(() => parseCertificate(bytes.subarray(0, length)), isPkiError)
    }
    assert.throws(() => parseCertificate(Uint8Array.of(...bytes, 0)), code('certificate_malformed'))
  })

  test('over the size limit is refused', () => {
    assert.throws(() => parseCertificate(new Uint8Array(2 * 1024 * 1024)), code('der_limit_exceeded'))
  })

  test('with an encoded default version or extensions before v3 is refused', () => {
    const versionOne = T.issueCertificate({ ...template(), version: 1, extensions: [] })
    assert.equal(parseCertificate(versionOne).version, 1)
    assert.throws(
      () => parseCertificate(T.issueCertificate({ ...template(), version: 2 })),
      code('certificate_malformed'),
    )
    assert.throws(
      () => parseCertificate(T.issueCertificate({ ...template(), version: 9 })),
      code('certificate_malformed'),
    )
  })

  function template(): T.CertificateTemplate {
    const key = T.testKey()
    return { subject: 'CN=x', issuer: 'CN=x', key, signer: key, extensions: [T.keyUsage(['keyCertSign'])] }
  }
})

describe('extensions', () => {
  test('that occur twice are refused', () => {
    assert.throws(() => parse(T.keyUsage(['cRLSign']), T.keyUsage(['cRLSign'])), code('extension_duplicate'))
  })

  test('with an encoded default are refused', () => {
    const written = der.sequence(der.oid(oids.keyUsage), der.boolean(false), der.octetString(der.namedBits(0)))
    assert.throws(() => parse(written).keyUsage, code('extension_malformed'))
  })

  test('beyond a number that any certificate has are refused', () => {
    const many = Array.from({ length: 300 }, (_, index) => T.extension(`1.2.3.${index}`, der.nullValue()))
    assert.throws(() => parse(...many), code('der_limit_exceeded'))
  })

  test('of RFC 5280 are decoded', () => {
    const key = T.testKey()
    const certificate = parse(
      T.authorityKeyIdentifier({ key, issuer: [{ directory: 'CN=x' }], serial: 5 }),
      T.subjectKeyIdentifier(Uint8Array.of(1, 2)),
      T.keyUsage(['keyCertSign', 'decipherOnly']),
      T.certificatePolicies(['1.2.3', T.anyPolicyOid]),
      T.policyMappings([['1.2.3', '1.2.4']]),
      T.subjectAltName([
        { dns: 'a.test' },
        { ip: [127, 0, 0, 1] },
        { email: 'a@b.test' },
        { uri: 'http://a.test/' },
        { registeredId: '1.2.3' },
      ]),
      T.issuerAltName([{ directory: 'CN=issuer' }]),
      T.basicConstraints({ ca: true, pathLength: 3 }),
      T.nameConstraints({ permitted: [{ dns: 'test' }], excluded: [{ ip: [10, 0, 0, 0, 255, 0, 0, 0] }] }),
      T.policyConstraints({ requireExplicitPolicy: 0, inhibitPolicyMapping: 2 }),
      T.extendedKeyUsage(['serverAuth']),
      T.crlDistributionPoints([
        {
          name: { fullName: [{ uri: 'http://crl.test/' }] },
          reasons: ['keyCompromise'],
          crlIssuer: [{ directory: 'CN=c' }],
        },
      ]),
      T.inhibitAnyPolicy(1),
      T.freshestCrl([T.uriPoint('http://delta.test/')]),
      T.authorityInfoAccess([{ method: 'ocsp', uri: 'http://ocsp.test/' }]),
      T.ocspNoCheck(),
      T.noRevAvail(),
    )
    assert.deepEqual(certificate.authorityKeyIdentifier?.authorityCertSerialNumber, Uint8Array.of(5))
    assert.deepEqual(certificate.subjectKeyIdentifier, Uint8Array.of(1, 2))
    assert.equal(certificate.keyUsage, keyUsageBit.keyCertSign | keyUsageBit.decipherOnly)
    assert.deepEqual(
      certificate.decode(oids.certificatePolicies)?.map(({ policy }) => policy),
      ['1.2.3', T.anyPolicyOid],
    )
    assert.deepEqual(certificate.decode(oids.policyMappings), [
      { issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.4' },
    ])
    assert.deepEqual(
      certificate.subjectAltName?.map(({ kind }) => kind),
      ['dNSName', 'iPAddress', 'rfc822Name', 'uniformResourceIdentifier', 'registeredID'],
    )
    assert.equal(certificate.decode(oids.issuerAltName)?.length, 1)
    assert.deepEqual(certificate.basicConstraints, { ca: true, pathLength: 3 })
    assert.equal(certificate.decode(oids.nameConstraints)?.excluded?.[0]?.base.kind, 'iPAddress')
    assert.deepEqual(certificate.decode(oids.policyConstraints), {
      requireExplicitPolicy: 0,
      inhibitPolicyMapping: 2,
    })
    assert.deepEqual(certificate.extendedKeyUsage, [oids.serverAuth])
    assert.equal(certificate.decode(oids.cRLDistributionPoints)?.[0]?.reasons, 1 << 1)
    assert.equal(certificate.decode(oids.inhibitAnyPolicy), 1)
    assert.equal(certificate.decode(oids.freshestCRL)?.[0]?.name?.kind, 'fullName')
    assert.equal(certificate.decode(oids.authorityInfoAccess)?.[0]?.method, oids.ocsp)
    assert.equal(certificate.decode(oids.ocspNoCheck), true)
    assert.equal(certificate.decode(oids.noRevAvail), true)
  })

  test('of travel documents, TLS and transparency are decoded', () => {
    const certificate = parse(
      T.extension(
        oids.documentTypeList,
        der.sequence(der.integer(0), der.set(der.printableString('P'), der.printableString('ID'))),
      ),
      T.extension(oids.nameChange, der.nullValue()),
      T.extension(oids.privateKeyUsagePeriod, der.sequence(der.implicit(0, der.generalizedTime(T.testTime)))),
      T.extension(oids.tlsFeature, der.sequence(der.integer(5))),
      T.extension(oids.signedCertificateTimestampList, der.octetString(Uint8Array.of(1))),
      T.extension(
        oids.subjectDirectoryAttributes,
        der.sequence(der.sequence(der.oid('1.2.3'), der.set(der.nullValue()))),
      ),
    )
    assert.deepEqual(certificate.decode(oids.documentTypeList), { version: 0, types: ['P', 'ID'] })
    assert.equal(certificate.decode(oids.nameChange), true)
    assert.deepEqual(certificate.decode(oids.privateKeyUsagePeriod), {
      notBefore: T.testTime.getTime(),
      notAfter: undefined,
    })
    assert.deepEqual(certificate.decode(oids.tlsFeature), [5])
    assert.deepEqual(certificate.decode(oids.signedCertificateTimestampList), Uint8Array.of(1))
    assert.equal(certificate.decode(oids.subjectDirectoryAttributes)?.[0]?.type, '1.2.3')
  })

  for (const [what, oid, value] of [
    ['basicConstraints with the default written out', oids.basicConstraints, der.sequence(der.boolean(false))],
    ['a negative pathLenConstraint', oids.basicConstraints, der.sequence(der.boolean(true), der.integer(-1))],
    ['an empty subjectAltName', oids.subjectAltName, der.sequence()],
    ['an address of three octets', oids.subjectAltName, der.sequence(der.contextPrimitive(7, Uint8Array.of(1, 2, 3)))],
    [
      'a host name of other than ASCII',
      oids.subjectAltName,
      der.sequence(der.contextPrimitive(2, Uint8Array.of(0xe4))),
    ],
    ['empty nameConstraints', oids.nameConstraints, der.sequence()],
    ['empty subtrees', oids.nameConstraints, der.sequence(der.implicit(0, der.sequence()))],
    ['empty policyConstraints', oids.policyConstraints, der.sequence()],
    [
      'a policy twice',
      oids.certificatePolicies,
      der.sequence(der.sequence(der.oid('1.2')), der.sequence(der.oid('1.2'))),
    ],
    ['an empty extKeyUsage', oids.extKeyUsage, der.sequence()],
    ['an empty authorityInfoAccess', oids.authorityInfoAccess, der.sequence()],
    ['a distribution point that says nothing', oids.cRLDistributionPoints, der.sequence(der.sequence())],
    ['no DER at all', oids.authorityInfoAccess, Buffer.from('malformed')],
    ['something after the value', oids.inhibitAnyPolicy, Uint8Array.of(2, 1, 0, 0)],
  ] as const) {
    test(`refuse ${what}, each time it is asked for`, () => {
      const certificate = parse(T.extension(oid, value))
      for (let turn = 0; turn < 2; turn++) assert.throws(() => certificate.decode(oid), code('extension_malformed'))
    })
  }
})

describe('PEM and base64', () => {
  const text = `subject=x\n${toPem('CERTIFICATE', root.der)}\n${toPem('X509 CRL', Uint8Array.of(48, 0))}${toPem('CERTIFICATE', issue())}`

  test('bundles are read, other blocks passed over', () => {
    assert.equal(readCertificates(text).length, 2)
    assert.equal(parsePem(text.replaceAll('\n', '\r\n')).length, 3)
  })

  test('so are bare base64, DER, and PEM as bytes', () => {
    const [fingerprint] = readCertificates(text).map(certificate => certificate.fingerprint)
    for (const input of [Buffer.from(root.der).toString('base64'), root.der, Buffer.from(text)]) {
      assert.equal(readCertificates(input)[0]?.fingerprint, fingerprint)
    }
  })

  test('what is none is refused', () => {
    for (const bad of [
      '',
      'hello',
      '-----BEGIN CERTIFICATE-----\nAAAA',
      '-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----',
      toPem('X509 CRL', Uint8Array.of(48, 0)),
    ]) {
      assert.throws(() => readCertificates(bad), isPkiError)
    }
    assert.throws(() => decodeBase64('AAA'), code('pem_malformed'))
  })
})
