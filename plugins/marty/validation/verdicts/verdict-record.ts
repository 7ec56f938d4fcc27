import type { Certificate, Verdict, VerdictAnchor, VerdictAttempt, VerdictRevocation } from '@mmf/pki'
import type { DocumentPart } from '../documents/document-part.ts'
import type { InputList } from '../inputs/input-list.ts'
import { trustFindings } from './trust-findings.ts'
import type { VerdictRecord } from './verdict-schema.ts'

/** Longest texts in a record, in characters. A name of a megabyte explains nothing. */
const maxCharacters = { name: 512, message: 500, oid: 256 } as const

/** Most entries of each list; what is beyond is counted. */
const maxItems = { path: 64, findings: 100, policies: 100, revocation: 200, attempts: 32 } as const

type Omitted = VerdictRecord['omitted']

/** The order in which lists give way: what explains least goes first. */
const expendable = ['attempts', 'policies', 'revocation', 'findings', 'path'] as const satisfies (keyof Omitted)[]

/** The verdict as plain data of bounded size, the same for the same verdict. */
export function toVerdictRecord(
  verdict: Verdict,
  inputs: InputList,
  maxBytes: number,
  document?: DocumentPart,
): VerdictRecord {
  const { profile, at, path, anchor, policies, revocation, attempts, work } = verdict
  // A distrusted certificate gets no valid verdict, whatever its vouchers.
  const valid = verdict.valid && inputs.targetRefused === undefined && document?.valid !== false
  const findings = [...(document?.findings ?? []), ...trustFindings(verdict.valid, inputs), ...verdict.findings]
  const record: VerdictRecord = {
    valid,
    profile,
    at,
    path: path.slice(0, maxItems.path).map(summary),
    anchor: anchorOf(anchor),
    findings: findings.slice(0, maxItems.findings).map(findingOf),
    policies: policies.slice(0, maxItems.policies).map(policy => cut(policy, maxCharacters.oid)),
    revocation: revocation.slice(0, maxItems.revocation).map(entry => revocationOf(entry, inputs)),
    attempts: attempts.slice(0, maxItems.attempts).map(attemptOf),
    omitted: {
      path: over(path, maxItems.path),
      findings: over(findings, maxItems.findings),
      policies: over(policies, maxItems.policies),
      revocation: over(revocation, maxItems.revocation),
      attempts: over(attempts, maxItems.attempts) + verdict.attemptsOmitted,
    },
    work: { steps: work.steps, signatureChecks: work.signatureChecks },
    ...(document === undefined ? {} : { document: document.record }),
  }
  return fitVerdict(record, maxBytes)
}

/** The record within `maxBytes` of JSON: lists are halved, the least telling one first, and what went is counted. */
export function fitVerdict(record: VerdictRecord, maxBytes: number): VerdictRecord {
  let fitted = record
  while (Buffer.byteLength(JSON.stringify(fitted)) > maxBytes) {
    const field = expendable.find(name => fitted[name].length > 0)
    if (field === undefined) return fitted
    const kept = fitted[field].slice(0, Math.floor(fitted[field].length / 2))
    const gone = fitted[field].length - kept.length
    fitted = { ...fitted, [field]: kept, omitted: { ...fitted.omitted, [field]: fitted.omitted[field] + gone } }
  }
  return fitted
}

const over = (list: readonly unknown[], limit: number): number => Math.max(0, list.length - limit)

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

function summary(certificate: Certificate): VerdictRecord['path'][number] {
  const { subject, issuer, serialNumber, notBefore, notAfter, sha256 } = certificate.toJSON()
  return {
    subject: cut(subject, maxCharacters.name),
    issuer: cut(issuer, maxCharacters.name),
    serialNumber: cut(serialNumber, maxCharacters.name),
    notBefore,
    notAfter,
    sha256,
  }
}

function anchorOf(anchor: VerdictAnchor | null): VerdictRecord['anchor'] {
  return anchor === null ? null : { name: cut(anchor.name, maxCharacters.name), sha256: anchor.sha256 }
}

function findingOf({
  code,
  severity,
  certificate,
  clause,
  message,
}: VerdictRecord['findings'][number]): VerdictRecord['findings'][number] {
  return { code, severity, certificate, clause, message: cut(message, maxCharacters.message) }
}

function revocationOf(entry: VerdictRevocation, evidence: InputList): VerdictRecord['revocation'][number] {
  const { certificate, source, index, status, thisUpdate, nextUpdate, producedAt, reason, revokedAt } = entry
  const hashes = source === 'crl' ? evidence.crls : evidence.ocspResponses
  const hash = index === null ? null : (hashes[index] ?? null)
  return { certificate, source, evidence: hash, status, thisUpdate, nextUpdate, producedAt, reason, revokedAt }
}

function attemptOf({ stage, anchor, path, findings }: VerdictAttempt): VerdictRecord['attempts'][number] {
  return {
    stage,
    anchor: anchorOf(anchor),
    path: path.slice(0, maxItems.path).map(certificate => {
      const { subject, sha256 } = certificate.toJSON()
      return { subject: cut(subject, maxCharacters.name / 2), sha256 }
    }),
    findings: findings.slice(0, maxItems.findings).map(findingOf),
  }
}
