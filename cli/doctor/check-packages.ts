import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { frameworkVersion } from '../../infra/plugins/framework.ts'
import type { InstalledPlugin } from '../../infra/plugins/installed-plugins.ts'
import { packageFolder } from '../../infra/plugins/package-folder.ts'
import { productRoot } from '../../infra/plugins/roots.ts'
import { type Finding, ok } from './finding.ts'

/** The Node that runs this, which start and build run with too. */
export function checkNode(): Finding {
  const { node } = process.versions
  if (process.features.typescript !== false) return ok('node', `Node ${node}`)
  return {
    level: 'error',
    about: 'node',
    message: `Node ${node} was told not to run TypeScript (NODE_OPTIONS is ${process.env['NODE_OPTIONS'] ?? 'not set'})`,
    remedy: 'start it without --no-experimental-strip-types',
  }
}

/** One version of the framework, and one copy of it and of zod: a second one would have classes and schemas of its own. */
export function checkPackages(plugins: readonly InstalledPlugin[]): readonly Finding[] {
  const cli = versionIn(join(productRoot, 'cli'))
  const findings = plugins.flatMap(({ name, path }) =>
    ['@mmf/framework', 'zod'].flatMap(copy => ownCopy(name, path, copy)),
  )
  const fits: Finding =
    cli === frameworkVersion
      ? ok('packages', `@mmf/framework ${frameworkVersion}, @mmf/cli ${cli}, zod ${versionIn(packageFolder('zod'))}`)
      : {
          level: 'error',
          about: 'packages',
          message: `@mmf/cli is ${cli} and @mmf/framework ${frameworkVersion}; they belong together`,
          remedy: 'install both in one version',
        }
  return [fits, ...findings]
}

function ownCopy(plugin: string, path: string, name: string): readonly Finding[] {
  const found = resolved(path, name)
  const ours = packageFolder(name)
  if (found === undefined || found === ours) return []
  return [
    {
      level: 'error',
      about: 'packages',
      plugin,
      at: join(found, 'package.json'),
      message: `${plugin} loads its own copy of ${name}, ${versionIn(found)}; the platform has ${versionIn(ours)} at ${ours}`,
      remedy: `make ${name} a peer dependency of the plugin, and install it once`,
    },
  ]
}

/** As Node looks for a package from a folder. */
function resolved(from: string, name: string): string | undefined {
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(found)) return realpathSync(found)
    if (folder === dirname(folder)) return undefined
  }
}

const versionIn = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string }).version
