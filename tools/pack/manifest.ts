import { BuildError } from '../build/bundle.ts'
import { type Manifest, type Workspace, workspaces } from '../build/workspaces.ts'
import { packagesNamed } from './imports.ts'

/** Node 22 from the version on that has `node:sqlite` without a flag, and Node 24 and newer. */
const engines = { node: '^22.13.0 || >=24.0.0' }

export interface PackedFile {
  /** Path inside the package. */
  readonly path: string
  readonly text: string
}

/**
 * The package.json that is published: the workspace's, with entries that are compiled.
 * @throws {BuildError} when code names a package that package.json does not, or package.json one that no code names
 */
export function publishedManifest(
  workspace: Workspace,
  files: readonly PackedFile[],
  packed: (source: string) => string,
) {
  const { mmf, exports: _, peerDependencies, peerDependenciesMeta, dependencies: _own, ...rest } = workspace.manifest
  const dependencies = dependenciesOf(workspace, files)
  const exported = Object.entries(workspace.entries).map(([subpath, source]) => {
    const file = `./${packed(source)}`
    return [subpath, { types: file.replace(/\.js$/, '.d.ts'), default: file }] as const
  })
  return {
    ...rest,
    ...(mmf === undefined ? {} : { mmf: { plugins: mmf.plugins.map(entry => `./${packed(entry)}`) } }),
    type: 'module',
    sideEffects: false,
    exports: { ...Object.fromEntries(exported), './package.json': './package.json' },
    types: exported.find(([subpath]) => subpath === '.')?.[1].types,
    files: ['lib'],
    engines,
    ...(Object.keys(dependencies).length === 0 ? {} : { dependencies }),
    ...(peerDependencies === undefined ? {} : { peerDependencies, peerDependenciesMeta }),
  }
}

function dependenciesOf({ manifest }: Workspace, files: readonly PackedFile[]): Readonly<Record<string, string>> {
  const inCode = new Set<string>()
  const inTypes = new Set<string>()
  for (const { path, text } of files) {
    if (path.endsWith('.d.ts')) for (const name of packagesNamed(text)) inTypes.add(name)
    if (path.endsWith('.js')) for (const name of packagesNamed(text)) inCode.add(name)
  }
  const named = [...new Set([...inCode, ...inTypes])].filter(name => name !== manifest.name)
  const ours = workspaces.filter(({ name }) => named.includes(name)).map(({ name, manifest: m }) => [name, m.version])
  const declared: Manifest['dependencies'] = { ...manifest.dependencies, ...manifest.peerDependencies }
  const answered = (name: string) =>
    name in declared || typesOf(name) in declared || workspaces.some(w => w.name === name)
  const missing = named.filter(name => !answered(name))
  const used = new Set([...inCode, ...[...inTypes].map(typesOf)])
  const idle = Object.keys(manifest.dependencies ?? {}).filter(name => !used.has(name))
  if (missing.length + idle.length > 0) {
    const texts = [
      ...missing.map(name => `${manifest.name} imports ${name}, which its package.json does not name`),
      ...idle.map(name => `${manifest.name} depends on ${name}, which no code of it imports`),
    ]
    throw new BuildError(texts.sort().join('\n'))
  }
  return Object.fromEntries(
    [...Object.entries(manifest.dependencies ?? {}), ...ours].sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  )
}

const typesOf = (name: string): string => `@types/${name.replace(/^@(.*)\//, '$1__')}`
