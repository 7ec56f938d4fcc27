import { join } from 'node:path'
import { root } from './paths.ts'
import { workspaceOf } from './workspaces.ts'

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
    from: join(root, 'node_modules/zod'),
    entries: { '.': join(root, 'tools/build/curated-zod.ts') },
    sources: [],
  },
  {
    name: '@aws/lambda-invoke-store',
    from: join(root, 'node_modules/@aws/lambda-invoke-store'),
    entries: { '.': join(root, 'node_modules/@aws/lambda-invoke-store/dist-es/invoke-store.js') },
    sources: [],
  },
  ourPackage('@mmf/pki', ['.']),
  ourPackage('@mmf/framework', ['.', './http', './aws'], join(root, 'tools/build/whole-framework.ts')),
]

function ourPackage(name: string, subpaths: readonly string[], whole?: string): LayerPackage {
  const { folder, entries } = workspaceOf(name)
  const found = Object.entries(entries).filter(([subpath]) => subpaths.includes(subpath))
  const sources = found.map(([, file]) => join(root, file))
  return {
    name,
    from: join(root, folder),
    entries: Object.fromEntries(found.map(([subpath], i) => [subpath, whole ?? sources[i] ?? ''])),
    sources,
  }
}

/** `@mmf/framework` + `./http` → `@mmf/framework/http`. */
const specifierOf = (name: string, subpath: string): string => name + subpath.slice(1)

/** Every import specifier that the layer answers. */
export const layerSpecifiers: ReadonlySet<string> = new Set(
  layerPackages.flatMap(({ name, entries }) => Object.keys(entries).map(subpath => specifierOf(name, subpath))),
)
