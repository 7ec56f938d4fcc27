import { attribute, buildSignedData } from '../../layer/pki/src/cms/build-signed-data.ts'
import * as der from '../../layer/pki/src/der/writer.ts'
import { buildOcspRequest } from '../../layer/pki/src/revocation/ocsp-request.ts'
import * as ca from '../../layer/pki/src/testing/index.ts'
import { parseCertificate } from '../../layer/pki/src/x509/certificate.ts'

/** A hierarchy with one of everything, made anew for each run. */
export interface Hierarchy {
  readonly root: ca.MockAuthority
  readonly intermediate: ca.MockAuthority
  readonly leaf: ca.IssuedCertificate
  readonly crls: readonly Uint8Array[]
  readonly ocsp: readonly Uint8Array[]
}

const point = ca.uriPoint('http://crl.test/a.crl')

export function createHierarchy(): Hierarchy {
  const root = ca.createRoot('C=UT, O=Fuzz, CN=Fuzz Root')
  const intermediate = root.subordinate('C=UT, O=Fuzz, CN=Fuzz CA', {
    extra: [
      ca.certificatePolicies(['1.2.3.4', ca.anyPolicyOid]),
      ca.policyMappings([['1.2.3.4', '1.2.3.5']]),
      ca.policyConstraints({ requireExplicitPolicy: 3, inhibitPolicyMapping: 2 }),
      ca.inhibitAnyPolicy(2),
      ca.nameConstraints({
        permitted: [
          { dns: 'fuzz.test' },
          { directory: 'C=UT' },
          { email: 'fuzz.test' },
          { ip: [10, 0, 0, 0, 255, 0, 0, 0] },
        ],
        excluded: [{ uri: '.evil.test' }],
      }),
      ca.crlDistributionPoints([point]),
    ],
  })
  const leaf = intermediate.issue('C=UT, O=Fuzz, OU=A+CN=Leaf', {
    extra: [
      ca.subjectAltName([
        { dns: 'a.fuzz.test' },
        { email: 'a@fuzz.test' },
        { ip: [10, 1, 2, 3] },
        { uri: 'https://a.fuzz.test/x' },
        { directory: 'C=UT, CN=Alias' },
        { registeredId: '1.2.3' },
        { other: { oid: '1.2.3.4', value: der.utf8String('x') } },
      ]),
      ca.extendedKeyUsage(['serverAuth', 'clientAuth']),
      ca.certificatePolicies(['1.2.3.5']),
      ca.crlDistributionPoints([point, { name: { relativeName: 'CN=Part' }, reasons: ['keyCompromise'] }]),
      ca.freshestCrl([point]),
      ca.authorityInfoAccess([{ method: 'ocsp', uri: 'http://ocsp.test' }]),
      ca.issuerAltName([{ dns: 'ca.fuzz.test' }]),
    ],
  })
  const idp = ca.issuingDistributionPoint({ name: { fullName: [{ uri: 'http://crl.test/a.crl' }] } })
  const entries = [
    { serial: 900, extensions: [ca.reasonCode('keyCompromise'), ca.invalidityDate(ca.testDay(-20))] },
    { serial: 902 },
  ]
  return {
    root,
    intermediate,
    leaf,
    crls: [
      root.crl({ extensions: [ca.crlNumber(3)] }),
      intermediate.crl({
        extensions: [ca.crlNumber(7), idp, ca.authorityKeyIdentifier({ key: intermediate.key })],
        entries,
      }),
    ],
    ocsp: [
      intermediate.ocsp([{ certId: intermediate.certId(leaf.serial, 'sha256'), status: 'good' }], {
        extensions: [ca.ocspNonce(Uint8Array.of(1, 2, 3))],
      }),
    ],
  }
}

/** Valid inputs of each parser. */
export interface Seeds {
  readonly certificate: readonly Uint8Array[]
  readonly crl: readonly Uint8Array[]
  readonly ocspResponse: readonly Uint8Array[]
  readonly ocspRequest: readonly Uint8Array[]
  readonly cms: readonly Uint8Array[]
  readonly masterList: readonly Uint8Array[]
  readonly sod: readonly Uint8Array[]
  readonly name: readonly Uint8Array[]
  readonly ldsSecurityObject: readonly Uint8Array[]
  /** SubjectPublicKeyInfo of every kind. */
  readonly publicKey: readonly Uint8Array[]
  readonly pssParameters: readonly Uint8Array[]
  /** EF.DG1. */
  readonly dg1: readonly Uint8Array[]
}

