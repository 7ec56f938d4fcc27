import { access, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isMmfError, MmfError } from '../../errors/mmf-error.ts'
import type { DiscoveredPlugin, DiscoveryProblem, DiscoveryResult, PluginDiscoverer } from './discoverer.ts'
import { firstOfName } from './first-of-name.ts'

const manifestFile = 'plugin.yaml'

/**
 * Finds plugins in folders: each sub-folder with a `plugin.yaml` is one. Folders are searched in the order given, sub-folders by name; the first plugin of
 * a name wins. Sub-folders without a manifest are no plugins.
 */
export class DirectoryPluginDiscoverer implements PluginDiscoverer {
  readonly #folders: readonly string[]

  constructor(folders: readonly string[]) {
    this.#folders = folders.map(folder => resolve(folder))
  }

  async discover(): Promise<DiscoveryResult> {
    const results = await Promise.all(this.#folders.map(folder => searchFolder(folder)))
    const plugins = firstOfName(results.flatMap(result => result.plugins))
    return { plugins, problems: results.flatMap(result => result.problems) }
  }
}

async function searchFolder(folder: string): Promise<DiscoveryResult> {
  let names: string[]
  try {
    names = (await readdir(folder)).sort()
  } catch (cause) {
    const why = { ENOENT: 'is not there', ENOTDIR: 'is a file' }[String((cause as NodeJS.ErrnoException).code)]
    const detail = `${folder} ${why ?? 'cannot be read'}; plugins.discovery_paths takes folders with a folder for each plugin`
    return { plugins: [], problems: [{ source: folder, error: new MmfError('config_unreadable', { detail, cause }) }] }
  }
  const found = await Promise.all(names.map(name => inspect(join(folder, name))))
  return {
    plugins: found.flatMap(entry => (entry !== undefined && 'manifest' in entry ? [entry] : [])),
    problems: found.flatMap(entry => (entry !== undefined && 'error' in entry ? [entry] : [])),
  }
}

async function inspect(path: string): Promise<DiscoveredPlugin | DiscoveryProblem | undefined> {
  const file = join(path, manifestFile)
  try {
    await access(file)
  } catch {
    return undefined
  }
  try {
    const { describePlugin } = await import('./describe-plugin.ts')
    return await describePlugin(file, path)
  } catch (error) {
    if (!isMmfError(error)) throw error
    return { source: file, error }
  }
}
