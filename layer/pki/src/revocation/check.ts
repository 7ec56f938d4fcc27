import { oids } from '../der/oid-names.ts'
import { isPkiError } from '../errors.ts'
import type { Certificate } from '../x509/certificate.ts'
import { checkCrls, type EvidenceOutcome } from './crl-check.ts'
import { type RevocationFinding, revocationFinding } from './findings.ts'
import { checkOcsp } from './ocsp-check.ts'
import type { RevocationExemption, RevocationInput, RevocationMode, RevocationResult } from './types.ts'

/**
 * Whether one certificate of a validated path is revoked, by the evidence the caller has: OCSP responses (RFC 6960) and CRLs
 * (RFC 5280 §6.3). Either may show it good; where either shows it revoked, it is, also by evidence that is too old to show it good: a
 * revocation that is not a hold does not end (§5.3.1). Nothing is fetched.
 *
 * The mode decides only what `undetermined` means: `fail` where evidence is required, else `soft-fail`, which the verdict names.
 * Never throws for what evidence or certificate hold: what cannot be read is a finding.
 */
export function checkRevocation(input: RevocationInput): RevocationResult {
  const { mode } = input.context.policy
  if (mode === 'off') return { status: 'undetermined', outcome: 'pass', findings: [], evidence: [] }
  const misplaced: RevocationFinding[] = []
  const exempt = exemption(input, misplaced)
  if (exempt !== undefined) return { status: 'good', outcome: 'pass', findings: misplaced, evidence: [], exempt }
  const ocsp = checkOcsp(input)
  if (ocsp.status === 'revoked') return conclude(input, ocsp, misplaced)
  const crl = checkCrls(input)
  if (crl.status === 'revoked') {
    return conclude(input, { ...crl, evidence: [...ocsp.evidence, ...crl.evidence] }, misplaced)
  }
  const good = ocsp.status === 'good' || crl.status === 'good'
  const combined: EvidenceOutcome = {
    status: good ? 'good' : 'undetermined',
    findings: [...ocsp.findings, ...crl.findings],
    evidence: [...ocsp.evidence, ...crl.evidence],
    ...(crl.remarks !== undefined && { remarks: crl.remarks }),
  }
  return conclude(input, combined, misplaced)
}

function conclude(
  input: RevocationInput,
  { status, remarks = [], ...found }: EvidenceOutcome,
  misplaced: readonly RevocationFinding[],
): RevocationResult {
  if (status === 'good') return { ...found, status, outcome: 'pass', findings: [...misplaced, ...remarks] }
  if (status === 'revoked') {
    const when = found.revocationDate === undefined ? '' : ` since ${new Date(found.revocationDate).toISOString()}`
    const contradicted = found.evidence.some(item => item.status === 'good')
    const beside = contradicted ? '; other evidence shows it good, but only a hold ends (RFC 5280 §5.3.1)' : ''
    const finding = revocationFinding('certificate_revoked', `revoked${when}, reason ${found.reason}${beside}`)
    return { ...found, status, outcome: 'fail', findings: [finding, ...misplaced, ...remarks] }
  }
  const { crls, ocspResponses, malformed } = input.context.evidence
  const message = `none of ${crls.length} CRLs and ${ocspResponses.length} OCSP responses shows the certificate good`
  const findings = [
    revocationFinding('revocation_undetermined', message),
    ...misplaced,
    ...distinct(found.findings),
    ...malformed,
  ]
  return { ...found, status, outcome: effectiveMode(input) === 'required' ? 'fail' : 'soft-fail', findings }
}

/**
 * RFC 6960 §4.2.2.2.1 leaves a responder's certificate that names no way to check it to the local policy: it is looked for in the evidence
 * at hand, and refused if revoked, but evidence is not required.
 */
function effectiveMode({ certificate, context, role }: RevocationInput): RevocationMode {
  if (role !== 'ocsp-responder') return context.policy.mode
  return namesEvidence(certificate) ? context.policy.mode : 'soft-fail'
}

function exemption(input: RevocationInput, misplaced: RevocationFinding[]): RevocationExemption | undefined {
  const { certificate, role } = input
  if (role === 'ocsp-responder' && certificate.extension(oids.ocspNoCheck) !== undefined) return 'ocspNoCheck'
  if (certificate.extension(oids.noRevAvail) === undefined) return undefined
  // RFC 9608 §2 and §3: never in a CA certificate, never beside a pointer to revocation information. Then it exempts from nothing.
  if (!isAuthority(certificate) && !namesEvidence(certificate)) return 'noRevAvail'
  const message = 'noRevAvail in a CA certificate, or beside a pointer to revocation information, is not honoured'
  misplaced.push(revocationFinding('no_rev_avail_misplaced', message))
  return undefined
}

/** True also where basicConstraints cannot be read: no exemption for what is not understood. */
function isAuthority(certificate: Certificate): boolean {
  try {
    return certificate.basicConstraints?.ca ?? false
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return true
  }
}

/** The certificate says where its revocation information is: CRL distribution points, freshest CRL or an OCSP responder. */
function namesEvidence(certificate: Certificate): boolean {
  if (certificate.extension(oids.cRLDistributionPoints) !== undefined) return true
  if (certificate.extension(oids.freshestCRL) !== undefined) return true
  try {
    return certificate.decode(oids.authorityInfoAccess)?.some(({ method }) => method === oids.ocsp) ?? false
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return true
  }
}

/** The same CRL may be tried for several distribution points; each reason is reported once. */
function distinct(findings: readonly RevocationFinding[]): readonly RevocationFinding[] {
  const seen = new Map<string, RevocationFinding>()
  for (const finding of findings) {
    const key = `${finding.code}/${finding.source}/${finding.index}`
    if (!seen.has(key)) seen.set(key, finding)
  }
  return [...seen.values()]
}
