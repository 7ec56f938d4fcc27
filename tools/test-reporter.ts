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
    // A file whose process ended with code 0 is a test to node:test; what it holds counts, and `unfinishedFiles` looks whether that was all.
    if (!isSuite && data.name !== data.file) totals.passed += 1
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

/** Follows which files came to their end, and how long each took. */
export interface FileTimes {
  /** File → milliseconds; of a file that shares its process the name of its suite. */
  readonly durations: Map<string, number>
  /** Files whose process said that all of its tests had run, or that are failures by themselves. */
  readonly accounted: Set<string>
}

export const emptyTimes = (): FileTimes => ({ durations: new Map(), accounted: new Set() })

/** Notes what an event of `node:test` says about a file as a whole. `groups` are files that only import others. */
export function noteFile(times: FileTimes, event: TestEvent, groups: ReadonlySet<string>): void {
  if (event.type === 'test:summary' && event.data.file !== undefined) {
    times.accounted.add(event.data.file)
    if (!groups.has(event.data.file)) times.durations.set(event.data.file, event.data.duration_ms)
  }
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return
  const { name, file = '', nesting, details } = event.data
  if (event.type === 'test:fail' && name === file) times.accounted.add(file)
  if (nesting === 0 && groups.has(file)) times.durations.set(name, details.duration_ms)
}

/**
 * Counts each file that did not come to its end as a failure: `process.exit(0)` in a test ends the process with code 0, which `node:test` takes
 * for success, whatever was still to run or to report.
 * @returns what a human should see
 */
export function countUnfinished(totals: Totals, files: readonly string[], { accounted }: FileTimes): readonly string[] {
  const texts = files
    .filter(file => !accounted.has(file))
    .map(file => `✖ ${file}\n    ended before all of its tests had run and reported: something called process.exit`)
  totals.failed += texts.length
  totals.failures.push(...texts)
  return texts
}

/** The line that `.ci/run` and people read. */
export function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
