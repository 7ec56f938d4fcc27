import {
  type CrlTemplate,
  createRoot,
  crlDistributionPoints,
  type DistributionPointInput,
  type IssueOptions,
  type IssuingDistributionPointInput,
  issuingDistributionPoint,
  type RevocationInputOptions,
  reasonCode,
  revocationInput,
} from '../testing/index.ts'
import { checkCrls } from './crl-check.ts'

export const root = createRoot('C=UT, CN=CRL Root')
export const leaf = root.issue('CN=Leaf')
export const uri = 'http://crl.test/a.crl'

/** The outcome for a certificate of the root under the CRLs given. */
export function check(crls: readonly Uint8Array[], options: Partial<RevocationInputOptions> = {}) {
  const { status, findings, evidence, reason } = checkCrls(
    revocationInput({ certificate: leaf.der, path: [root.der], crls, ...options }),
  )
  return { status, reason, codes: findings.map(({ code }) => code), evidence }
}

/** A leaf with these distribution points. */
export function leafWith(points: readonly DistributionPointInput[], options: IssueOptions = {}): Uint8Array {
  return root.issue('CN=Leaf', { serial: leaf.serial as number, ...options, extra: [crlDistributionPoints(points)] })
    .der
}

export function crlWith(idp: IssuingDistributionPointInput, template: Partial<CrlTemplate> = {}): Uint8Array {
  return root.crl({ ...template, extensions: [issuingDistributionPoint(idp), ...(template.extensions ?? [])] })
}

export const listed = { entries: [{ serial: leaf.serial, extensions: [reasonCode('keyCompromise')] }] }
