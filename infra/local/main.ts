import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPluginConfigManager, type Logger, type PluginConfig, type PluginConfigManager } from '@mmf/framework'
import type { BaseConfig } from '@mmf/framework/embedded'
import { plugins } from '../../plugins/index.ts'
import { type BannerFacts, banner } from './banner.ts'
import { checkPlugins } from './check-plugins.ts'
import { explainStartFailure } from './explain-start-failure.ts'
import { tokenAuthority } from './issuer/token-authority.ts'
import { openLineOutput } from './line-output.ts'
import { loadHandlers } from './load-handlers.ts'
import { localSecrets } from './local-secrets.ts'
import { startLocal } from './start-local.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts the platform on this machine and serves until it is stopped by a signal. */
async function main(): Promise<void> {
  const configs = createPluginConfigManager({
    configDir: process.env['MMF_CONFIG_DIR'] ?? join(root, 'config'),
    environment: process.env['MMF_ENVIRONMENT'] ?? 'development',
    schemas: Object.fromEntries(plugins.map(plugin => [plugin.name, plugin.config])),
    secrets: localSecrets(process.env),
  })
  const base = await configs.getBaseConfig()
  await checkPlugins(plugins, base.plugins, root)
  const modules = await loadHandlers(join(root, 'dist/handlers'))
  let logger: Logger | undefined
  const tellLost = (lines: number) => logger?.warn('log lines were lost', { lines })
  const log = openLineOutput({ onRecovery: tellLost })
  const local = await startLocal({
    configs,
    base,
    plugins,
    modules,
    env: process.env,
    sink: log.write,
    exclusive: true,
    reload: true,
  })
  const { dataDirectory, http } = local.platform
  logger = http.observability.logger
  if (log.lost() > 0) tellLost(log.lost())

  const stop = async (signal: string) => {
    http.observability.logger.info('stopping', { signal })
    const finished = await local.stop(base.server.shutdown_timeout_seconds * 1000)
    process.exit(finished ? 0 : 1)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  // A reader of this line may stop the process at once.
  log.write(banner({ url: local.url, dataDirectory, ...(await bannerFacts(configs, base)) }))
}

async function bannerFacts(
  configs: PluginConfigManager,
  base: BaseConfig,
): Promise<Omit<BannerFacts, 'url' | 'dataDirectory'>> {
  // The commands show the first plugin.
  const [plugin] = plugins
  const authority = tokenAuthority(base, configs.environment)
  const config = (await configs.getPluginConfig(plugin.name)) as PluginConfig
  return {
    environment: configs.environment,
    isDefaultDataDirectory: resolve(base.embedded.data_dir) === resolve('.marty'),
    algorithms: plugin.signingAlgorithms?.(config) ?? [],
    requiresClientCertificate: plugin.transport?.(config).requireClientCertificate ?? false,
    configuredIssuers: authority === 'embedded' ? [] : authority,
  }
}

// What else writes there (a warning of Node) must not end the platform either, when the disk is full or the reader went away.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  await main()
} catch (error) {
  process.stderr.write(`${explainStartFailure(error)}\n`)
  process.exit(1)
}
