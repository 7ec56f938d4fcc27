import type { Finding, Verdict, VerdictAttempt, VerdictRevocation } from '@mmf/pki'
import { printable } from '../printable.ts'

/** Lines of one list that are printed; `--json` has them all. */
const maxLines = 20

/** A verdict as a tree for a person: the path with what was found at each certificate, then every way that was tried. */
export function verdictText(verdict: Verdict): string {
  const { valid, profile, at, path, anchor, findings, policies, revocation, attempts, attemptsOmitted, work } = verdict
  const errors = attempts.filter(({ stage }) => stage !== 'valid')
  return [
    `${valid ? 'VALID' : 'INVALID'} under ${profile} at ${at}`,
    ...tree(verdict),
    ...findings.filter(({ certificate }) => certificate === null).map(entry => `  ${findingText(entry)}`),
    ...(policies.length === 0 ? [] : [`policies: ${shorten(policies.map(printable)).join(', ')}`]),
    ...(revocation.length === 0 ? [] : ['revocation:', ...shorten(revocation.map(revocationText))]),
    ...(valid || errors.length === 0
      ? []
      : [`ways tried: ${attempts.length + attemptsOmitted}`, ...shorten(errors.flatMap(attemptText))]),
    `work: ${work.steps} steps, ${work.signatureChecks} signatures`,
    '',
  ].join('\n')

  function tree({ path: certificates }: Verdict): readonly string[] {
    const lines = certificates.map((certificate, index) => {
      const { subject, sha256, notBefore, notAfter } = certificate.toJSON()
      return { title: `${printable(subject)}  ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}  ${sha256}`, index }
    })
    const top =
      anchor === null
        ? []
        : [
            {
              title: `anchor ${printable(anchor.name)}  ${anchor.sha256 ?? 'without a certificate'}`,
              index: path.length,
            },
          ]
    return [...lines, ...top].flatMap(({ title, index }) => [
      `${'  '.repeat(index)}${index === 0 ? '' : '└─ '}${title}`,
      ...findings
        .filter(({ certificate }) => certificate === index)
        .map(entry => `${'  '.repeat(index)}   ${findingText(entry)}`),
    ])
  }
}

function shorten(lines: readonly string[]): readonly string[] {
  if (lines.length <= maxLines) return lines
  return [...lines.slice(0, maxLines), `  and ${lines.length - maxLines} more, see --json`]
}

function findingText({ severity, code, message, clause }: Finding): string {
  return `${severity === 'error' ? '✗' : '!'} ${code}: ${printable(message)} (${clause})`
}

function revocationText({ certificate, source, status, thisUpdate, nextUpdate, revokedAt, reason }: VerdictRevocation) {
  const window = thisUpdate === null ? '' : `, ${thisUpdate} to ${nextUpdate ?? 'open'}`
  const when = revokedAt === null ? '' : `, revoked ${revokedAt} for ${reason}`
  return `  ${certificate}: ${source} ${status}${window}${when}`
}

function attemptText({ stage, path, anchor, findings }: VerdictAttempt): readonly string[] {
  const names = path.map(certificate => printable(certificate.toJSON().subject))
  const way = [...names, ...(anchor === null ? [] : [`anchor ${printable(anchor.name)}`])].join(' ← ')
  return [`  ${way} (${stage})`, ...findings.map(entry => `    ${findingText(entry)}`)]
}
