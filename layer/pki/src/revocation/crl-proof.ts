import { isPkiError } from '../errors.ts'
import type { DistributionPoint } from '../x509/extensions/crl-distribution-points.ts'
import type { CertificateList } from './crl.ts'
import type { CrlEntry } from './crl-entries.ts'
import { crlScopeProblem } from './crl-scope.ts'
import type { CrlSignerResult } from './crl-signer.ts'
import type { EvidenceItem } from './evidence.ts'
import { type RevocationFinding, revocationFinding } from './findings.ts'
import { type AgeProblem, freshnessProblem, isPermanent, revokedAt } from './freshness.ts'
import type { RevocationInput } from './types.ts'
import type { WorkBudget } from './work-budget.ts'

/** What the search for a proof shares with the search for good evidence. */
export interface ProofSearch {
  readonly input: RevocationInput
  readonly budget: WorkBudget
  /** The CRLs for a distribution point that may prove a revocation, newest first. */
  crlsFor(point: DistributionPoint): readonly EvidenceItem<CertificateList>[]
  /** Who signed a CRL, by a path that is valid at a moment; default the moment of validation. */
  signerOf(item: EvidenceItem<CertificateList>, at?: number): CrlSignerResult
}

/** A signed CRL in scope that lists the certificate as revoked for good. */
export interface CrlProof {
  readonly item: EvidenceItem<CertificateList>
  readonly entry: CrlEntry
  /** Why the CRL is too old to show a certificate good, if it is. */
  readonly age: AgeProblem | undefined
}

/**
 * Looks through all CRLs, complete and delta, for one that lists the certificate as revoked for good (RFC 5280 §5.3.1), whatever its age. Each
 * CRL must pass the other checks of §6.3.3: scope, critical extensions, signature and signer.
 * @param findings gets the reasons why a CRL that lists the certificate was refused
 */
export function findCrlProof(
  points: readonly DistributionPoint[],
  search: ProofSearch,
  findings: RevocationFinding[],
): CrlProof | undefined {
  for (const point of points) {
    for (const item of search.crlsFor(point)) {
      search.budget.spend(1)
      try {
        const proof = proofOf(item, point, search, findings)
        if (proof !== undefined) return proof
      } catch (cause) {
        if (!isPkiError(cause)) throw cause
        findings.push(revocationFinding('crl_malformed', cause.message, 'crl', item.index))
      }
    }
  }
  return undefined
}

/** The cheap checks come first: only a CRL that lists the certificate costs a signature check. */
function proofOf(
  item: EvidenceItem<CertificateList>,
  point: DistributionPoint,
  search: ProofSearch,
  findings: RevocationFinding[],
): CrlProof | undefined {
  const { value: crl } = item
  const { certificate, context } = search.input
  const { at, policy } = context
  const age = freshnessProblem(crl, at, policy)
  if (age === 'not_yet_valid' || crl.unknownCriticalExtension !== undefined) return undefined
  if (crl.baseCrlNumber !== undefined && policy.deltaCrls === false) return undefined
  if (crlScopeProblem(crl, certificate, point, policy, search.budget) !== undefined) return undefined
  const entry = crl.entries?.find(certificate.serialNumber, certificate.issuer)
  if (entry === undefined || !isPermanent(entry.reason) || !revokedAt(entry, at, policy)) return undefined
  return isSigned(item, search, findings) ? { item, entry, age } : undefined
}

/** Accepts a signer whose path is valid now or was at thisUpdate: that its certificate has expired since does not undo what it signed. */
function isSigned(
  item: EvidenceItem<CertificateList>,
  { signerOf }: ProofSearch,
  findings: RevocationFinding[],
): boolean {
  for (const at of [undefined, item.value.thisUpdate]) {
    const found = signerOf(item, at)
    if (found.signer !== undefined) return true
    findings.push(...found.findings)
    if (!found.findings.some(({ code }) => code === 'crl_signer_invalid')) return false
  }
  return false
}
