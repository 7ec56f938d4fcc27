import { globSync, readFileSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { BuildError, bundle } from './bundle.ts'
import { common, layerOutside } from './esbuild-options.ts'

/** The files directly in `directory` that export a `handler`; each becomes one Lambda function. Shared code may lie beside them. */
export function handlerEntries(directory: string): readonly string[] {
  return globSync('*.ts', { cwd: directory, exclude: ['*.test.ts'] })
    .map(name => join(directory, name))
    .filter(file =>
      /^export (const|async function|function) handler\b|^export \{[^}]*\bhandler\b/m.test(readFileSync(file, 'utf8')),
    )
    .sort()
}

/**
 * Bundles each handler with the AWS SDK clients it uses; the layer's packages stay outside. A link beside the bundles lets stock Node
 * resolve them from the built layer: Lambda's own runtime finds them by NODE_PATH, which plain Node ignores for ES modules.
 * @throws {BuildError}
 */
export async function buildHandlers(entries: readonly string[], out: string): Promise<Metafile> {
  await mkdir(out, { recursive: true })
  const link = join(out, 'node_modules')
  await rm(link, { force: true })
  await symlink('../layer/nodejs/node_modules', link)
  if (entries.length === 0) throw new BuildError('no file in handlers/ exports a handler')
  return bundle({ ...common, entryPoints: [...entries], outdir: out, plugins: [layerOutside()] })
}
