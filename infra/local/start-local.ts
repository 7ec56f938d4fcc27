import type { PluginDefinition } from '@mmf/framework'
import { type BaseConfig, createRelay, type PluginConfigManager, type Relay } from '@mmf/framework/embedded'
import type { HttpEvent, HttpResult } from '@mmf/framework/http'
import { type EmbeddedPlatform, type EmbeddedPlatformOptions, openEmbeddedPlatform } from './embedded-platform.ts'
import { type HandlerModule, localFunctions } from './functions.ts'
import { startGateway } from './gateway.ts'
import { startSchedules } from './schedules.ts'
import { blobPath, blobServer } from './serve-blobs.ts'

export interface LocalOptions extends Pick<EmbeddedPlatformOptions, 'sink' | 'wrap' | 'health' | 'exclusive'> {
  readonly configs: PluginConfigManager
  readonly base: BaseConfig
  readonly plugins: readonly PluginDefinition[]
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

/** Everything that runs on this machine: embedded ports, the functions over them, delivery of events, and the HTTP gateway. */
export async function startLocal(options: LocalOptions): Promise<LocalRunner> {
  const { base, modules, changeEvent = event => event } = options
  const { host, port, request_timeout_seconds: seconds } = base.server
  let address = ''
  const platform = await openEmbeddedPlatform({
    ...options,
    invoke: (call, o) => functions.invoke(call, o),
    blobUrl: () => `${address}${blobPath}`,
  })
  const functions = localFunctions(modules, () => platform.http, seconds * 1000)
  const { logger } = platform.http.observability
  try {
    await functions.boot()
    const { database, clock } = platform.http
    const { metrics } = platform.http.observability
    const relay = createRelay({ database, clock, logger, metrics, subscribers: functions.subscribers })
    const gateway = await startGateway({
      host,
      port,
      requestTimeoutMs: seconds * 1000,
      handlerFor: (method, path) => {
        const { issuerKeys } = platform
        if (issuerKeys !== undefined && method === 'GET' && path === issuerKeysPath)
          return async () => jwkSet(issuerKeys)
        const handler = functions.handlerFor(path)
        // What a request committed is delivered at once. A GET commits nothing.
        const woken = method === 'GET' ? () => {} : () => relay.wake()
        return (event, context) => handler(changeEvent(event), context).finally(woken)
      },
      ...(platform.blobUrls === undefined ? {} : { direct: blobServer(platform.http.blobs, platform.blobUrls) }),
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
        await platform.close()
        return finished
      },
    }
  } catch (error) {
    await platform.close()
    throw error
  }
}
