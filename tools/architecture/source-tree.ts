import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { type Import, importsOf } from './imports.ts'

/** A source file, with paths relative to the root of the tree and `/` between their parts. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly imports: readonly ResolvedImport[]
}

interface ResolvedImport extends Import {
  /** The file of the tree that it names, for relative specifiers. */
  readonly target?: string
}

const folders = ['layer', 'plugins', 'handlers', 'infra', 'cli', 'test', 'tools']

/** Every TypeScript file of our own, by path. */
export function readSources(root: string): ReadonlyMap<string, SourceFile> {
  const patterns = folders.map(folder => `${folder}/**/*.ts`)
  const paths = globSync(patterns, { cwd: root, exclude: ['**/node_modules/**'] }).map(path =>
    path.replaceAll('\\', '/'),
  )
  return new Map(
    paths.sort().map(path => {
      const text = readFileSync(join(root, path), 'utf8')
      return [path, { path, text, imports: importsOf(text).map(i => resolved(path, i)) }]
    }),
  )
}

function resolved(path: string, found: Import): ResolvedImport {
  if (!found.specifier.startsWith('.')) return found
  return { ...found, target: normalize(join(dirname(path), found.specifier)).replaceAll('\\', '/') }
}

/** Files under version control, and new ones that are not ignored. */
export function trackedFiles(root: string): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  return listed.split('\0').filter(path => path !== '' && existsSync(join(root, path)))
}
