import type { PluginConfigManager, PluginDefinition } from '@mmf/framework'
import { type BaseConfig, createRelay, type Relay } from '@mmf/framework/embedded'
import { bearerToken, type HttpEvent, type HttpResult } from '@mmf/framework/http'
import type { PluginProblem } from '../plugins/installed-plugins.ts'
import { type EmbeddedPlatform, type EmbeddedPlatformOptions, openEmbeddedPlatform } from './embedded-platform.ts'
import { type HandlerModule, localFunctions } from './functions.ts'
import { type GatewayLimits, startGateway } from './gateway.ts'
import { startSchedules } from './schedules.ts'
import { blobPath, blobServer } from './serve-blobs.ts'

export interface LocalOptions
  extends Pick<EmbeddedPlatformOptions, 'sink' | 'wrap' | 'health' | 'exclusive' | 'reload'> {
  readonly configs: PluginConfigManager
  readonly base: BaseConfig
  readonly plugins: readonly PluginDefinition[]
  /** Plugins that cannot run; default none. */
  readonly problems?: readonly PluginProblem[]
  readonly modules: readonly HandlerModule[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Tests change events here, e.g. to add the client certificate that only a deployed gateway can see. */
  readonly changeEvent?: (event: HttpEvent) => HttpEvent
}

export interface LocalRunner {
  readonly url: string
  readonly platform: EmbeddedPlatform
  readonly relay: Relay
  /** Finishes requests and deliveries in flight. Says whether all requests finished in time. */
  stop(timeoutMs: number): Promise<boolean>
}

/** Where the local token issuer publishes its keys, as the issuer of a deployed environment does at its `jwks_uri`. */
const issuerKeysPath = '/issuer/jwks'

const jwkSet = (keys: object): HttpResult => ({
  statusCode: 200,
  headers: { 'content-type': 'application/jwk-set+json' },
  body: JSON.stringify(keys),
})

/** The function of a path is chosen without what stands before the routes. */
const belowBase = (path: string, basePath: string): string =>
  basePath !== '' && path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path

const limitsOf = (server: BaseConfig['server']): GatewayLimits => ({
  maxConnections: server.max_connections,
  maxBytesInFlight: server.max_bytes_in_flight,
  maxStrangerBodyBytes: server.max_stranger_body_bytes,
  receiveTimeoutMs: server.receive_timeout_seconds * 1000,
  idleTimeoutMs: server.idle_timeout_seconds * 1000,
})

/** Everything that runs on this machine: embedded ports, the functions over them, delivery of events, and the HTTP gateway. */
export async function startLocal(options: LocalOptions): Promise<LocalRunner> {
  const { base, modules, problems = [], changeEvent = event => event } = options
  const { host, port, request_timeout_seconds: seconds } = base.server
  let address = ''
  const platform = await openEmbeddedPlatform({
    ...options,
    invoke: (call, o) => functions.invoke(call, o),
    askHealth: (plugin, service) => functions.health(plugin, service),
    askReadiness: (plugin, service) => functions.readiness(plugin, service),
    brokenPlugins: problems.map(({ name, error }) => ({ name, code: error.code })),
    blobUrl: () => `${address}${blobPath}`,
  })
  const functions = localFunctions(modules, () => platform.http, seconds * 1000)
  const { logger } = platform.http.observability
  try {
    for (const { name, source, error } of problems) logger.error('plugin cannot run', { plugin: name, source, error })
    await functions.boot((service, error) => logger.error('function did not start', { service, error }))
    const { database, clock } = platform.http
    const { metrics } = platform.http.observability
    const relay = createRelay({
      database,
      clock,
      logger: logger.child({}, 'framework.events'),
      metrics,
      subscribers: functions.subscribers,
    })
    const gateway = await startGateway({
      host,
      port,
      requestTimeoutMs: seconds * 1000,
      limits: limitsOf(base.server),
      admit: async (header, signal) => void (await platform.http.authenticate(bearerToken(header), { signal })),
      handlerFor: (method, whole) => {
        const path = belowBase(whole, base.server.base_path)
        const reads = method === 'GET' || method === 'HEAD'
        const { issuerKeys } = platform
        if (issuerKeys !== undefined && reads && path === issuerKeysPath) return async () => jwkSet(issuerKeys)
        const handler = functions.handlerFor(method, path)
        // What a request committed is delivered at once. One that reads commits nothing.
        const woken = reads ? () => {} : () => relay.wake()
        return (event, context) => handler(changeEvent(event), context).finally(woken)
      },
      direct: platform.blobUrls === undefined ? undefined : blobServer(platform.http.blobs, platform.blobUrls),
      onFailure: error => logger.error('no function answered', { error }),
    })
    address = gateway.url
    relay.start()
    const schedules = startSchedules(functions.schedules)
    return {
      url: gateway.url,
      platform,
      relay,
      async stop(timeoutMs) {
        const finished = await gateway.stop(timeoutMs)
        await schedules.stop()
        await relay.stop()
        await functions.stop()
        await platform.close()
        return finished
      },
    }
  } catch (error) {
    await platform.close()
    throw error
  }
}
