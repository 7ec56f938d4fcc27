import { globSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BuildError } from '../build/bundle.ts'
import { root } from '../build/paths.ts'
import { type Manifest, workspaceOf, workspaces } from '../build/workspaces.ts'
import { emitFiles } from './emit.ts'
import { packagesNamed } from './imports.ts'

/** What the build bundles, and so reads as TypeScript, and what is read as text. */
const readByTheBuild = ['handlers/**/*.ts', 'tools/build/{curated-zod,whole-framework}.ts']
const texts = ['cli/templates/**/*.txt', 'cdk.json', 'config/base.yaml']

/** Imported by nothing: the build bundles its ES modules by their path. */
const byPath = ['@aws/lambda-invoke-store']

const program = 'cli/bin/mmf-cli.mjs'

/**
 * Writes `@mmf/cli`, ready for `npm pack`: the command line with all that start, build and synthesis are made of, in the folders of the repository, so
 * that one finds the other in the same way. Programs are compiled.
 * @throws {BuildError} when something imports a package whose version nothing names
 */
export async function writeCommandLine(target: string): Promise<void> {
  const emitted = await emitFiles(['cli/main.ts'], { declaration: false, sourceMap: false })
  const own = [...emitted].filter(([path]) => /^(cli|infra|tools)\//.test(path))
  const tests = own.filter(([path]) => /\.(test|fixture|bench)\./.test(path))
  if (tests.length > 0) throw new BuildError(`@mmf/cli would hold ${tests.map(([path]) => path).join(', ')}`)
  const copied = globSync([...readByTheBuild, ...texts], { cwd: root, exclude: ['**/*.test.ts'] }).sort()
  const sources = copied.map(path => [path, readFileSync(join(root, path), 'utf8')] as const)
  const start = readFileSync(join(root, program), 'utf8').replaceAll("'../main.ts'", "'../main.js'")
  const workspace = workspaceOf('@mmf/cli')
  const { version } = workspace.manifest
  const inner = `${JSON.stringify({ version, type: 'module' }, null, 2)}\n`
  for (const [path, text] of [...own, ...sources, [program, start] as const, ['cli/package.json', inner] as const]) {
    const file = join(target, 'lib', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  await chmod(join(target, 'lib', program), 0o755)
  const code = [...own, ...sources.filter(([path]) => path.endsWith('.ts'))].map(([, text]) => text)
  const manifest = commandLineManifest(workspace.manifest, code)
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await cp(join(root, 'LICENSE'), join(target, 'LICENSE'))
  await cp(join(root, 'cli/README.md'), join(target, 'README.md'))
}

function commandLineManifest(manifest: Manifest, code: readonly string[]) {
  const named = new Set([...code.flatMap(text => [...packagesNamed(text)]), ...byPath])
  named.delete(manifest.name)
  const versions = versionsHere()
  const missing = [...named].filter(name => !versions.has(name)).sort()
  if (missing.length > 0) {
    throw new BuildError(
      missing.map(name => `@mmf/cli imports ${name}, whose version no package.json names`).join('\n'),
    )
  }
  return {
    ...manifest,
    type: 'module',
    bin: { 'mmf-cli': `lib/${program}` },
    files: ['lib'],
    // What it builds is for the runtime of Lambda that the functions get.
    engines: { node: '>=24.0.0' },
    dependencies: Object.fromEntries([...named].sort().map(name => [name, versions.get(name)])),
  }
}

/** The version of each package that is worked with here, ours among them. */
function versionsHere(): ReadonlyMap<string, string> {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const ours = workspaces.map(({ name, manifest }) => [name, manifest.version] as const)
  const theirs = workspaces.flatMap(({ manifest }) => Object.entries(manifest.dependencies ?? {}))
  return new Map([...Object.entries(devDependencies), ...theirs, ...ours])
}
