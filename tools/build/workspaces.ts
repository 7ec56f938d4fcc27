import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.ts'

/** The members of a package.json that tools read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly exports?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  /** Modules of plugins, each with a `plugin.yaml` beside it. */
  readonly mmf?: { readonly plugins: readonly string[] }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>
}

/** A package of this repository. */
export interface Workspace {
  readonly name: string
  /** Its folder, relative to the root. */
  readonly folder: string
  readonly manifest: Manifest
  /** Export subpath → source file relative to the root; patterns are expanded. */
  readonly entries: Readonly<Record<string, string>>
}

const readJson = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** A subpath with `*` for each file it stands for. */
function expand(folder: string, subpath: string, target: string): readonly (readonly [string, string])[] {
  if (!subpath.includes('*')) return [[subpath, join(folder, target)]]
  const [before = '', after = ''] = target.slice(2).split('*')
  return globSync(target.slice(2), { cwd: join(root, folder) })
    .sort()
    .map(file => [subpath.replace('*', file.slice(before.length, file.length - after.length)), join(folder, file)])
}

/** The packages that the root's package.json names. What they export stands in their package.json and nowhere else. */
export const workspaces: readonly Workspace[] = (readJson('package.json').workspaces as readonly string[]).map(
  folder => {
    const manifest: Manifest = readJson(`${folder}/package.json`)
    const exported = Object.entries(manifest.exports ?? {})
    const entries = Object.fromEntries(exported.flatMap(([subpath, target]) => expand(folder, subpath, target)))
    return { name: manifest.name, folder, manifest, entries }
  },
)

/** @throws {Error} when there is none of this name */
export function workspaceOf(name: string): Workspace {
  const found = workspaces.find(workspace => workspace.name === name)
  if (found === undefined) throw new Error(`no workspace is called ${name}`)
  return found
}
