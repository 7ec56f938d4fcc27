import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { countEvent, emptyTotals, totalsLine } from './test-reporter.ts'

const root = resolve(import.meta.dirname, '..')
const everyday = '{layer,plugins,handlers,infra,cli,test,tools}/**/*.test.ts'
const tooLongMs = 5 * 60_000

/** `npm test [-- <glob or file> …]`: runs the tests and ends with `N passed, N failed, N skipped`. */
async function main(patterns: readonly string[]): Promise<number> {
  const wanted = patterns.length === 0 ? [everyday] : patterns
  const files = globSync([...wanted], { cwd: root, exclude: ['**/node_modules/**', 'dist/**'] })
    .map(file => resolve(root, file))
    .sort()
  if (files.length === 0) {
    console.error(`no test file matches ${wanted.join(' ')}`)
    return 1
  }
  // Each file runs in a process of its own; what one has compiled spares the next ones the work.
  process.env['NODE_COMPILE_CACHE'] ??= resolve(root, '.tmp/compile-cache')
  const totals = emptyTotals()
  const started = performance.now()
  const events = run({ files, concurrency: Math.max(2, availableParallelism()), timeout: tooLongMs, cwd: root })
  for await (const event of events) {
    const text = countEvent(totals, event, root)
    if (text !== undefined) console.log(text)
  }
  for (const skip of totals.skips) console.log(`skipped ${skip}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${files.length} files in ${seconds} s`)
  console.log(totalsLine(totals))
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
