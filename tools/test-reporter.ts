import type { TestEvent } from 'node:test/reporters'

/** What a run came to. Only leaf tests count; a suite that fails by itself (a throwing hook, a file that does not load) counts as one failure. */
export interface Totals {
  passed: number
  failed: number
  skipped: number
  readonly failures: string[]
  readonly skips: string[]
}

export const emptyTotals = (): Totals => ({ passed: 0, failed: 0, skipped: 0, failures: [], skips: [] })

type Outcome = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>

function where({ data }: Outcome, root: string): string {
  const file = data.file?.replace(`${root}/`, '') ?? ''
  return data.line === undefined ? `${file} › ${data.name}` : `${file}:${data.line} › ${data.name}`
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

/** Counts one event of `node:test` into `totals`. @returns what a human should see of it, if anything */
export function countEvent(totals: Totals, event: TestEvent, root: string): string | undefined {
  if (event.type === 'test:stderr' || event.type === 'test:stdout') return undefined
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined
  const { data } = event
  const reason = data.skip ?? data.todo
  if (reason !== undefined && reason !== false) {
    totals.skipped += 1
    totals.skips.push(
      `${where(event, root)}: ${typeof reason === 'string' && reason !== '' ? reason : 'NO REASON GIVEN'}`,
    )
    return undefined
  }
  const isSuite = data.details.type === 'suite'
  if (event.type === 'test:pass') {
    if (!isSuite) totals.passed += 1
    return undefined
  }
  const { error } = event.data.details
  // A suite whose subtests failed is not a failure of its own.
  if ((error as { failureType?: string }).failureType === 'subtestsFailed') return undefined
  totals.failed += 1
  const text = `✖ ${where(event, root)}\n${causeOf(error).replace(/^/gm, '    ')}`
  totals.failures.push(text)
  return text
}

/** The line that `.ci/run` and people read. */
export function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
