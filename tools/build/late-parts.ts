import { isAbsolute, join, relative } from 'node:path'
import { type BuildOptions, build as esbuild, type Plugin } from 'esbuild'
import { authorRoot } from '../../infra/plugins/roots.ts'
import { BuildError, failure } from './bundle.ts'
import { packageOf } from './meta.ts'

const namespace = 'late-parts'

/**
 * The files that a package imports when it needs them, as one file. esbuild makes a chunk for each combination of them that shares code, and what
 * a function loads at its start fell into a dozen.
 * @throws {BuildError} when two of them export the same name
 */
export async function lateParts(options: BuildOptions): Promise<Plugin> {
  const files = await partsOf(options)
  const contents = files.map(file => `export * from ${JSON.stringify(`./${file}`)}`).join('\n')
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
        const late = kind === 'dynamic-import' && files.includes(fromRoot(join(resolveDir, path)))
        return late ? { path: 'late', namespace } : undefined
      })
      build.onLoad({ filter: /.*/, namespace }, () => ({ contents, resolveDir: authorRoot(), loader: 'js' }))
    },
  }
}

const fromRoot = (path: string): string => (isAbsolute(path) ? relative(authorRoot(), path) : path)

/** Of the repository, or of a package of ours that is installed. */
const isOurs = (path: string): boolean => (packageOf(path) ?? '@mmf/').startsWith('@mmf/')

/** Our own files that are imported dynamically. What needs a package that is not there stays by itself, so that it fails alone. */
async function partsOf(options: BuildOptions): Promise<readonly string[]> {
  const { metafile } = await esbuild({ ...options, write: false, metafile: true }).catch(async error => {
    throw await failure(error)
  })
  const inputs = Object.values(metafile.inputs)
  const late = new Set(
    inputs.flatMap(({ imports }) => imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path)),
  )
  const files: string[] = []
  const exported = new Map<string, string>()
  for (const { entryPoint = '', exports, imports } of Object.values(metafile.outputs)) {
    const needsMissing = imports.some(({ path, external }) => external && options.external?.includes(path))
    if (!late.has(entryPoint) || !isOurs(entryPoint) || needsMissing) continue
    for (const name of exports) {
      const other = exported.get(name)
      if (other !== undefined)
        throw new BuildError(`${other} and ${entryPoint} both export ${name}; both are imported on demand`)
      exported.set(name, entryPoint)
    }
    files.push(entryPoint)
  }
  return files.sort()
}
