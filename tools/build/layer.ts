import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { bundle } from './bundle.ts'
import { common, layerOutside } from './esbuild-options.ts'
import { type LayerPackage, layerPackages } from './layer-packages.ts'
import { plainHttp } from './plain-http.ts'

const fileOf = (subpath: string): string => (subpath === '.' ? 'index' : subpath.slice(2))

/** A package as Node resolves it: bundled entries, shared code in chunks so that nothing exists twice, and a package.json with exports. */
async function buildPackage(pkg: LayerPackage, modules: string): Promise<Metafile> {
  const directory = join(modules, pkg.name)
  const metafile = await bundle({
    ...common,
    entryPoints: Object.fromEntries(Object.entries(pkg.entries).map(([subpath, file]) => [fileOf(subpath), file])),
    outdir: directory,
    splitting: true,
    chunkNames: 'chunks/[hash]',
    // The build compiles configuration to JSON, so no function loads the parser.
    external: ['yaml'],
    plugins: [layerOutside(pkg.name), plainHttp()],
  })
  const { version, license } = JSON.parse(await readFile(join(pkg.from, 'package.json'), 'utf8'))
  const exports = Object.fromEntries(Object.keys(pkg.entries).map(subpath => [subpath, `./${fileOf(subpath)}.mjs`]))
  await mkdir(directory, { recursive: true })
  const manifest = { name: pkg.name, version, license, type: 'module', exports }
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return metafile
}

/** Builds every package of the layer below `modules`. @throws {BuildError} */
export async function buildLayer(modules: string): Promise<readonly Metafile[]> {
  return Promise.all(layerPackages.map(pkg => buildPackage(pkg, modules)))
}
