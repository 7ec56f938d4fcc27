import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { parseArgs } from 'node:util'
import { groupTests, type TestGroups } from './test-groups.ts'
import { countEvent, countUnfinished, emptyTimes, emptyTotals, noteFile, totalsLine } from './test-reporter.ts'

const root = resolve(import.meta.dirname, '..')
const everyday = '{layer,plugins,handlers,infra,cli,test,tools}/**/*.test.ts'
const tooLongMs = 5 * 60_000

const defaultSlowest = 20

/** `npm test [-- [--slowest[=N]] <glob or file> …]`: runs the tests and ends with `N passed, N failed, N skipped`. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: args.map(arg => (arg === '--slowest' ? `--slowest=${defaultSlowest}` : arg)),
    options: { slowest: { type: 'string' } },
    allowPositionals: true,
  })
  const wanted = positionals.length === 0 ? [everyday] : positionals
  const files = globSync([...wanted], { cwd: root, exclude: ['**/node_modules/**', 'dist/**'] })
    .map(file => resolve(root, file))
    .sort()
  if (files.length === 0) {
    console.error(`no test file matches ${wanted.join(' ')}`)
    return 1
  }
  // What one process has compiled spares the next ones the work.
  process.env['NODE_COMPILE_CACHE'] ??= resolve(root, '.tmp/compile-cache')
  const groups = await groupTests(root, files)
  try {
    return await runFiles(files.length, groups, Number(values.slowest ?? 0))
  } finally {
    await groups.remove()
  }
}

async function runFiles(count: number, { files, groups }: TestGroups, slowest: number): Promise<number> {
  const totals = emptyTotals()
  const times = emptyTimes()
  const started = performance.now()
  const events = run({
    files: [...files],
    concurrency: Math.max(2, availableParallelism()),
    timeout: tooLongMs,
    cwd: root,
  })
  for await (const event of events) {
    noteFile(times, event, groups)
    const text = countEvent(totals, event, root)
    if (text !== undefined) console.log(text)
  }
  for (const text of countUnfinished(totals, files, times)) console.log(text)
  for (const skip of totals.skips) console.log(`skipped ${skip}`)
  const longest = [...times.durations].sort(([, a], [, b]) => b - a).slice(0, slowest)
  for (const [file, ms] of longest)
    console.log(`${(ms / 1000).toFixed(1).padStart(7)} s  ${relative(root, resolve(root, file))}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${count} files in ${seconds} s`)
  console.log(totalsLine(totals))
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
