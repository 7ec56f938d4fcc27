import type { CaseResult, SuiteReport } from './case.ts'

/** A case that takes longer counts as hung, whatever it answered. Milliseconds. */
export const hungAfterMs = 10_000

/** Words by which suites say "accepted"; every other verdict refuses. */
const accepting = new Set(['valid', 'ok', 'good', 'success', 'accept', 'accepted'])

/** An empty report. */
export function emptyReport(suite: string): SuiteReport {
  const counts = { total: 0, right: 0, falseAccept: 0, falseReject: 0, skipped: 0, hung: 0, errors: 0 }
  return { suite, ...counts, slowestMs: 0, slowestId: '', elapsedMs: 0, deviations: [], skippedReasons: {} }
}

/** Counts one case into the report, in exactly one column. */
export function countCase(report: SuiteReport, result: CaseResult): void {
  report.total++
  if (result.elapsedMs > report.slowestMs) {
    report.slowestMs = Math.round(result.elapsedMs * 1000) / 1000
    report.slowestId = result.id
  }
  const column = columnOf(result)
  report[column]++
  if (column === 'skipped') {
    const reason = result.skipped ?? ''
    report.skippedReasons[reason] = (report.skippedReasons[reason] ?? 0) + 1
  } else if (column !== 'right') {
    const { id, expected } = result
    report.deviations.push({
      id,
      expected,
      got: deviationGot(column, result),
      reason: result.error ?? result.reason ?? '',
    })
  }
}

type Column = 'right' | 'falseAccept' | 'falseReject' | 'skipped' | 'hung' | 'errors'

function columnOf(result: CaseResult): Column {
  if (result.skipped !== undefined) return 'skipped'
  if (result.error !== undefined) return 'errors'
  if (result.elapsedMs > hungAfterMs) return 'hung'
  if (result.got === result.expected || result.expected === 'acceptable') return 'right'
  return accepting.has(result.got.toLowerCase()) ? 'falseAccept' : 'falseReject'
}

function deviationGot(column: Column, result: CaseResult): string {
  if (column === 'errors') return 'error'
  return column === 'hung' ? `hung (${Math.round(result.elapsedMs)} ms)` : result.got
}

/** Whether every case that ran was answered as expected. A run of no case at all proves nothing and fails. */
export function passed(report: SuiteReport): boolean {
  return report.deviations.length === 0 && report.right > 0
}

/** One line for a person. */
export function summaryLine(report: SuiteReport): string {
  const ran = report.total - report.skipped
  const parts = [`${report.suite}: ${report.right} of ${ran} right`]
  if (report.skipped > 0) parts.push(`${report.skipped} skipped`)
  parts.push(`${report.falseAccept} false accepts`, `${report.falseReject} false rejects`)
  parts.push(`${report.hung} hung`, `${report.errors} errors`)
  const slowest = report.slowestId === '' ? '' : `; slowest ${report.slowestId} ${report.slowestMs} ms`
  return `${parts.join(', ')} in ${report.elapsedMs} ms${slowest}`
}