export function createSeeds(hierarchy: Hierarchy): Seeds {
  const { root, intermediate, leaf, crls, ocsp } = hierarchy
  const kinds = ['rsa-1024', 'rsa-pss-2048', 'p384', 'brainpoolP256r1-explicit', 'ed25519', 'ml-dsa-44'] as const
  const others = kinds.map(kind => ca.createRoot(`CN=${kind}`, { key: ca.testKey(kind) }).der)
  const certificates = [root.der, intermediate.der, leaf.der]
  return {
    certificate: [...certificates, ...others, ca.createRoot('CN=v1', { version: 1, extensions: [] }).der],
    crl: [...crls, root.crl({ version: 1, entries: [{ serial: 5 }] }), deltaCrl(root), indirectCrl(root)],
    ocspResponse: [...ocsp, delegatedResponse(root), ca.issueOcspError(3)],
    ocspRequest: [
      buildOcspRequest({
        certificate: parseCertificate(leaf.der),
        issuer: parseCertificate(intermediate.der),
        nonce: Uint8Array.of(9, 9),
      }),
    ],
    cms: [signedData(leaf, '1.2.840.113549.1.7.1', Buffer.from('content'), certificates, crls)],
    masterList: [
      signedData(leaf, '2.23.136.1.1.2', der.sequence(der.integer(0), der.set(...certificates)), certificates),
    ],
    sod: [der.application(23, signedData(leaf, '2.23.136.1.1.1', ldsSecurityObject(), [leaf.der]))],
    name: [ca.name('C=UT, O=Fuzz, OU=A+CN=Leaf'), ca.name('DC=test, DC=fuzz, emailAddress=a@b.test')],
    ldsSecurityObject: [ldsSecurityObject(), ldsSecurityObject(true)],
    publicKey: publicKeys.map(kind => ca.testKey(kind).spki),
    pssParameters: pssParameters(),
    dg1: [90, 72, 88].map(dg1),
  }
}

const publicKeys = [
  'rsa-1024',
  'rsa-pss-2048',
  'p256',
  'p384',
  'brainpoolP256r1-explicit',
  'ed25519',
  'ml-dsa-44',
] as const

function dg1(characters: number): Uint8Array {
  const mrz = der.concatBytes([Uint8Array.of(0x5f, 0x1f, characters), Buffer.from('P<UTO'.padEnd(characters, '<'))])
  return der.application(1, mrz)
}

function pssParameters(): readonly Uint8Array[] {
  const sha256 = der.sequence(der.oid('2.16.840.1.101.3.4.2.1'), der.nullValue())
  const mgf1 = der.sequence(der.oid('1.2.840.113549.1.1.8'), sha256)
  const trailer = der.explicit(3, der.integer(1))
  return [
    der.sequence(der.explicit(0, sha256), der.explicit(1, mgf1), der.explicit(2, der.integer(32)), trailer),
    der.sequence(),
  ]
}

function deltaCrl(root: ca.MockAuthority): Uint8Array {
  const entries = [{ serial: 4, extensions: [ca.reasonCode('removeFromCRL')] }]
  return root.crl({ extensions: [ca.crlNumber(4), ca.deltaCrlIndicator(3)], entries })
}

function indirectCrl(root: ca.MockAuthority): Uint8Array {
  const name = { relativeName: 'CN=Part' }
  const idp = ca.issuingDistributionPoint({ name, indirectCrl: true, onlySomeReasons: ['superseded'] })
  const issuer = ca.certificateIssuer([{ directory: 'C=UT, CN=Other' }, { dns: 'x.test' }])
  return root.crl({ extensions: [idp], entries: [{ serial: 1 }, { serial: 2, extensions: [issuer] }, { serial: 3 }] })
}

function delegatedResponse(root: ca.MockAuthority): Uint8Array {
  const key = ca.testKey('p256', 'fuzz responder')
  const extensions = [ca.extendedKeyUsage(['ocspSigning']), ca.ocspNoCheck()]
  const responder = root.issue('CN=Responder', { key, extensions, serial: 77 })
  const revoked = { revokedAt: ca.testDay(-3), reason: 'superseded' } as const
  return root.ocsp(
    [
      { certId: root.certId(1), status: revoked },
      { certId: root.certId(2), status: 'unknown', nextUpdate: null },
    ],
    { signer: key, responder: { byKey: key }, certificates: [responder.der] },
  )
}

function ldsSecurityObject(withVersions = false): Uint8Array {
  const sha256 = der.sequence(der.oid('2.16.840.1.101.3.4.2.1'))
  const hash = (group: number) => der.sequence(der.integer(group), der.octetString(new Uint8Array(32).fill(group)))
  const versions = withVersions ? [der.sequence(der.printableString('0108'), der.printableString('040000'))] : []
  return der.sequence(der.integer(versions.length), sha256, der.sequence(hash(1), hash(2)), ...versions)
}

function signedData(
  signer: ca.IssuedCertificate,
  contentType: string,
  content: Uint8Array,
  certificates: readonly Uint8Array[],
  crls: readonly Uint8Array[] = [],
): Uint8Array {
  return buildSignedData({
    contentType,
    content,
    certificates,
    crls,
    signers: [
      {
        certificate: signer.der,
        signatureAlgorithm: ca.signingAlgorithms['ecdsa-sha256'].identifier,
        sign: data => ca.signBytes(data, signer.key),
        signingTime: ca.testTime,
        attributes: [attribute('1.2.3.4.5', der.utf8String('x'))],
      },
    ],
  })
}
