import type { BaseConfig } from '../../config/base-schema.ts'
import { CompositePluginDiscoverer } from './composite-plugin-discoverer.ts'
import { DirectoryPluginDiscoverer } from './directory-plugin-discoverer.ts'
import type { PluginDiscoverer } from './discoverer.ts'
import { PackagePluginDiscoverer } from './package-plugin-discoverer.ts'

/**
 * The discoverer that the configuration asks for: the folders of `plugins.discovery_paths`, then installed packages.
 * @param packageFolders default: the `node_modules` of the current folder
 */
export function createPluginDiscoverer(
  settings: Pick<BaseConfig['plugins'], 'discovery_paths'>,
  packageFolders?: readonly string[],
): PluginDiscoverer {
  return new CompositePluginDiscoverer([
    new DirectoryPluginDiscoverer(settings.discovery_paths),
    new PackagePluginDiscoverer(packageFolders),
  ])
}
