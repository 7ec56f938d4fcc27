import type { Budget } from '../path/budget.ts'
import type { PathSettings } from '../path/settings.ts'
import type { Attempt, RunResult } from '../path/validation-run.ts'
import type { RevocationResult } from '../revocation/types.ts'
import type { Certificate } from '../x509/certificate.ts'
import { type Finding, finding } from './findings.ts'
import { formatTimestamp } from './timestamp.ts'
import { type Verdict, VerdictAnchor, type VerdictAttempt, type VerdictRevocation } from './verdict.ts'

/** The verdict on a target that could not be read. */
export function unreadableTarget(
  settings: PathSettings,
  budget: Budget,
  error: Finding,
  warnings: readonly Finding[],
): Verdict {
  return {
    valid: false,
    profile: settings.profile.name,
    at: formatTimestamp(settings.at),
    path: [],
    anchor: null,
    findings: [error, ...warnings],
    policies: [],
    revocation: [],
    attempts: [],
    attemptsOmitted: 0,
    work: budget.spent,
  }
}

/** What a run found, as the caller gets it. `warnings` are about the input. */
export function toVerdict(
  result: RunResult,
  target: Certificate,
  settings: PathSettings,
  budget: Budget,
  warnings: readonly Finding[],
): Verdict {
  const { valid, best, attempts, omitted, exhausted } = result
  const findings = best === undefined ? [] : [...best.findings]
  if (!valid && exhausted !== undefined) {
    const code = exhausted === 'steps' ? 'steps_exhausted' : 'signature_checks_exhausted'
    findings.unshift(finding(code, null, `the work limit was reached after ${attempts.length + omitted} attempts`))
  } else if (best === undefined) {
    findings.push(finding('no_path', 0, 'no path to a trust anchor'))
  }
  if (warnings.length > 0) findings.push(...warnings)
  return {
    valid,
    profile: settings.profile.name,
    at: formatTimestamp(settings.at),
    path: best?.path ?? [target],
    anchor: best?.anchor ? new VerdictAnchor(best.anchor) : null,
    findings,
    policies: best?.policies.map(({ policy }) => policy) ?? [],
    revocation: best?.revocation.flatMap(revocationReports) ?? [],
    attempts: attempts.map(describeAttempt),
    attemptsOmitted: omitted,
    work: budget.spent,
  }
}

function describeAttempt({ stage, anchor, path, findings }: Attempt): VerdictAttempt {
  return { stage, anchor: anchor === null ? null : new VerdictAnchor(anchor), path, findings }
}

function revocationReports(result: RevocationResult | undefined, certificate: number): VerdictRevocation[] {
  if (result === undefined) return []
  const revoked = result.status === 'revoked'
  const common = {
    certificate,
    reason: revoked ? (result.reason ?? null) : null,
    revokedAt: revoked ? timestamp(result.revocationDate) : null,
  }
  if (result.exempt !== undefined) {
    const none = { index: null, thisUpdate: null, nextUpdate: null, producedAt: null }
    return [{ ...common, ...none, source: 'exempt', status: result.exempt }]
  }
  return result.evidence.map(({ source, index, status, thisUpdate, nextUpdate, producedAt }) => ({
    ...common,
    source,
    index,
    status,
    thisUpdate: timestamp(thisUpdate),
    nextUpdate: timestamp(nextUpdate),
    producedAt: timestamp(producedAt),
  }))
}

function timestamp(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : formatTimestamp(milliseconds)
}
