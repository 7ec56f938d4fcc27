import { createHash } from 'node:crypto'
import { defined } from '@mmf/framework'
import {
  type Certificate,
  type CertificateList,
  type MasterList,
  masterListCertificates,
  type OcspResponse,
  oids,
  type PublicKeyInfo,
  type SignedData,
  verifySignature,
  verifySignedData,
} from '@mmf/pki'
import { describeExtensions } from './cert-extensions.ts'
import type { PkiItem } from './cert-file.ts'
import { certificatesOf } from './cert-file.ts'
import { hex, namedOid, nameText, type Plain, readable, timestamp, validityState } from './cert-values.ts'

/** What something is and says, as plain data; the first member names its type. */
export function reportOf(item: PkiItem, now: number): Plain {
  switch (item.kind) {
    case 'certificate':
      return certificateReport(item.value, now)
    case 'crl':
      return crlReport(item.value, now)
    case 'ocsp-response':
      return ocspReport(item.value)
    case 'ocsp-request':
      return {
        type: 'OCSP request (RFC 6960)',
        certificates: item.value.certIds.map(({ serialNumber }) => hex(serialNumber)),
      }
    case 'pkcs7':
      return {
        type: 'PKCS #7 bundle: certificates without a signature around them (RFC 5652 §5.2)',
        certificates: certificatesOf(item).map(certificate => certificateReport(certificate, now)),
      }
    case 'signed-data':
      return { type: 'CMS SignedData (RFC 5652)', ...signedDataReport(item.value) }
    case 'master-list':
      return masterListReport(item.value, item.bytes)
    case 'sod':
      return {
        type: 'EF.SOD, the security object of a travel document (ICAO Doc 9303-10)',
        hashAlgorithm: item.value.securityObject.hashAlgorithm.name,
        dataGroups: item.value.securityObject.dataGroupHashes.map(({ number }) => number),
        ...signedDataReport(item.value.signedData),
      }
    case 'other':
      return { type: `${item.label}: recognised by its label, not shown` }
  }
}

function certificateReport(certificate: Certificate, now: number): Plain {
  const { notBefore, notAfter, version, der } = certificate
  return {
    type: 'X.509 certificate (RFC 5280)',
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    issuedBy: readable(() => issuedBy(certificate)),
    serialNumber: certificate.serialNumberHex,
    version,
    notBefore: timestamp(notBefore),
    notAfter: timestamp(notAfter),
    validity: validityState(notBefore, notAfter, now),
    publicKey: readable(() => keyInfoText(certificate.subjectPublicKeyInfo.info)),
    signatureAlgorithm: readable(() => namedOid(certificate.signatureAlgorithm.oid)),
    sha256: certificate.fingerprint,
    sha1: createHash('sha1').update(der).digest('hex'),
    extensions: describeExtensions(certificate).map(report => ({ ...report })),
  }
}

/** Names say who claims to have issued it; only a signature shows it, and here only its own key is at hand. */
function issuedBy(certificate: Certificate): string {
  if (!certificate.isSelfIssued) return 'another name: its signature is not checked here'
  const { signatureAlgorithm, subjectPublicKeyInfo, tbs, signature } = certificate
  const { status } = verifySignature({
    algorithm: signatureAlgorithm,
    spki: subjectPublicKeyInfo.raw,
    data: tbs,
    signature,
    policy: { explicitCurves: true, digestInfoWithoutNull: true },
  })
  return status === 'valid'
    ? 'itself: the signature verifies under its own key'
    : `its own name, another key (${status})`
}

function keyInfoText(info: PublicKeyInfo): string {
  switch (info.type) {
    case 'rsa':
      return `RSA, ${info.bits} bits, exponent ${info.exponent}`
    case 'rsa-pss':
      return `RSA for PSS only, ${info.bits} bits, exponent ${info.exponent}`
    case 'ec':
      return `EC, ${info.curve.name}${info.explicit ? ', its parameters spelt out' : ''}`
    case 'dsa':
      return info.inherits ? 'DSA, parameters inherited from the issuer' : `DSA, ${info.bits} bits`
    case 'pure':
      return info.keyType
    case 'unknown':
      return `unknown algorithm ${info.oid}`
  }
}

