import { meanings } from './meanings.ts'
import { type Remedy, remedies } from './remedies.ts'

interface Reported {
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly certificate: number | null
  readonly clause: string
  readonly message: string
}

interface Named {
  readonly subject: string
  readonly sha256: string
}

type NamedAnchor = { readonly name: string; readonly sha256: string | null } | null

/** A verdict as JSON has it, of this version or of an earlier one. */
export interface ReportedVerdict {
  readonly valid: boolean
  readonly profile: string
  readonly at: string
  readonly path: readonly Named[]
  readonly anchor: NamedAnchor
  readonly findings: readonly Reported[]
  readonly attempts: readonly {
    readonly stage: string
    readonly path: readonly Named[]
    readonly anchor: NamedAnchor
    readonly findings: readonly Reported[]
  }[]
  readonly document?:
    | { readonly dataGroups: readonly { readonly number: number; readonly status: string }[] }
    | undefined
}

/** A finding with what it means and what would have to change. */
export interface ExplainedFinding extends Reported {
  /** What the finding is about: the subject of a certificate, an anchor, or null for the whole input. */
  readonly about: string | null
  readonly means: string
  readonly toChange: string
}

export interface Explanation {
  readonly summary: string
  readonly findings: ExplainedFinding[]
  readonly dataGroups: { readonly number: number; readonly status: string; readonly means: string }[]
  readonly tried: {
    /** From the certificate in question to the anchor. */
    readonly path: string[]
    readonly outcome: string
    readonly findings: ExplainedFinding[]
  }[]
  /** All of it for a person, in lines. */
  readonly text: string
}

const stages: Readonly<Record<string, string | undefined>> = {
  building: 'no complete chain',
  processing: 'the chain breaks a rule',
  signatures: 'a signature does not hold',
  revocation: 'stopped at revocation',
  valid: 'accepted',
}

const statuses: Readonly<Record<string, string | undefined>> = {
  match: 'is what the State signed',
  mismatch: 'is not what the State signed',
  not_signed: 'was presented, but the State signed none of this number',
  not_checked: 'was signed and not presented, so it was not checked',
}

/** Says in plain English why a verdict is what it is: each finding, data group and path that was tried. A code that is not known is explained too. */
export function explanationOf(verdict: ReportedVerdict): Explanation {
  const { valid, profile, at, path, anchor, document } = verdict
  const findings = verdict.findings.map(found => explained(found, path, anchor))
  const dataGroups = (document?.dataGroups ?? []).map(({ number, status }) => ({
    number,
    status,
    means: statuses[status] ?? `has the status ${status}, which is not known here`,
  }))
  const tried = verdict.attempts.map(attempt => ({
    path: [...attempt.path.map(({ subject }) => subject), ...(attempt.anchor === null ? [] : [attempt.anchor.name])],
    outcome: stages[attempt.stage] ?? attempt.stage,
    findings: attempt.findings.map(found => explained(found, attempt.path, attempt.anchor)),
  }))
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const what = document === undefined ? 'The certificate' : 'The document'
  const why = valid ? '' : `, for ${errors} ${errors === 1 ? 'reason' : 'reasons'}`
  const summary = `${what} is ${valid ? '' : 'not '}valid under ${profile} at ${at}${why}.`
  const lines = [
    summary,
    ...findings.flatMap(linesOf),
    ...dataGroups.map(({ number, means }) => `DG${number} ${means}.`),
    ...tried.flatMap(({ path: names, outcome }) => [`Tried: ${names.join(' ← ')}: ${outcome}.`]),
  ]
  return { summary, findings, dataGroups, tried, text: `${lines.join('\n')}\n` }
}

function explained(found: Reported, path: readonly Named[], anchor: NamedAnchor): ExplainedFinding {
  const entry: readonly [string, Remedy] | undefined = Object.hasOwn(meanings, found.code)
    ? meanings[found.code as keyof typeof meanings]
    : undefined
  const [means, remedy] = entry ?? []
  const at = found.certificate
  const about = at === null ? null : (path[at]?.subject ?? (at === path.length ? anchor?.name : undefined) ?? null)
  return {
    ...found,
    about,
    means: means ?? 'This version has no description of this finding; its message says what was found.',
    toChange: remedy === undefined ? 'What the clause asks for would have to be met.' : remedies[remedy],
  }
}

function linesOf({ code, severity, about, clause, message, means, toChange }: ExplainedFinding): readonly string[] {
  return [
    `${severity === 'error' ? 'Error' : 'Warning'} ${code} (${clause})${about === null ? '' : `, ${about}`}: ${message}`,
    `  ${means}`,
    `  ${toChange}`,
  ]
}
