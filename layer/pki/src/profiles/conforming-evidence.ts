import type { CertificateList } from '../revocation/crl.ts'
import type { RevocationEvidence } from '../revocation/evidence.ts'
import type { RevocationFinding } from '../revocation/findings.ts'
import { crlExtensionRules, crlFieldRules } from './rules/crl-rules.ts'

const ruleTable = [...crlFieldRules, ...crlExtensionRules]

/**
 * The evidence without, by issuer, the CRLs that a conforming CA would not have issued; why each is left out stands among the malformed ones. For the
 * profiles that hold certificates to the same standard. A list that is left out shows no certificate good, but what it revokes stays
 * revoked: a form fault of the CA does not undo a signed revocation. Indirect CRLs prove nothing where they are refused.
 */
export function conformingEvidence(evidence: RevocationEvidence): RevocationEvidence {
  if (evidence.crls.length === 0) return evidence
  const refused: RevocationFinding[] = []
  const kept = new Set<CertificateList>()
  const indirect = new Set<CertificateList>()
  for (const { index, value } of evidence.crls) {
    const finding = firstFault(value, index)
    if (finding === undefined) kept.add(value)
    else {
      refused.push(finding)
      if (finding.code === 'crl_indirect_refused') indirect.add(value)
    }
  }
  if (refused.length === 0) return evidence
  return {
    ...evidence,
    malformed: [...evidence.malformed, ...refused],
    crlsOf: issuer => evidence.crlsOf(issuer).filter(({ value }) => kept.has(value)),
    provingCrlsOf: issuer => evidence.provingCrlsOf(issuer).filter(({ value }) => !indirect.has(value)),
  }
}

function firstFault(list: CertificateList, index: number): RevocationFinding | undefined {
  for (const { code, clause, check } of ruleTable) {
    const message = check(list)
    if (message !== undefined) return { code, clause, message, source: 'crl', index }
  }
  return undefined
}
