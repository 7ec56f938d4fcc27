import { spawnSync } from 'node:child_process'
import { join, relative } from 'node:path'
import { pluginsHere } from '../infra/plugins/plugins-here.ts'
import { foreignParts, measure } from './build/budgets.ts'
import { BuildError } from './build/bundle.ts'
import { root } from './build/paths.ts'
import { build } from './build.ts'

/** One gate. @returns what is wrong, empty when it passes */
interface Gate {
  readonly name: string
  run(): readonly string[] | Promise<readonly string[]>
}

const bin = (name: string): string => join(root, 'node_modules/.bin', name)

const maxLines = 80

/** Runs a tool; its output is what is wrong. */
function tool(command: string, ...args: string[]): readonly string[] {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  if (error !== undefined) return [error.message]
  if (status === 0) return []
  const lines = (stdout + stderr).trim().split('\n')
  const rest = lines.length > maxLines ? [`… ${lines.length - maxLines} more lines`] : []
  return [`${relative(root, command)} ${args.join(' ')}`, ...lines.slice(0, maxLines), ...rest]
}

async function bundles(): Promise<readonly string[]> {
  const out = join(root, 'dist')
  try {
    const { plugins, problems } = await pluginsHere({ root, env: {} })
    if (problems.length > 0) return problems.map(({ name, error }) => `plugin ${name}: ${error.message}`)
    const meta = await build({ out, handlers: join(root, 'handlers'), config: join(root, 'config'), plugins })
    const sizes = measure(meta)
    for (const { what, bytes, limit } of sizes) console.log(`    ${kilobytes(bytes)} of ${kilobytes(limit)}  ${what}`)
    const tooLarge = sizes
      .filter(({ bytes, limit }) => bytes > limit)
      .map(({ what, bytes, limit }) => `${what}: ${bytes} bytes, at most ${limit}`)
    return [...tooLarge, ...foreignParts(meta)]
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    return [error.message]
  }
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(6)} KB`

const gates: readonly Gate[] = [
  {
    name: 'format and lint',
    run: () => tool(bin('biome'), 'check', '--error-on-warnings', '--max-diagnostics=10', '.'),
  },
  { name: 'types', run: () => tool(bin('tsc'), '--noEmit', '-p', 'tsconfig.json') },
  { name: 'architecture', run: () => tool(process.execPath, 'tools/architecture.ts') },
  { name: 'nothing unused', run: () => tool(bin('knip')) },
  { name: 'nothing that only tests use', run: () => tool(bin('knip'), '--production') },
  { name: 'generated files up to date', run: () => tool(process.execPath, 'tools/generate.ts', '--check') },
  { name: 'bundles and their budgets', run: bundles },
]

/** `npm run check`: every gate, and a last line `N gates passed, N failed`. */
async function main(): Promise<number> {
  let failed = 0
  for (const gate of gates) {
    const started = performance.now()
    const wrong = await gate.run()
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${wrong.length === 0 ? '✔' : '✖'} ${gate.name} (${seconds} s)`)
    for (const line of wrong) console.log(line.replace(/^/gm, '    '))
    if (wrong.length > 0) failed += 1
  }
  console.log(`${gates.length - failed} gates passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main()
