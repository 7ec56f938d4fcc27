import { type PluginConfigManager, type PluginDefinition, systemClock } from '@mmf/framework'
import { type BaseConfig, configuredAuthorities, createRelay, type Relay } from '@mmf/framework/embedded'
import { type HttpEvent, type HttpResult, requirePrincipal } from '@mmf/framework/http'
import type { PluginProblem } from '../plugins/installed-plugins.ts'
import { type EmbeddedPlatform, type EmbeddedPlatformOptions, openEmbeddedPlatform } from './embedded-platform.ts'
import { type HandlerModule, type LocalFunctions, localFunctions, servicesOf } from './functions.ts'
import { type GatewayLimits, startGateway } from './gateway.ts'
import { isolatedFunction } from './isolation/isolated-function.ts'
import { longestCallMs } from './local-resources.ts'
import { startSchedules } from './schedules.ts'
import { blobPath, blobServer } from './serve-blobs.ts'
import { openTls, type TlsRenewal } from './tls/tls-renewal.ts'

export interface LocalOptions
  extends Pick<
    EmbeddedPlatformOptions,
    'sink' | 'wrap' | 'health' | 'exclusive' | 'reload' | 'codeStatus' | 'resources'
  > {
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
  /** The one that delivers at this moment. */
  readonly relay: Relay
  /**
   * Lets these modules serve from now on. Modules that served before and are among them go on as they are; those left out still end what they have begun.
   * @throws what the boot of a function throws that did not fail before; all is as before then
   */
  replace(modules: readonly HandlerModule[]): Promise<void>
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

/** Whether an operation of these modules is run by events, or at regular times. */
const declare = (modules: readonly HandlerModule[], what: 'event' | 'schedule'): boolean =>
  modules
    .flatMap(({ definition }) => servicesOf(definition))
    .flatMap(({ operations }) => Object.values(operations))
    .some(({ declares }) => declares[what] !== undefined)

const limitsOf = (server: BaseConfig['server']): GatewayLimits => ({
  maxConnections: server.max_connections,
  maxBytesInFlight: server.max_bytes_in_flight,
  maxStrangerBodyBytes: server.max_stranger_body_bytes,
  receiveTimeoutMs: server.receive_timeout_seconds * 1000,
  idleTimeoutMs: server.idle_timeout_seconds * 1000,
})

/** Everything that runs on this machine: embedded ports, the functions over them, delivery of events, and the HTTP gateway. */
export async function startLocal(options: LocalOptions): Promise<LocalRunner> {
  const { base, resources = {}, problems = [], changeEvent = event => event } = options
  const { host, port, request_timeout_seconds: seconds } = base.server
  // Before anything is made: what a client would refuse, or a stranger could read, stops the start.
  const tls = await openTlsOf(options)
  let address = ''
  const modules: readonly HandlerModule[] = options.modules.map(module => {
    const { definition } = module
    const service = 'plugin' in definition && definition.services.length === 1 ? definition.services[0] : undefined
    if (service === undefined || !('plugin' in definition)) return module
    const plugin = definition.plugin.name
    const { isolation, memory_mb: memoryMb } = resources[plugin]?.[service] ?? {}
    // Code that is swapped while it runs is swapped in this process.
    if (isolation !== 'process' || options.codeStatus !== undefined) return module
    return isolatedFunction(module, { plugin, service, memoryMb, invoke: (call, o) => functions.invoke(call, o) })
  })
  const platform = await openEmbeddedPlatform({
    ...options,
    invoke: (call, o) => functions.invoke(call, o),
    askHealth: (plugin, service) => functions.health(plugin, service),
    askReadiness: (plugin, service) => functions.readiness(plugin, service),
    brokenPlugins: problems.map(({ name, error }) => ({ name, code: error.code })),
    blobUrl: () => `${address}${blobPath}`,
  })
  const functionsOf = (some: readonly HandlerModule[]) =>
    localFunctions(some, () => platform.http, seconds * 1000, resources)
  let functions = functionsOf(modules)
  const { logger } = platform.http.observability
  try {
    for (const { name, source, at, error } of problems)
      logger.error('plugin cannot run', { plugin: name, source, at, error })
    const failedAtStart = new Set<string>()
    await functions.boot((service, error) => {
      failedAtStart.add(service)
      logger.error('function did not start', { service, error })
    })
    let failing: ReadonlySet<string> = failedAtStart
    const { database, clock } = platform.http
    const { metrics } = platform.http.observability
    const relayOf = ({ subscribers }: LocalFunctions) =>
      createRelay({ database, clock, logger: logger.child({}, 'framework.events'), metrics, subscribers })
    let relay = relayOf(functions)
    const gateway = await startGateway({
      host,
      port,
      requestTimeoutMs: seconds * 1000,
      longestRequestMs: longestCallMs(resources, seconds * 1000),
      limits: limitsOf(base.server),
      tls: tls?.options,
      admit: async (event, signal) =>
        void (await requirePrincipal(platform.http.authenticators, changeEvent(event), { signal })),
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
    tls?.start(gateway.renewTls, logger.child({}, 'framework.tls'))
    relay.start()
    let schedules = startSchedules(functions.schedules)
    let served = modules
    return {
      url: gateway.url,
      platform,
      get relay() {
        return relay
      },
      async replace(next) {
        const fresh = functionsOf(next)
        const failed = new Map<string, unknown>()
        await fresh.boot((service, error) => failed.set(service, error))
        for (const [service, error] of failed) if (!failing.has(service)) throw error
        const changed = [...served.filter(one => !next.includes(one)), ...next.filter(one => !served.includes(one))]
        functions = fresh
        failing = new Set(failed.keys())
        served = next
        // What was committed meanwhile is stored, and delivered by the next relay.
        if (declare(changed, 'event')) {
          await relay.stop()
          relay = relayOf(functions)
          relay.start()
        }
        if (declare(changed, 'schedule')) {
          await schedules.stop()
          schedules = startSchedules(functions.schedules)
        }
      },
      async stop(timeoutMs) {
        tls?.close()
        const finished = await gateway.stop(timeoutMs)
        await schedules.stop()
        await relay.stop()
        await functions.stop()
        await platform.close()
        return finished
      },
    }
  } catch (error) {
    tls?.close()
    await platform.close()
    throw error
  }
}

/** TLS as the configuration says, or none. @throws {MmfError} `config_invalid` */
async function openTlsOf({ base, configs }: LocalOptions): Promise<TlsRenewal | undefined> {
  if (base.tls === undefined) return undefined
  const { configDir } = configs
  const authorities = async () => configuredAuthorities(base, configDir)
  return openTls({ tls: base.tls, configDir, clock: systemClock, authorities })
}
