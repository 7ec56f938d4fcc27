import {
  createPluginConfigManager,
  isMmfError,
  type MmfError,
  type PluginConfigManager,
  type PluginDefinition,
} from '@mmf/framework'
import type { BaseConfig } from '@mmf/framework/embedded'
import { buildFolder } from '../plugins/build-folder.ts'
import { configFolder } from '../plugins/config-folder.ts'
import type { InstalledPlugins } from '../plugins/installed-plugins.ts'
import { readLeftOut, refusals } from '../plugins/left-out.ts'
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
 * Reads it from the environment and the author's folder, in the same way for `npm start` and for the process of an isolated service. A plugin whose
 * secrets are not there, or that was left out of the build, cannot run.
 * @throws {MmfError} `config_…`; {AggregateError} where no plugin that was found can run
 */
export async function openConfiguration(env: NodeJS.ProcessEnv): Promise<OpenedConfiguration> {
  const root = authorRoot()
  const built = buildFolder(root, env)
  const refused = new Map(refusals(await readLeftOut(built)))
  for (;;) {
    const found = await pluginsHere({ root, env, refused })
    const { plugins: installed, problems } = found
    // With one plugin that runs, the others are shown unhealthy; with none there is nothing to serve.
    if (installed.length === 0 && problems.length > 0) throw new AggregateError(problems.map(({ error }) => error))
    const configs = managerOf(root, env, found)
    const base = await configs.getBaseConfig()
    const unusable = await unusableSettings(configs, found)
    if (unusable.size === 0) {
      const resources = Object.fromEntries(
        installed.map(({ name, definition, manifest }) => [
          name,
          resourcesOf(definition, manifest, base.plugins.resources),
        ]),
      )
      return { root, found, plugins: installed.map(({ definition }) => definition), configs, base, built, resources }
    }
    for (const [name, error] of unusable) refused.set(name, error)
  }
}

function managerOf(
  root: string,
  env: NodeJS.ProcessEnv,
  { plugins, problems, disabled }: InstalledPlugins,
): PluginConfigManager {
  return createPluginConfigManager({
    env,
    configDir: configFolder(root, env),
    environment: env['MMF_ENVIRONMENT'] ?? 'development',
    schemas: Object.fromEntries(plugins.map(({ name, definition }) => [name, definition.config])),
    declaredSecrets: Object.fromEntries(plugins.map(({ name, manifest }) => [name, manifest.permissions?.secrets])),
    secrets: localSecrets(env),
    otherPlugins: [...problems.map(({ name }) => name), ...disabled],
  })
}

/** Discovery does not look up secrets. */
async function unusableSettings(
  configs: PluginConfigManager,
  { plugins }: InstalledPlugins,
): Promise<ReadonlyMap<string, MmfError>> {
  const looked = plugins.map(async ({ name }) => {
    const error: unknown = await configs.getPluginConfig(name).then(
      () => undefined,
      reason => reason,
    )
    if (error !== undefined && !isMmfError(error)) throw error
    return [name, error] as const
  })
  return new Map((await Promise.all(looked)).flatMap(([name, error]) => (error === undefined ? [] : [[name, error]])))
}
