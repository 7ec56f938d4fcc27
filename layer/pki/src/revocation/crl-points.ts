import { oids } from '../der/oid-names.ts'
import { isPkiError } from '../errors.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { DistributionPoint } from '../x509/extensions/crl-distribution-points.ts'
import type { GeneralName } from '../x509/general-name.ts'
import type { RevocationFindingCode } from './findings.ts'

/** The distribution points by which CRLs are sought for one certificate. */
export interface PointsToTry {
  readonly points: readonly DistributionPoint[]
  /** Why no CRL shows the certificate good, or only one that is for a point that the certificate names. */
  readonly refusal?: readonly [code: RevocationFindingCode, message: string]
  /** False where the points of the certificate cannot be read: no CRL is then known to be the right one, but each may prove a revocation. */
  readonly mayShowGood: boolean
}

/** Those that the certificate names, then one in the name of its issuer (RFC 5280 §6.3.3, after step (l)). */
export function pointsToTry(certificate: Certificate, indirectCrls: boolean): PointsToTry {
  const issuer: DistributionPoint = {
    name: { kind: 'fullName', names: issuerNames(certificate) },
    reasons: undefined,
    crlIssuer: undefined,
  }
  let named: readonly DistributionPoint[]
  try {
    named = certificate.decode(oids.cRLDistributionPoints) ?? []
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return { points: [issuer], refusal: ['crl_malformed', cause.message], mayShowGood: false }
  }
  // A profile without indirect CRLs has nothing to offer where the CA says that its CRLs come from another issuer.
  if (!indirectCrls && named.some(({ crlIssuer }) => crlIssuer !== undefined)) {
    const message = 'the certificate asks for indirect CRLs, which the profile does not allow'
    return { points: named, refusal: ['crl_indirect_refused', message], mayShowGood: true }
  }
  return { points: [...named, issuer], mayShowGood: true }
}

function issuerNames(certificate: Certificate): readonly GeneralName[] {
  const name: GeneralName = { kind: 'directoryName', value: certificate.issuer }
  try {
    return [name, ...(certificate.decode(oids.issuerAltName) ?? [])]
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return [name]
  }
}
