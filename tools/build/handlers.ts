import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { BuildOptions, Metafile } from 'esbuild'
import type { InstalledPlugin } from '../../infra/plugins/installed-plugins.ts'
import { builtModules, entryOf, operationsEntry } from './built-modules.ts'
import { BuildError, bundle } from './bundle.ts'
import { common, layerOutside } from './esbuild-options.ts'
import { onDemand } from './on-demand.ts'
import { plainBuiltins } from './plain-builtins.ts'
import { pluginsModule, serviceModules } from './service-modules.ts'
import { staticImports } from './static-imports.ts'

/**
 * Where a function never finds credentials: its role's are in its environment, or behind the address that the environment names. The SDK
 * imports these when it has looked there in vain, and they are 120 KB. Outside a bundle they are found where they are installed: on a
 * developer's machine, with its profiles.
 */
const otherCredentials = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
]

/** The files directly in `directory` that export a `handler`; each becomes one Lambda function. Shared code may lie beside them. */
export function handlerEntries(directory: string): readonly string[] {
  return globSync('*.ts', { cwd: directory, exclude: ['*.test.ts', '*.template.ts'] })
    .map(name => join(directory, name))
    .filter(file =>
      /^export (const|async function|function) handler\b|^export \{[^}]*\bhandler\b/m.test(readFileSync(file, 'utf8')),
    )
    .sort()
}

/** How a handler is bundled. */
export const handlerOptions = {
  external: otherCredentials,
  plugins: [layerOutside(), onDemand(), plainBuiltins(), staticImports(otherCredentials)],
} satisfies BuildOptions

/**
 * Bundles each handler with the AWS SDK clients it uses; the layer's packages stay outside. A link beside the bundles lets stock Node
 * resolve them from the built layer: Lambda's own runtime finds them by NODE_PATH, which plain Node ignores for ES modules.
 * `lazy` are files of `on-demand/`; a build that is not kept is loaded once, and then removed. The functions of services are made of the template beside the handlers, where there is one.
 * @throws {BuildError}
 */
export async function buildHandlers(
  entries: readonly string[],
  out: string,
  lazy: readonly string[],
  plugins: readonly InstalledPlugin[],
  { isKept = true }: { readonly isKept?: boolean } = {},
): Promise<Metafile> {
  await mkdir(out, { recursive: true })
  const link = join(out, 'node_modules')
  await rm(link, { force: true })
  await symlink('../layer/nodejs/node_modules', link)
  if (entries.length === 0) throw new BuildError('no file in handlers/ exports a handler')
  const outbase = dirname(entries[0] ?? '')
  const template = join(outbase, 'service.template.ts')
  const services = existsSync(template) ? await serviceModules(plugins) : []
  const hasPlatform = entries.some(file => basename(file) === 'platform.ts')
  const known = await pluginsModule(plugins, isKept)
  const built = builtModules(template, services, known)
  return bundle({
    ...common,
    ...handlerOptions,
    entryPoints: [
      ...[...entries, ...lazy].map(file => ({ in: file, out: relative(outbase, file).replace(/\.ts$/, '') })),
      ...services.map(entryOf),
      ...(hasPlatform && known.operations !== undefined ? [operationsEntry] : []),
    ],
    plugins: [built, ...handlerOptions.plugins],
    outdir: out,
    outbase,
  })
}
