import { resolve } from 'node:path'
import { MmfError, type PluginDefinition } from '@mmf/framework'
import { type BaseConfig, createPluginDiscoverer } from '@mmf/framework/embedded'

/**
 * Compares the plugins of this deployment with what lies in the discovery paths: each must be found there with a manifest of the
 * same version, and whatever is found must be deployed. A forgotten line in `plugins/index.ts` is thus seen at the start, and so is
 * a name in `plugins.enabled` that no plugin has.
 * @throws {MmfError} `plugin_not_found`, `plugin_incompatible`; what is wrong with a manifest
 */
export async function checkPlugins(
  plugins: readonly PluginDefinition[],
  settings: Pick<BaseConfig['plugins'], 'discovery_paths' | 'enabled'>,
  root: string,
): Promise<void> {
  const paths = settings.discovery_paths.map(path => resolve(root, path))
  const discoverer = createPluginDiscoverer({ discovery_paths: paths }, [resolve(root, 'node_modules')])
  const { plugins: found, problems } = await discoverer.discover()
  const [problem] = problems
  if (problem !== undefined) throw problem.error
  const where = paths.join(', ')
  for (const { name, version } of plugins) {
    const manifest = found.find(candidate => candidate.name === name)
    if (manifest === undefined)
      throw new MmfError('plugin_not_found', { detail: `${name} has no plugin.yaml in ${where}` })
    if (manifest.version !== version) {
      throw new MmfError('plugin_incompatible', {
        detail: `${manifest.path}: plugin.yaml says ${manifest.version}, the code ${version}`,
      })
    }
  }
  const stranger = found.find(({ name }) => !plugins.some(plugin => plugin.name === name))
  if (stranger !== undefined) {
    throw new MmfError('plugin_not_found', {
      detail: `${stranger.path} holds a plugin that plugins/index.ts does not list`,
    })
  }
  const { enabled } = settings
  const unknown = Array.isArray(enabled)
    ? enabled.find(name => !plugins.some(plugin => plugin.name === name))
    : undefined
  if (unknown !== undefined) {
    const known = plugins.map(({ name }) => name).join(', ')
    throw new MmfError('plugin_not_found', { detail: `plugins.enabled names "${unknown}"; there is ${known}` })
  }
}
