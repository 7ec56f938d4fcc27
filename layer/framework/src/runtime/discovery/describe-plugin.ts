import { dirname } from 'node:path'
import { isMmfError, type MmfError } from '../../errors/mmf-error.ts'
import { atLines } from './at-lines.ts'
import type { DiscoveredPlugin } from './discoverer.ts'
import { loadPluginModule, pluginEntry } from './load-plugin-module.ts'
import { readManifest } from './read-manifest.ts'

/**
 * The plugin of a `plugin.yaml`, its code not yet touched. Discoverers import this file when they find one: they are part of the contract, which
 * every function loads, and no function looks for plugins.
 * @param folder what the manifest's `entry_point` is relative to, and must not leave
 * @param module the file of the plugin, where something else than the manifest names it
 * @throws {MmfError} `config_unreadable`, `config_malformed`, `manifest_invalid`
 */
export async function describePlugin(source: string, folder: string, module?: string): Promise<DiscoveredPlugin> {
  const manifest = await readManifest(source)
  const { name, version } = manifest
  const entry = () => pluginEntry(folder, manifest, module)
  return {
    name,
    version,
    path: dirname(source),
    manifest,
    entry,
    load: async () => {
      try {
        return await loadPluginModule(await entry(), manifest)
      } catch (error) {
        throw isAboutManifest(error) ? await atLines(source, error) : error
      }
    },
  }
}

const isAboutManifest = (error: unknown): error is MmfError =>
  isMmfError(error, 'manifest_invalid') ||
  (isMmfError(error, 'plugin_failed') && error.errors.some(({ path }) => path === 'entry_point'))
