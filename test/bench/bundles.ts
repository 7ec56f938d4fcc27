import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { scopeOf } from '@mmf/framework/internal'
import { type BuildOptions, build } from 'esbuild'
import { functionFile } from '../../infra/plugins/function-file.ts'
import { measure } from '../../tools/build/budgets.ts'
import { common } from '../../tools/build/esbuild-options.ts'
import { handlerOptions } from '../../tools/build/handlers.ts'
import type { BuildMeta, Output } from '../../tools/build/meta.ts'
import { root } from '../../tools/build/paths.ts'
import { plugins } from '../support/plugins.ts'
import { lambdaVariables } from './lambda-variables.ts'
import { median } from './pki/measure.ts'
import { atMost, type BenchResult } from './result.ts'

/**
 * Sizes and import times of what `npm run build` made, against a bare handler with the same SDK clients, in fresh processes and in turns. Times
 * are of the processor: what passes on a machine that does nothing else, and repeatable on one that does.
 */
export async function benchBundles(rounds = 9): Promise<readonly BenchResult[]> {
  const dist = join(root, 'dist')
  const meta: BuildMeta = JSON.parse(readFileSync(join(dist, 'meta.json'), 'utf8'))
  const sizes = measure(meta)
  const layer = sizes.filter(({ what }) => what.startsWith('layer, ')).reduce((sum, { bytes }) => sum + bytes, 0)
  const results: BenchResult[] = [
    ...sizes.map(({ what, bytes, limit }) => atMost(limit / 1000, 'KB', what, bytes / 1000)),
    { name: 'layer, all of it', value: layer / 1000, unit: 'KB' },
  ]
  const variables = await lambdaVariables()
  const folder = mkdtempSync(join(dist, 'handlers', 'bench-'))
  try {
    for (const file of readdirSync(join(dist, 'handlers')).filter(name => name.endsWith('.mjs'))) {
      const clients = clientsIn(meta.handlers.outputs[`handlers/${file}`])
      const deployed = variables.get(file)
      if (deployed === undefined) throw new Error(`no function of the service stack runs ${file}`)
      results.push(...(await againstBare(file, clients, { folder, rounds, env: { ...ofLambda, ...deployed } })))
    }
    return results
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Timing {
  /** Where the bare handlers are built. */
  readonly folder: string
  readonly rounds: number
  readonly env: Readonly<Record<string, string>>
}

async function againstBare(file: string, clients: readonly string[], timing: Timing) {
  const { folder } = timing
  const bareFile = join(folder, file)
  const sameRules = join(folder, file.replace('.mjs', '.same.mjs'))
  await buildBare(clients, bareFile)
  await buildBare(clients, sameRules, handlerOptions)
  const times = startTimes({ bare: bareFile, same: sameRules, full: join(root, 'dist/handlers', file) }, timing)
  const { bare = none, same = none, full = none } = times
  // What signs asks KMS when it boots, and the functions of the outbox boot with their first event.
  const boots = !Number.isNaN(full.boot)
  return [
    { name: `import of a bare handler with the SDK clients of ${file}`, value: bare.import, unit: 'ms' },
    { name: 'the same, bundled with the rules of our build', value: same.import, unit: 'ms' },
    { name: `import of ${file} and the layer`, value: full.import, unit: 'ms' },
    atMost(1.5, '×', `import of ${file} and the layer, against the bare one`, full.import / bare.import),
    ...(boots
      ? [
          { name: `import and boot of ${file}`, value: full.import + full.boot, unit: 'ms' },
          {
            name: `import and boot of ${file}, against the bare one with its clients made`,
            value: (full.import + full.boot) / (bare.import + bare.boot),
            unit: '×',
          },
        ]
      : []),
  ]
}

/** The files of `handlers/clients/` that went into a handler. */
function clientsIn(output: Output | undefined): readonly string[] {
  const names = Object.keys(output?.inputs ?? {}).map(input => /^handlers\/clients\/([a-z0-9]+)\.ts$/.exec(input)?.[1])
  return names.filter(name => name !== undefined)
}

/** A handler that makes the same SDK clients with the same commands, and does nothing else: as esbuild makes it, unless told otherwise. */
async function buildBare(clients: readonly string[], outfile: string, rules: BuildOptions = {}): Promise<void> {
  const imports = clients.map(name => `import { ${name} } from './handlers/clients/${name}.ts'`)
  const contents = `${imports.join('\n')}
    const boot = async () => [${clients.map(name => `${name}()`).join(', ')}]
    export const handler = Object.assign(async () => ({ statusCode: 200 }), { boot })`
  const stdin = { contents, resolveDir: root, loader: 'ts' } as const
  await build({ ...common, ...rules, write: true, sourcemap: false, stdin, outfile })
}

interface Start {
  readonly import: number
  /** NaN where it cannot boot by itself. */
  readonly boot: number
}

const none: Start = { import: Number.NaN, boot: Number.NaN }

const script = `
  const spent = () => (({ user, system }) => (user + system) / 1000)(process.threadCpuUsage())
  const started = spent()
  const { handler } = await import(process.argv[2])
  const imported = spent()
  const boots = process.argv[3] === 'true' && handler.boot !== undefined
  if (boots) await handler.boot()
  console.log(JSON.stringify([imported - started, boots ? spent() - imported : null]))
  process.exit()
`

/** Milliseconds of processor time of the main thread, medians. */
function startTimes(files: Readonly<Record<string, string>>, { folder, rounds, env }: Timing): Record<string, Start> {
  const timer = join(folder, 'time.mjs')
  writeFileSync(timer, script)
  const samples: Record<string, (readonly [number, number | null])[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, file] of Object.entries(files)) {
      const args = ['--no-warnings', timer, pathToFileURL(file).href, String(!signs(files['full'] ?? ''))]
      const printed = execFileSync(process.execPath, args, { encoding: 'utf8', env })
      samples[name] = [...(samples[name] ?? []), JSON.parse(printed)]
    }
  }
  return Object.fromEntries(
    Object.entries(samples).map(([name, values]) => {
      const boots = values.map(([, boot]) => boot).filter(boot => boot !== null)
      return [
        name,
        { import: median(values.map(([imported]) => imported)), boot: boots.length > 0 ? median(boots) : Number.NaN },
      ]
    }),
  )
}

/** Files of the functions that have a key to sign with. */
const signing = new Set(
  plugins.flatMap(({ services }) =>
    services.filter(service => scopeOf(service).keys.length > 0).map(({ name }) => `${functionFile(name)}.mjs`),
  ),
)

const signs = (file: string): boolean => signing.has(basename(file))

/** What Lambda itself sets. */
const ofLambda = {
  PATH: process.env['PATH'] ?? '',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
}
