import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { CaseResult, Suite, SuiteOptions, SuiteReport } from './case.ts'
import { countCase, emptyReport, hungAfterMs, passed, summaryLine } from './report.ts'

/** Suite → its module and its folders below CONFORMANCE_DATA. `bettertls` is limbo's format. */
const suiteTable: Readonly<Record<string, { module: string; folders: readonly string[] }>> = {
  pkits: { module: 'pkits', folders: ['pkits', 'pkits-ml-dsa'] },
  limbo: { module: 'limbo', folders: ['limbo'] },
  bettertls: { module: 'limbo', folders: ['bettertls'] },
  ocsp: { module: 'ocsp', folders: ['revocation'] },
  'bssl-ocsp': { module: 'bssl-ocsp', folders: ['bssl-ocsp'] },
  crl: { module: 'crl', folders: ['revocation'] },
  wycheproof: { module: 'wycheproof', folders: ['wycheproof'] },
  masterlists: { module: 'masterlists', folders: ['icao'] },
  sod: { module: 'sod', folders: ['icao'] },
  reports: { module: 'reports', folders: ['reports'] },
  'bssl-chain': { module: 'bssl-chain', folders: ['bssl-chain'] },
}

const suiteNames = Object.keys(suiteTable).join('|')
const usageText = `usage: conformance --suite <${suiteNames}> --data <file or folder> [--profile NAME] [--json] [--only ID]`

class UsageError extends Error {}

interface Arguments {
  suite?: string
  data?: string
  profile?: string
  only?: string
  json: boolean
}

function parse(argv: readonly string[]): Arguments {
  const text = { type: 'string' } as const
  const options = { suite: text, data: text, profile: text, only: text, json: { type: 'boolean' } } as const
  try {
    const { json = false, ...rest } = parseArgs({ args: [...argv], options, allowPositionals: false }).values
    return { json, ...rest }
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('\n')[0] ?? usageText) : usageText)
  }
}

/** Loads a suite only when it is asked for; a suite that is not there is an error that says so. */
async function loadSuite(name: string): Promise<Suite> {
  const module = suiteTable[name]?.module
  if (module === undefined || !Object.hasOwn(suiteTable, name))
    throw new UsageError(`unknown suite ${name}; ${usageText}`)
  const file = new URL(`./suites/${module}.ts`, import.meta.url)
  if (!existsSync(file)) throw new Error(`suite ${name}: its module ${module}.ts does not exist`)
  const loaded: Partial<Suite> = await import(file.href)
  if (typeof loaded.run !== 'function') throw new Error(`suite ${name}: ${module}.ts exports no run()`)
  return { run: loaded.run }
}

async function* casesOf(suite: Suite, options: SuiteOptions): AsyncGenerator<CaseResult> {
  yield* await suite.run(options)
}

/** The next case, or `hung` when the suite gives none in time. A synchronous case cannot be interrupted; it is judged by its elapsed time. */
async function nextCase(cases: AsyncGenerator<CaseResult>): Promise<IteratorResult<CaseResult> | 'hung'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'hung'>(resolve => {
    timer = setTimeout(() => resolve('hung'), 6 * hungAfterMs)
  })
  try {
    return await Promise.race([cases.next(), late])
  } finally {
    clearTimeout(timer)
  }
}

async function runSuite(name: string, options: SuiteOptions): Promise<SuiteReport> {
  const suite = await loadSuite(name)
  const report = emptyReport(name)
  const started = performance.now()
  const cases = casesOf(suite, options)
  for (;;) {
    const next = await nextCase(cases)
    if (next === 'hung') {
      const elapsedMs = 6 * hungAfterMs
      countCase(report, { id: `(after case ${report.total})`, expected: 'a verdict', got: 'none', elapsedMs })
      break
    }
    if (next.done === true) break
    countCase(report, next.value)
  }
  report.elapsedMs = Math.round(performance.now() - started)
  return report
}

function print(report: SuiteReport, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(report))
    return
  }
  console.log(summaryLine(report))
  for (const { id, expected, got, reason } of report.deviations) {
    console.log(`  ${id}: expected ${expected}, got ${got}${reason === '' ? '' : ` (${reason})`}`)
  }
  for (const [reason, count] of Object.entries(report.skippedReasons)) console.log(`  skipped ${count}: ${reason}`)
}

async function runOne(name: string, args: Arguments, root: string | undefined): Promise<boolean> {
  const folder = suiteTable[name]?.folders[0]
  const data = args.data ?? (root !== undefined && folder !== undefined ? join(root, folder) : undefined)
  if (!Object.hasOwn(suiteTable, name)) throw new UsageError(`unknown suite ${name}; ${usageText}`)
  if (data === undefined) throw new UsageError('--data is missing and CONFORMANCE_DATA is not set')
  if (!existsSync(data)) throw new UsageError(`no such file or folder: ${data}`)
  const { profile, only } = args
  const report = await runSuite(name, { data, ...(profile && { profile }), ...(only && { only }) })
  if (report.total === 0)
    throw new UsageError(only === undefined ? `no case found in ${data}` : `no case ${only} in ${data}`)
  print(report, args.json)
  return passed(report)
}

async function runAll(args: Arguments, root: string): Promise<boolean> {
  if (args.data !== undefined || args.only !== undefined || args.profile !== undefined) {
    throw new UsageError('--data, --profile and --only need --suite')
  }
  if (!existsSync(root)) throw new UsageError(`CONFORMANCE_DATA names no folder: ${root}`)
  let allPassed = true
  for (const [name, { folders }] of Object.entries(suiteTable)) {
    for (const folder of folders) {
      const data = join(root, folder)
      if (!existsSync(data)) {
        if (!args.json) console.log(`${name}: skipped: ${folder} is not in CONFORMANCE_DATA`)
        continue
      }
      const report = await runGuarded(name, data)
      report.suite = folder.startsWith(`${name}-`) ? folder : name
      print(report, args.json)
      allPassed = passed(report) && allPassed
    }
  }
  return allPassed
}

/** One suite that cannot run at all is an error of that suite and does not keep the others from running. */
async function runGuarded(name: string, data: string): Promise<SuiteReport> {
  try {
    return await runSuite(name, { data })
  } catch (error) {
    const report = emptyReport(name)
    countCase(report, { id: '(suite)', expected: 'a run', got: '', elapsedMs: 0, error: String(error) })
    return report
  }
}

async function main(argv: readonly string[], root: string | undefined): Promise<number> {
  try {
    const args = parse(argv)
    if (args.suite !== undefined) return (await runOne(args.suite, args, root)) ? 0 : 1
    if (root === undefined || root === '') {
      if (argv.length > 0) throw new UsageError(usageText)
      console.log('conformance: skipped: CONFORMANCE_DATA is not set')
      return 0
    }
    return (await runAll(args, root)) ? 0 : 1
  } catch (error) {
    console.error(`conformance: ${error instanceof Error ? error.message : String(error)}`)
    return error instanceof UsageError ? 2 : 1
  }
}

const { CONFORMANCE_DATA } = process.env
process.exitCode = await main(process.argv.slice(2), CONFORMANCE_DATA)
