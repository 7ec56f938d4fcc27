import { relative, resolve } from 'node:path'
import { MmfError, type PluginConfig } from '@mmf/framework'
import { configFolder } from './config-folder.ts'
import { createPluginConfigManager } from './framework.ts'
import { type InstalledPlugins, installedPlugins, type PluginCheck } from './installed-plugins.ts'
import { withDecorators } from './lower-decorators.ts'
import { resourcesOf } from './service-resources.ts'

export interface Here {
  /** What relative discovery paths start from, and whose `node_modules` are searched. */
  readonly root: string
  /** `MMF_PLUGIN_DISCOVERY_PATHS`, `MMF_PLUGINS_ENABLED`, `MMF_CONFIG_DIR` and `MMF_ENVIRONMENT` count among them. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Default: `MMF_ENVIRONMENT`, else development. */
  readonly environment?: string | undefined
  /** Default: `configFolder(root, env)`. */
  readonly configDir?: string | undefined
  /** Whether a plugin whose configuration is not valid cannot run. Default true. */
  readonly checksConfig?: boolean | undefined
  /** Plugins that cannot run for a reason that was found before. Default none. */
  readonly refused?: ReadonlyMap<string, MmfError> | undefined
}

/** No secret decides which plugins run, and none is looked up. */
const unread = { description: 'secrets are not read to find plugins', resolve: async () => 'unread' }

/**
 * The plugins that the configuration of this place asks for. One whose configuration is not valid cannot run. Secrets are not looked up.
 * @throws {MmfError} `config_…`, `environment_unknown`
 */
export async function pluginsHere({
  root,
  env,
  environment,
  configDir,
  checksConfig = true,
  refused,
}: Here): Promise<InstalledPlugins> {
  const configs = createPluginConfigManager({
    configDir: configDir ?? configFolder(root, env),
    environment: environment ?? env['MMF_ENVIRONMENT'] ?? 'development',
    env,
    secrets: unread,
    otherPlugins: 'any',
  })
  const { plugins } = await configs.getBaseConfig()
  const check: PluginCheck = async ({ name, definition, manifest }) => {
    const known = refused?.get(name)
    if (known !== undefined) throw known
    if (!checksConfig) return
    configs.registerSchema(name, definition.config, manifest.permissions?.secrets)
    resourcesOf(definition, manifest, plugins.resources)
    const { version } = (await configs.getPluginConfig(name)) as PluginConfig
    if (version === undefined || version === definition.version) return
    const { origin } = (await configs.explain(name)).find(({ path }) => path === 'version') ?? {}
    const detail = `${name}: its configuration is for version ${version}, the plugin is ${definition.version}, at ${origin}`
    throw new MmfError('plugin_incompatible', { detail, members: { plugin: name } })
  }
  const found = await withDecorators(() => installedPlugins(plugins, root, check))
  const folders = plugins.discovery_paths.map(path => resolve(root, path))
  const problems = found.problems.map(async problem => {
    const setting = folders.includes(problem.source) ? 'plugins.discovery_paths' : problem.source
    const named = (await configs.explain('base')).find(({ path }) => path === setting)
    if (named?.source === 'variable') return { ...problem, at: named.variable }
    return named?.file === undefined ? problem : { ...problem, at: `${relative(root, named.file)}:${named.line}` }
  })
  return { ...found, problems: await Promise.all(problems) }
}
