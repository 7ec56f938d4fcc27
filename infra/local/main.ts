import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMmfError } from '@mmf/framework'
import { createPluginConfigManager } from '../../layer/framework/src/config/index.ts'
import { plugins } from '../../plugins/index.ts'
import { banner } from './banner.ts'
import { openEmbeddedPlatform } from './embedded-platform.ts'
import { loadFunctions } from './functions.ts'
import { startGateway } from './gateway.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts the platform on this machine and serves until it is told to stop. */
async function main(): Promise<void> {
  const configs = createPluginConfigManager({
    configDir: process.env['MMF_CONFIG_DIR'] ?? join(root, 'config'),
    environment: process.env['MMF_ENVIRONMENT'] ?? 'development',
    schemas: Object.fromEntries(plugins.map(plugin => [plugin.name, plugin.config])),
  })
  const base = await configs.getBaseConfig()
  const platform = await openEmbeddedPlatform({ configs, base, plugins, env: process.env })
  const { logger } = platform.http.observability
  const functions = await loadFunctions(join(root, 'dist/handlers'), async () => platform.http)
  await functions.boot()
  const gateway = await startGateway({
    host: base.server.host,
    port: base.server.port,
    requestTimeoutMs: base.server.request_timeout_seconds * 1000,
    handlerFor: functions.handlerFor,
    onFailure: error => logger.error('no function answered', { error }),
  })
  process.stdout.write(
    banner({ url: gateway.url, environment: configs.environment, dataDirectory: platform.dataDirectory }),
  )

  const stop = async (signal: string) => {
    logger.info('stopping', { signal })
    const finished = await gateway.stop(base.server.shutdown_timeout_seconds * 1000)
    await platform.close()
    process.exit(finished ? 0 : 1)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
}

/** Errors that the operator can act on are one readable line; anything else keeps its stack. */
function explain(error: unknown): string {
  if (isMmfError(error)) return `${error.code}: ${error.message}`
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `${error.message}: another program listens there; set PORT to a free one`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
