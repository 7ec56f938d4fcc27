import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import * as z from 'zod'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import type { DiscoveredPlugin, DiscoveryProblem, DiscoveryResult, PluginDiscoverer } from './discoverer.ts'
import { firstOfName } from './first-of-name.ts'

/** The member of a package.json that makes a package one of plugins: modules, each with a `plugin.yaml` beside it. */
const pluginPackageSchema = z.object({ mmf: z.object({ plugins: z.array(z.string().min(1)) }) })

/** Finds plugins in installed packages: those whose `package.json` has `"mmf": { "plugins": ["./plugin.js"] }`. */
export class PackagePluginDiscoverer implements PluginDiscoverer {
  readonly #folders: readonly string[]

  /** @param folders the `node_modules` folders to search. Default: that of the current folder. */
  constructor(folders: readonly string[] = ['./node_modules']) {
    this.#folders = folders.map(folder => resolve(folder))
  }

  async discover(): Promise<DiscoveryResult> {
    const packages = (await Promise.all(this.#folders.map(folder => packagesIn(folder)))).flat()
    const found = (await Promise.all(packages.map(folder => inspect(folder)))).flat()
    return {
      plugins: firstOfName(found.flatMap(entry => ('manifest' in entry ? [entry] : []))),
      problems: found.flatMap(entry => ('error' in entry ? [entry] : [])),
    }
  }
}

/** The folders of a `node_modules`, scoped packages included. A folder that is not there holds none. */
async function packagesIn(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder).catch(() => [])).filter(name => !name.startsWith('.')).sort()
  const nested = names.map(async name => {
    if (!name.startsWith('@')) return [join(folder, name)]
    return (await readdir(join(folder, name))).sort().map(inner => join(folder, name, inner))
  })
  return (await Promise.all(nested)).flat()
}

async function inspect(folder: string): Promise<readonly (DiscoveredPlugin | DiscoveryProblem)[]> {
  const file = join(folder, 'package.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined || !text.includes('"mmf"')) return []
  const parsed = parse(text)
  if (!parsed.success) {
    const detail = `${file}: "mmf" must be { "plugins": ["./plugin.js"] }`
    return [{ source: file, error: new MmfError('manifest_invalid', { detail, cause: parsed.error }) }]
  }
  return Promise.all(parsed.data.mmf.plugins.map(entry => describe(folder, entry)))
}

function parse(text: string) {
  try {
    return pluginPackageSchema.safeParse(JSON.parse(text))
  } catch (error) {
    return { success: false, error } as const
  }
}

async function describe(folder: string, entry: string): Promise<DiscoveredPlugin | DiscoveryProblem> {
  const module = resolve(folder, entry)
  const source = join(dirname(module), 'plugin.yaml')
  try {
    const { describePlugin } = await import('./describe-plugin.ts')
    return await describePlugin(source, folder, module)
  } catch (error) {
    if (!isMmfError(error)) throw error
    return { source, error }
  }
}
