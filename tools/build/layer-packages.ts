import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../../infra/plugins/package-folder.ts'
import { productRoot } from '../../infra/plugins/roots.ts'

/** One package of the layer: where its entries come from. Everything else is bundled into the packages that import it. */
export interface LayerPackage {
  readonly name: string
  /** The folder whose package.json gives the version. */
  readonly from: string
  /** Export subpath → the file that is bundled for it; several may share one. */
  readonly entries: Readonly<Record<string, string>>
  /** Our own files behind the entries; none of the packages of others. */
  readonly sources: readonly string[]
}

/**
 * What the layer holds. `@mmf/framework/embedded`, `/testing` and `/internal` are not in it: no function uses them. zod and the invoke store are
 * packages of their own, so that framework, plugins, handlers and the SDK inside the handlers share one copy of each.
 */
export const layerPackages: readonly LayerPackage[] = [
  {
    name: 'zod',
    from: packageFolder('zod'),
    entries: { '.': join(productRoot, 'tools/build/curated-zod.ts') },
    sources: [],
  },
  {
    name: '@aws/lambda-invoke-store',
    from: packageFolder('@aws/lambda-invoke-store'),
    entries: { '.': join(packageFolder('@aws/lambda-invoke-store'), 'dist-es/invoke-store.js') },
    sources: [],
  },
  ourPackage('@mmf/pki', ['.']),
  ourPackage(
    '@mmf/framework',
    ['.', './http', './aws', './transparency'],
    join(productRoot, 'tools/build/whole-framework.ts'),
  ),
]

function ourPackage(name: string, subpaths: readonly string[], whole?: string): LayerPackage {
  const from = packageFolder(name)
  const { exports } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { exports: Exports }
  const sources = subpaths.map(subpath => join(from, fileOf(exports[subpath])))
  return {
    name,
    from,
    entries: Object.fromEntries(subpaths.map((subpath, i) => [subpath, whole ?? sources[i] ?? ''])),
    sources,
  }
}

/** Sources in the repository, compiled files with their declarations in a package that is installed. */
type Exports = Readonly<Record<string, string | { readonly default: string }>>

function fileOf(target: Exports[string] = ''): string {
  return typeof target === 'string' ? target : target.default
}

/** `@mmf/framework` + `./http` → `@mmf/framework/http`. */
const specifierOf = (name: string, subpath: string): string => name + subpath.slice(1)

/** Every import specifier that the layer answers. */
export const layerSpecifiers: ReadonlySet<string> = new Set(
  layerPackages.flatMap(({ name, entries }) => Object.keys(entries).map(subpath => specifierOf(name, subpath))),
)
