import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildOptions, Metafile } from 'esbuild'
import { bundle } from './bundle.ts'
import { common, layerOutside } from './esbuild-options.ts'
import { lateParts } from './late-parts.ts'
import { type LayerPackage, layerPackages } from './layer-packages.ts'
import { plainBuiltins } from './plain-builtins.ts'

const fileOf = (subpath: string): string => (subpath === '.' ? 'index' : subpath.slice(2))

/** Which file answers each export: subpaths with one source share it. */
function filesOf({ entries }: LayerPackage): Readonly<Record<string, string>> {
  const first = new Map<string, string>()
  for (const [subpath, source] of Object.entries(entries)) if (!first.has(source)) first.set(source, fileOf(subpath))
  return Object.fromEntries(Object.entries(entries).map(([subpath, source]) => [subpath, first.get(source) ?? '']))
}

/** A package as Node resolves it: bundled entries, shared code in chunks so that nothing exists twice, and a package.json with exports. */
async function buildPackage(pkg: LayerPackage, modules: string): Promise<Metafile> {
  const directory = join(modules, pkg.name)
  const files = filesOf(pkg)
  const options = {
    ...common,
    entryPoints: Object.fromEntries(Object.entries(pkg.entries).map(([s, source]) => [files[s] ?? '', source])),
    outdir: directory,
    splitting: true,
    chunkNames: 'chunks/[hash]',
    // The build compiles configuration to JSON, so no function loads the parser.
    external: ['yaml'],
    plugins: [layerOutside(pkg.name), plainBuiltins()],
  } satisfies BuildOptions
  const metafile = await bundle({ ...options, plugins: [await lateParts(options), ...options.plugins] })
  const { version, license } = JSON.parse(await readFile(join(pkg.from, 'package.json'), 'utf8'))
  const exports = Object.fromEntries(Object.entries(files).map(([subpath, file]) => [subpath, `./${file}.mjs`]))
  await mkdir(directory, { recursive: true })
  const manifest = { name: pkg.name, version, license, type: 'module', exports }
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return metafile
}

/** Builds every package of the layer below `modules`. @throws {BuildError} */
export async function buildLayer(modules: string): Promise<readonly Metafile[]> {
  return Promise.all(layerPackages.map(pkg => buildPackage(pkg, modules)))
}
