import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const packageFolder = fileURLToPath(new URL('../../../layer/pki/', import.meta.url))

export interface ImportTimes {
  /** Milliseconds in fresh processes, the best of the rounds, since a busy machine only adds: bundled and minified as the layer ships it, and from the TypeScript source. */
  readonly bundled: number
  readonly source: number
  readonly bundledBytes: number
  readonly dependencies: number
  /** What the package imports from outside itself. */
  readonly externals: readonly string[]
  /** The same for packages people use instead. */
  readonly peers: Readonly<Record<string, number>>
}

export async function importTimes(rounds = 7): Promise<ImportTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'mmf-bench-import-'))
  try {
    const outfile = join(folder, 'pki.mjs')
    const entry = join(packageFolder, 'src/index.ts')
    const { metafile } = await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      metafile: true,
      logLevel: 'silent',
    })
    const output = Object.values(metafile.outputs)[0]
    const externals = [...new Set(output?.imports.filter(({ external }) => external).map(({ path }) => path))]
    const { dependencies = {} } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
    const specifiers = { bundled: pathToFileURL(outfile).href, source: pathToFileURL(entry).href }
    const peers = { pkijs: resolved('pkijs'), 'node-forge': resolved('node-forge') }
    const times = importAll({ ...specifiers, ...peers }, folder, rounds)
    return {
      bundled: times['bundled'] ?? Number.NaN,
      source: times['source'] ?? Number.NaN,
      bundledBytes: output?.bytes ?? Number.NaN,
      dependencies: Object.keys(dependencies).length,
      externals,
      peers: Object.fromEntries(Object.keys(peers).map(name => [name, times[name] ?? Number.NaN])),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const resolved = (specifier: string) => import.meta.resolve(specifier)

/** Each in a process of its own, in turns. */
function importAll(
  specifiers: Readonly<Record<string, string>>,
  folder: string,
  rounds: number,
): Record<string, number> {
  const script = join(folder, 'time.mjs')
  writeFileSync(
    script,
    `await import('node:crypto')
     const started = performance.now()
     await import(process.argv[2])
     console.log(performance.now() - started)`,
  )
  const samples: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, specifier] of Object.entries(specifiers)) {
      const options = { encoding: 'utf8', cwd: dirname(script) } as const
      const printed = execFileSync(process.execPath, ['--no-warnings', script, specifier], options)
      samples[name] = [...(samples[name] ?? []), Number(printed.trim().split('\n').at(-1))]
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, Math.min(...values)]))
}