function crlReport(crl: CertificateList, now: number): Plain {
  const { crlNumber, baseCrlNumber, nextUpdate, issuingDistributionPoint } = crl
  return {
    type: baseCrlNumber === undefined ? 'certificate revocation list (RFC 5280 §5)' : 'delta CRL (RFC 5280 §5.2.4)',
    issuer: nameText(crl.issuer),
    version: crl.version,
    thisUpdate: timestamp(crl.thisUpdate),
    nextUpdate: nextUpdate === undefined ? 'not named' : timestamp(nextUpdate),
    ...defined({
      freshness: nextUpdate === undefined ? undefined : validityState(crl.thisUpdate, nextUpdate, now),
      crlNumber: crlNumber === undefined ? undefined : String(crlNumber),
      baseCrlNumber: baseCrlNumber === undefined ? undefined : String(baseCrlNumber),
      scope: issuingDistributionPoint === undefined ? undefined : 'limited by issuingDistributionPoint',
    }),
    signatureAlgorithm: namedOid(crl.signatureAlgorithm.oid),
    sha256: crl.fingerprint,
    revoked: readable(() => `${crl.entries?.count ?? 0} certificates`),
  }
}

function ocspReport({ status, basic, fingerprint }: OcspResponse): Plain {
  if (basic === undefined) return { type: 'OCSP response (RFC 6960)', status, sha256: fingerprint }
  const { responderId, producedAt, responses, certificates, signatureAlgorithm } = basic
  return {
    type: 'OCSP response (RFC 6960)',
    status,
    responder: responderId.kind === 'byName' ? nameText(responderId.name) : `key ${hex(responderId.keyHash)}`,
    producedAt: timestamp(producedAt),
    responses: responses.map(response => ({
      serialNumber: hex(response.certId.serialNumber),
      status: response.status,
      thisUpdate: timestamp(response.thisUpdate),
      ...defined({
        nextUpdate: response.nextUpdate === undefined ? undefined : timestamp(response.nextUpdate),
        revokedAt: response.revocationTime === undefined ? undefined : timestamp(response.revocationTime),
        reason: response.reason,
      }),
    })),
    certificates: certificates.map(({ subject }) => nameText(subject)),
    signatureAlgorithm: namedOid(signatureAlgorithm.oid),
    sha256: fingerprint,
  }
}

function signedDataReport({ contentType, content, certificates, crls, signerInfos }: SignedData) {
  return {
    contentType: namedOid(contentType),
    content: content === undefined ? 'detached' : `${content.length} bytes`,
    signers: signerInfos.length,
    certificates: certificates.length,
    crls: crls.length,
  }
}

function masterListReport(list: MasterList, bytes: Uint8Array): Plain {
  const { certificates, malformed } = masterListCertificates(list)
  const countries = Map.groupBy(certificates, certificate => countryOf(certificate))
  const counts = [...countries].map(([country, some]) => [country, some.length] as const)
  return {
    type: 'CSCA master list (ICAO Doc 9303-12); that its signer may vouch for anybody is not checked here',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    cscas: certificates.length,
    ...(malformed.length === 0 ? {} : { unreadable: malformed.length }),
    countries: Object.fromEntries(counts.sort(([a], [b]) => a.localeCompare(b))),
    ...signedDataReport(list.signedData),
    signedBy: signersOf(list.signedData),
    listed: certificates.map(certificate => ({
      country: countryOf(certificate),
      subject: nameText(certificate.subject),
      sha256: certificate.fingerprint,
    })),
  }
}

/** Who has signed, and when by their own word. A signature that verifies shows that the certificate's key made it, and nothing more. */
function signersOf(signedData: SignedData): Plain {
  const policy = { explicitCurves: true, digestInfoWithoutNull: true }
  const { signers } = verifySignedData(signedData, { policy, tolerant: true })
  return signers.map(({ certificate, signingTime, valid, findings }) => ({
    ...(certificate === undefined
      ? { subject: 'the certificate is not with it' }
      : {
          subject: nameText(certificate.subject),
          issuer: nameText(certificate.issuer),
          serialNumber: certificate.serialNumberHex,
          sha256: certificate.fingerprint,
        }),
    signingTime: signingTime === undefined ? 'not named' : timestamp(signingTime),
    signature: valid
      ? 'verifies under this certificate'
      : `does not verify: ${findings.map(({ code }) => code).join(', ')}`,
  }))
}

function countryOf({ subject }: Certificate): string {
  return readable(() => subject.values(oids.countryName)[0]?.toUpperCase() ?? 'none')
}
