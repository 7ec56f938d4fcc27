import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { measure } from '../../tools/build/budgets.ts'
import { common } from '../../tools/build/esbuild-options.ts'
import { handlerOptions } from '../../tools/build/handlers.ts'
import type { BuildMeta, Output } from '../../tools/build/meta.ts'
import { root } from '../../tools/build/paths.ts'
import { median } from './pki/measure.ts'
import { atMost, type BenchResult } from './result.ts'

/** Sizes and import times of what `npm run build` made, against a bare handler with the same SDK clients, in fresh processes and in turns. */
export async function benchBundles(rounds = 9): Promise<readonly BenchResult[]> {
  const dist = join(root, 'dist')
  const meta: BuildMeta = JSON.parse(readFileSync(join(dist, 'meta.json'), 'utf8'))
  const sizes: BenchResult[] = measure(meta).map(({ what, bytes, limit }) =>
    atMost(limit / 1000, 'KB', what, bytes / 1000),
  )
  const folder = mkdtempSync(join(dist, 'handlers', 'bench-'))
  try {
    const results = [...sizes]
    for (const file of readdirSync(join(dist, 'handlers')).filter(name => name.endsWith('.mjs'))) {
      const bare = join(folder, file)
      const clients = clientsIn(meta.handlers.outputs[`handlers/${file}`])
      const likeOurs = bare.replace('.mjs', '.ours.mjs')
      await buildBare(clients, bare)
      await buildBare(clients, likeOurs, handlerOptions)
      const times = importTimes({ bare, likeOurs, full: join(dist, 'handlers', file) }, folder, rounds)
      const { bare: bareTime = Number.NaN, likeOurs: likeOursTime = Number.NaN, full = Number.NaN } = times
      results.push(
        { name: `import of a bare handler with the SDK clients of ${file}`, value: bareTime, unit: 'ms' },
        { name: `the same, bundled with the rules of our build`, value: likeOursTime, unit: 'ms' },
        { name: `import of ${file} and the layer`, value: full, unit: 'ms' },
        atMost(1.5, '×', `import of ${file} and the layer, against the bare one`, full / bareTime),
      )
    }
    return results
  } finally {
    rmSync(folder, { recursive: true })
  }
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
    const clients = [${clients.map(name => `${name}()`).join(', ')}]
    export const handler = async () => ({ statusCode: 200, body: String(clients.length) })`
  const stdin = { contents, resolveDir: root, loader: 'ts' } as const
  await build({ ...common, ...rules, write: true, sourcemap: false, stdin, outfile })
}

/** Milliseconds of `import()`, medians. */
function importTimes(files: Readonly<Record<string, string>>, folder: string, rounds: number): Record<string, number> {
  const script = join(folder, 'time.mjs')
  writeFileSync(
    script,
    'const started = performance.now()\nawait import(process.argv[2])\nprocess.stdout.write(String(performance.now() - started))\nprocess.exit()\n',
  )
  const { AWS_LAMBDA_FUNCTION_NAME: _, ...env } = process.env
  const samples: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, file] of Object.entries(files)) {
      const args = ['--no-warnings', script, pathToFileURL(file).href]
      const printed = execFileSync(process.execPath, args, {
        encoding: 'utf8',
        env: { ...env, AWS_REGION: 'eu-west-1' },
      })
      samples[name] = [...(samples[name] ?? []), Number(printed)]
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]))
}
