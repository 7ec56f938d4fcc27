import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { BuildError } from '../build/bundle.ts'
import { root } from '../build/paths.ts'
import type { Workspace } from '../build/workspaces.ts'

/** Path relative to the root, without its ending → text. */
export type Emitted = ReadonlyMap<string, string>

/** TypeScript keeps `.ts` in the specifiers of declarations; what they name is called `.d.ts` there, and `.js` by the module that resolves it. */
const rewriteDeclaration = (text: string): string =>
  text.replace(/(\bfrom |\bimport\(|^import )(['"])(\.{1,2}\/[^'"\n]+)\.ts\2/gm, '$1$2$3.js$2')

/**
 * What the compiler makes of the entries of packages and of all that they import: `.js`, `.js.map` and `.d.ts`, or declarations alone.
 * @throws {BuildError} with the compiler's findings
 */
export const emit = (packages: readonly Workspace[], { declarationsOnly = false } = {}): Promise<Emitted> =>
  emitFiles(
    packages.flatMap(({ entries }) => Object.values(entries)),
    { declaration: true, emitDeclarationOnly: declarationsOnly, sourceMap: !declarationsOnly },
  )

/**
 * The same for single files, relative to the root. A program needs no declarations.
 * @throws {BuildError} with the compiler's findings
 */
export async function emitFiles(
  sources: readonly string[],
  kinds: { readonly declaration: boolean; readonly emitDeclarationOnly?: boolean; readonly sourceMap: boolean },
): Promise<Emitted> {
  await mkdir(join(root, '.tmp'), { recursive: true })
  const folder = await mkdtemp(join(root, '.tmp/emit-'))
  try {
    const output = join(folder, 'out')
    const config = join(folder, 'tsconfig.json')
    const compilerOptions = {
      noEmit: false,
      ...kinds,
      rewriteRelativeImportExtensions: true,
      inlineSources: kinds.sourceMap,
      rootDir: root,
      outDir: output,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    const files = sources.map(file => join(root, file))
    await writeFile(
      config,
      JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files }),
    )
    compile(config)
    const emitted = new Map<string, string>()
    for (const file of globSync('**/*.{js,js.map,d.ts}', { cwd: output }).sort()) {
      const text = await readFile(join(output, file), 'utf8')
      emitted.set(file.replaceAll('\\', '/'), file.endsWith('.d.ts') ? rewriteDeclaration(text) : text)
    }
    return emitted
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function compile(config: string): void {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { encoding: 'utf8' })
  } catch (error) {
    const { stdout = '', message } = error as { stdout?: string; message: string }
    throw new BuildError(`${relative(root, config)}:\n${stdout || message}`)
  }
}
