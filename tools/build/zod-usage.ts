import { relative } from 'node:path'
import { build as esbuild, type Message } from 'esbuild'
import { authorRoot } from '../../infra/plugins/roots.ts'
import { BuildError, failure } from './bundle.ts'
import { common } from './esbuild-options.ts'
import { layerPackages } from './layer-packages.ts'

const curated = Object.values(layerPackages.find(({ name }) => name === 'zod')?.entries ?? {})[0] ?? ''

/** As the bundler and messages name it. */
const curatedName = relative(authorRoot(), curated)

function explain({ text, location }: Message): string {
  const name = /"([^"]+)"/.exec(text)?.[1] ?? text
  const at = location === null ? '' : `${location.file}:${location.line}:${location.column + 1}: `
  return `${at}zod's "${name}" is not in the layer; use another function or add it to ${curatedName}`
}

/**
 * Looks for uses of zod that the layer's curated module does not answer: a name that is missing there would be `undefined` at run time.
 * Only our own sources are read; all other packages stay outside.
 * @throws {BuildError} naming each use by file and line
 */
export async function checkZodUsage(entryPoints: readonly string[]): Promise<void> {
  const found: Message[] = []
  try {
    const { warnings } = await esbuild({
      ...common,
      entryPoints: [...entryPoints],
      outdir: 'unused',
      minify: false,
      sourcemap: false,
      packages: 'external',
      // Modules that the build makes of the plugins, whose entries are read here themselves.
      external: ['./built/*.js'],
      logOverride: { 'import-is-undefined': 'warning' },
      plugins: [
        {
          name: 'curated-zod',
          setup(build) {
            build.onResolve({ filter: /^zod$/ }, ({ importer }) =>
              importer === curated ? undefined : { path: curated },
            )
          },
        },
      ],
    })
    found.push(...warnings.filter(warning => warning.id === 'import-is-undefined'))
  } catch (error) {
    const errors = (error as { errors?: Message[] }).errors ?? []
    const missing = errors.filter(({ text }) => text.includes(`No matching export in "${curatedName}"`))
    if (missing.length === 0) throw await failure(error)
    found.push(...missing.map(m => ({ ...m, text: m.text.replace(/^.*for import /, '') })))
  }
  if (found.length > 0) throw new BuildError(found.map(explain).join('\n'))
}
