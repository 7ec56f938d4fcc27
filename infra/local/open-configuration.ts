import { createPluginConfigManager, type PluginConfigManager, type PluginDefinition } from '@mmf/framework'
import type { BaseConfig } from '@mmf/framework/embedded'
import { buildFolder } from '../plugins/build-folder.ts'
import { configFolder } from '../plugins/config-folder.ts'
import type { InstalledPlugins } from '../plugins/installed-plugins.ts'
import { pluginsHere } from '../plugins/plugins-here.ts'
import { authorRoot } from '../plugins/roots.ts'
import { resourcesOf } from '../plugins/service-resources.ts'
import type { LocalResources } from './local-resources.ts'
import { localSecrets } from './local-secrets.ts'

/** What a process on this machine starts from: the plugins that are found, their settings, and the folder that they were built into. */
interface OpenedConfiguration {
  readonly root: string
  readonly found: InstalledPlugins
  readonly plugins: readonly PluginDefinition[]
  readonly configs: PluginConfigManager
  readonly base: BaseConfig
  readonly built: string
  readonly resources: LocalResources
}

/**
 * Reads it from the environment and the author's folder, in the same way for `npm start` and for the process of an isolated service.
 * @throws {MmfError} `config_…`; {AggregateError} where no plugin that was found can run
 */
export async function openConfiguration(env: NodeJS.ProcessEnv): Promise<OpenedConfiguration> {
  const root = authorRoot()
  const found = await pluginsHere({ root, env })
  const { plugins: installed, problems } = found
  // With one plugin that runs, the others are shown unhealthy; with none there is nothing to serve.
  if (installed.length === 0 && problems.length > 0) throw new AggregateError(problems.map(({ error }) => error))
  const plugins = installed.map(({ definition }) => definition)
  const configs = createPluginConfigManager({
    env,
    configDir: configFolder(root, env),
    environment: env['MMF_ENVIRONMENT'] ?? 'development',
    schemas: Object.fromEntries(plugins.map(plugin => [plugin.name, plugin.config])),
    declaredSecrets: Object.fromEntries(installed.map(({ name, manifest }) => [name, manifest.permissions?.secrets])),
    secrets: localSecrets(env),
  })
  const base = await configs.getBaseConfig()
  const resources = Object.fromEntries(
    installed.map(({ name, definition, manifest }) => [
      name,
      resourcesOf(definition, manifest, base.plugins.resources),
    ]),
  )
  return { root, found, plugins, configs, base, built: buildFolder(root, env), resources }
}
