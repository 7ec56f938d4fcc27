import type { Logger } from '../observability/observability.ts'
import type { PluginConfigManager } from './plugin-config-manager.ts'

/**
 * Debug lines that say of each setting where it comes from: file and line, variable, or default; never its value.
 * @throws {MmfError} `config_…`
 */
export async function logConfigSources(
  configs: Pick<PluginConfigManager, 'explain'>,
  names: readonly string[],
  logger: Logger,
): Promise<void> {
  const log = logger.child({}, 'framework.config')
  for (const name of names) {
    const settings = await configs.explain(name)
    log.debug('configuration read', () => ({
      configuration: name,
      settings: settings.filter(({ source }) => source !== 'default').map(({ path, origin }) => `${path}: ${origin}`),
    }))
  }
}
