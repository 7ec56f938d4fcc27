import type { BuildOptions, Plugin } from 'esbuild'
import { authorRoot } from '../../infra/plugins/roots.ts'
import { layerPackages, layerSpecifiers } from './layer-packages.ts'

/** What all bundles share. The same input gives the same bytes: no time, no machine path. */
export const common = {
  absWorkingDir: authorRoot(),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Packages with both forms give their ES modules, which can be shaken.
  mainFields: ['module', 'main'],
  minify: true,
  metafile: true,
  write: false,
  charset: 'utf8',
  legalComments: 'none',
  sourcemap: 'external',
  sourcesContent: false,
  outExtension: { '.js': '.mjs' },
  logLevel: 'silent',
} as const satisfies BuildOptions

/** What a bundled CommonJS package that calls `require` needs in an ES module. */
export const requireBanner =
  "import{createRequire as $createRequire}from'node:module';const require=$createRequire(import.meta.url);"

/** Whatever has the name of a package of the layer; `@mmf/` belongs to it as a whole. */
const ownedByLayer = new RegExp(`^(@mmf/|(${layerPackages.map(({ name }) => name).join('|')})($|/))`)

const owners = layerPackages.map(({ name }) => name)

/**
 * Leaves the packages of the layer outside, except `inside` itself (a package bundles its own files). An entry of these packages that the
 * layer does not hold is an error: at run time the import would fail.
 */
export function layerOutside(inside?: string): Plugin {
  return {
    name: 'layer-outside',
    setup(build) {
      build.onResolve({ filter: ownedByLayer }, ({ path, kind }) => {
        const owner = owners.find(name => path === name || path.startsWith(`${name}/`))
        if (kind === 'entry-point' || owner === undefined || owner === inside) return undefined
        if (layerSpecifiers.has(path)) return { path, external: true }
        return { errors: [{ text: `${path} is not in the layer; it holds ${[...layerSpecifiers].sort().join(', ')}` }] }
      })
    },
  }
}
