import type { CmsFinding, CmsFindingCode } from '../cms/findings.ts'
import type { Finding, FindingCode, Severity } from '../verdict/findings.ts'

/**
 * What travel document verdicts can say beside CMS and certificate validation: code → clause. A code is stable: once published it
 * keeps its meaning.
 */
const icaoFindings = {
  sod_malformed: 'ICAO Doc 9303-10 §4.6.2',
  master_list_malformed: 'ICAO Doc 9303-12, CSCA Master List',
  master_list_certificate_malformed: 'ICAO Doc 9303-12, CSCA Master List',
  data_groups_missing: 'ICAO Doc 9303-11 §5.1',
  data_group_mismatch: 'ICAO Doc 9303-11 §5.1',
  data_group_not_signed: 'ICAO Doc 9303-11 §5.1',
  compatibility_would_help: 'profile: compatibilities',
  issuing_state_mismatch: 'ICAO Doc 9303-12 §7.1.1.1',
  issuing_state_unknown: 'ICAO Doc 9303-3 §5',
  active_authentication_failed: 'ICAO Doc 9303-11 §6.1',
  active_authentication_unreadable: 'ICAO Doc 9303-11 §6.1',
  issuing_state_unreadable: 'ICAO Doc 9303-10 §4.7.1',
} as const satisfies Readonly<Record<string, string>>

export type IcaoFindingCode = keyof typeof icaoFindings

/** A finding of the same shape as those of certificate validation; its code may also be one of the travel document's or of CMS. */
export interface IcaoFinding {
  readonly code: IcaoFindingCode | CmsFindingCode | FindingCode
  readonly severity: Severity
  /** Index in the path of the signer's certificate; null: the document or list as a whole. */
  readonly certificate: number | null
  readonly clause: string
  /** For a person; its wording may change. */
  readonly message: string
}

/** A finding on the document or list as a whole. */
export function icaoFinding(code: IcaoFindingCode, message: string, severity: Severity = 'error'): IcaoFinding {
  return { code, severity, certificate: null, clause: icaoFindings[code], message }
}

/** The finding of a CMS signature in the shape of a verdict. */
export function fromCms({ code, clause, message }: CmsFinding): IcaoFinding {
  return { code, severity: 'error', certificate: null, clause, message }
}

/** Whether any of the findings makes the verdict invalid. */
export function hasError(findings: readonly (IcaoFinding | Finding)[]): boolean {
  return findings.some(finding => finding.severity === 'error')
}
