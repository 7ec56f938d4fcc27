import { join, resolve } from 'node:path'
import type { Logger, PluginConfig, PluginConfigManager, PluginDefinition } from '@mmf/framework'
import type { BaseConfig } from '@mmf/framework/embedded'
import { checkLimitedOperations } from '../plugins/limited-operations.ts'
import { checkConfiguredResources } from '../plugins/service-resources.ts'
import { type BannerFacts, banner } from './banner.ts'
import { explainStartFailure } from './explain-start-failure.ts'
import { tokenAuthority } from './issuer/token-authority.ts'
import { openLineOutput } from './line-output.ts'
import { loadHandlers } from './load-handlers.ts'
import { openConfiguration } from './open-configuration.ts'
import { startLocal } from './start-local.ts'
import { startOptions } from './start-options.ts'
import { watchPlugins } from './watch/watch-plugins.ts'

/** Starts the platform on this machine and serves until it is stopped by a signal. */
async function main(args: readonly string[]): Promise<void> {
  const { watch: watches } = startOptions(args)
  const { root, found, plugins, configs, base, built, resources } = await openConfiguration(process.env)
  const { plugins: installed, problems, disabled } = found
  const unread = [...problems.map(({ name }) => name), ...disabled]
  checkConfiguredResources(plugins, base.plugins.resources, unread)
  checkLimitedOperations(plugins, base.rate_limits, unread)
  const { discovery_paths: discoveryPaths } = base.plugins
  const watch = watches
    ? await watchPlugins({ root, env: process.env, built, plugins: installed, discoveryPaths })
    : undefined
  const modules = watch?.modules ?? (await loadHandlers(join(built, 'handlers'), plugins))
  let logger: Logger | undefined
  const tellLost = (lines: number) => logger?.warn('log lines were lost', { lines })
  const log = openLineOutput({ onRecovery: tellLost })
  const local = await startLocal({
    configs,
    base,
    plugins,
    problems,
    modules,
    resources,
    env: process.env,
    sink: log.write,
    exclusive: true,
    reload: true,
    codeStatus: watch?.codeStatus,
  })
  const { dataDirectory, http } = local.platform
  logger = http.observability.logger
  if (log.lost() > 0) tellLost(log.lost())

  const stop = async (signal: string) => {
    http.observability.logger.info('stopping', { signal })
    await watch?.stop()
    const finished = await local.stop(base.server.shutdown_timeout_seconds * 1000)
    process.exit(finished ? 0 : 1)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  watch?.start(local, http.observability.logger)
  // A reader of this line may stop the process at once.
  log.write(banner({ url: local.url, dataDirectory, ...(await bannerFacts(configs, base, plugins[0])) }))
}

async function bannerFacts(
  configs: PluginConfigManager,
  base: BaseConfig,
  /** The commands show this one. */
  plugin: PluginDefinition | undefined,
): Promise<Omit<BannerFacts, 'url' | 'dataDirectory'>> {
  const authority = tokenAuthority(base, configs.environment)
  const config = plugin === undefined ? undefined : ((await configs.getPluginConfig(plugin.name)) as PluginConfig)
  return {
    environment: configs.environment,
    isDefaultDataDirectory: resolve(base.embedded.data_dir) === resolve('.marty'),
    algorithms: config === undefined ? [] : (plugin?.signingAlgorithms?.(config) ?? []),
    requiresClientCertificate: config !== undefined && plugin?.transport?.(config).requireClientCertificate === true,
    configuredIssuers: authority === 'embedded' ? [] : authority,
  }
}

/**
 * Serves what was built until a signal stops it; where that cannot begin, the process ends and says why.
 * @param args what the command line of `npm start` says after `--`
 */
export async function serve(args: readonly string[]): Promise<void> {
  // What else writes there (a warning of Node) must not end the platform either, when the disk is full or the reader went away.
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {})
  try {
    await main(args)
  } catch (error) {
    process.stderr.write(`${explainStartFailure(error)}\n`)
    process.exit(1)
  }
}

if (import.meta.main) await serve(process.argv.slice(2))
