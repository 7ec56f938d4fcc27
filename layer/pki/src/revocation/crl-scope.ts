import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { DistributionPoint, DistributionPointName } from '../x509/extensions/crl-distribution-points.ts'
import type { GeneralName } from '../x509/general-name.ts'
import { keyOfRelativeName, type Name } from '../x509/name.ts'
import type { CertificateList } from './crl.ts'
import type { RevocationFindingCode } from './findings.ts'
import type { RevocationPolicy } from './types.ts'
import type { WorkBudget } from './work-budget.ts'

export interface ScopeProblem {
  readonly code: RevocationFindingCode
  readonly message: string
}

/**
 * Step (b) of RFC 5280 §6.3.3: whether a CRL covers a certificate by way of one of its distribution points. The certificate's own issuer
 * stands in for a point without cRLIssuer. Undefined where it does.
 */
export function crlScopeProblem(
  crl: CertificateList,
  certificate: Certificate,
  point: DistributionPoint,
  policy: RevocationPolicy,
  budget: WorkBudget,
): ScopeProblem | undefined {
  return (
    issuerProblem(crl, certificate, point, policy) ??
    pointNameProblem(crl, certificate, point, budget) ??
    contentProblem(crl, certificate)
  )
}

/** (b)(1) and the matching of the issuer's name. */
function issuerProblem(
  crl: CertificateList,
  certificate: Certificate,
  point: DistributionPoint,
  policy: RevocationPolicy,
): ScopeProblem | undefined {
  const indirect = crl.issuingDistributionPoint?.indirectCrl ?? false
  if (indirect && policy.indirectCrls === false) {
    return { code: 'crl_indirect_refused', message: 'the profile allows no indirect CRLs' }
  }
  if (point.crlIssuer === undefined) {
    if (crl.issuer.equals(certificate.issuer)) return undefined
    return { code: 'crl_issuer_mismatch', message: 'the CRL is not issued in the name of the certificate issuer' }
  }
  if (!directoryNames(point.crlIssuer).some(name => name.equals(crl.issuer))) {
    return { code: 'crl_issuer_mismatch', message: 'the CRL is not issued by the cRLIssuer of the distribution point' }
  }
  if (indirect) return undefined
  return {
    code: 'crl_issuer_mismatch',
    message: 'the distribution point names a cRLIssuer, but the CRL is not indirect',
  }
}

/** (b)(2)(i): a name of the IDP is a name of the distribution point, or of its cRLIssuer where it has none. */
function pointNameProblem(
  crl: CertificateList,
  certificate: Certificate,
  point: DistributionPoint,
  budget: WorkBudget,
): ScopeProblem | undefined {
  const idpName = crl.issuingDistributionPoint?.name
  if (idpName === undefined) return undefined
  const own = point.name ?? { kind: 'fullName', names: point.crlIssuer ?? [] }
  budget.spend(sizeOf(idpName) + sizeOf(own))
  // A name relative to the CRL issuer is relative to cRLIssuer where that is present, else to the certificate issuer (§4.2.1.13).
  const base = directoryNames(point.crlIssuer ?? [])[0] ?? certificate.issuer
  const theirs = comparableNames(idpName, crl.issuer)
  const mine = comparableNames(own, base)
  for (const name of theirs) if (mine.has(name)) return undefined
  return {
    code: 'crl_distribution_point_mismatch',
    message: 'no name of the issuing distribution point is one of the certificate’s distribution point',
  }
}

/** (b)(2)(ii) to (iv). */
function contentProblem(crl: CertificateList, certificate: Certificate): ScopeProblem | undefined {
  const idp = crl.issuingDistributionPoint
  if (idp === undefined) return undefined
  if (idp.onlyContainsAttributeCerts) {
    return { code: 'crl_only_attribute_certificates', message: 'the CRL covers attribute certificates only' }
  }
  if (!idp.onlyContainsUserCerts && !idp.onlyContainsCACerts) return undefined
  // RFC 5280 §5.2.5: the scope of such a CRL MUST NOT include version 1 or 2 certificates, which do not say what they are.
  if (certificate.version !== 3) {
    return {
      code: 'crl_version_1_certificate',
      message: `a version ${certificate.version} certificate is out of scope`,
    }
  }
  const ca = certificate.basicConstraints?.ca ?? false
  if (idp.onlyContainsUserCerts && ca) {
    return { code: 'crl_only_user_certificates', message: 'the CRL covers end-entity certificates only' }
  }
  if (idp.onlyContainsCACerts && !ca) {
    return { code: 'crl_only_ca_certificates', message: 'the CRL covers CA certificates only' }
  }
  return undefined
}

/** The Names among general names. */
export function directoryNames(names: readonly GeneralName[]): readonly Name[] {
  return names.flatMap(name => (name.kind === 'directoryName' ? [name.value] : []))
}

function sizeOf(point: DistributionPointName): number {
  return point.kind === 'fullName' ? point.names.length : 1
}

function comparableNames(point: DistributionPointName, base: Name): ReadonlySet<string> {
  if (point.kind === 'fullName') return new Set(point.names.map(comparable))
  return new Set([`directoryName:${keyOfRelativeName(base, point.rdn)}`])
}

/** A text that is equal exactly where two names are. URIs are compared as they stand, as they name the same resource only then. */
function comparable(name: GeneralName): string {
  switch (name.kind) {
    case 'directoryName':
      return `directoryName:${name.value.canonicalText}`
    case 'dNSName':
      return `dNSName:${name.value.toLowerCase()}`
    case 'otherName':
      return `otherName:${name.typeId}:${Buffer.from(name.value).toString('hex')}`
    default:
      return `${name.kind}:${typeof name.value === 'string' ? name.value : Buffer.from(name.value).toString('hex')}`
  }
}

/** Step (c): a delta CRL is of the same scope as a complete CRL and can be applied to it (§5.2.4). */
export function deltaFits(delta: CertificateList, complete: CertificateList): boolean {
  const base = delta.baseCrlNumber
  const { crlNumber } = complete
  if (base === undefined || crlNumber === undefined || delta.crlNumber === undefined) return false
  return (
    delta.issuer.equals(complete.issuer) &&
    optionalBytesEqual(delta.issuingDistributionPointBytes, complete.issuingDistributionPointBytes) &&
    optionalBytesEqual(delta.authorityKeyIdentifier?.keyIdentifier, complete.authorityKeyIdentifier?.keyIdentifier) &&
    crlNumber >= base &&
    crlNumber < delta.crlNumber
  )
}

function optionalBytesEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b)
}
