import type { ApiKeyHash } from '../api-keys/api-key-hash.ts'
import type { Blobs } from '../blobs/blobs.ts'
import { createTwoLevelCache } from '../cache/two-level-cache.ts'
import type { Clock } from '../clock/clock.ts'
import type { BaseConfig } from '../config/base-schema.ts'
import type { LiveConfig } from '../config/live-config.ts'
import type { PluginConfigManager } from '../config/plugin-config-manager.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { ServiceTransport } from '../contract/service-call.ts'
import type { Database, DatabaseAdapter } from '../database/database.ts'
import type { AnyTable } from '../database/table.ts'
import { defined } from '../defined.ts'
import { allowedKeys } from '../derive/declared.ts'
import { configuredEgress } from '../egress/configured-egress.ts'
import { createEvents } from '../events/outbox/outbox.ts'
import { sharedChecks } from '../health/shared-checks.ts'
import { storeCanary } from '../health/store-canary.ts'
import { createIdempotency } from '../idempotency/idempotency.ts'
import type { Ids } from '../ids/ids.ts'
import type { KeyService } from '../keys/key-service.ts'
import type { Observability } from '../observability/observability.ts'
import { createResilience } from '../resilience/create-resilience.ts'
import {
  guardedDatabase,
  guardedEgress,
  guardedKeys,
  guardedRemotes,
  guardedTransport,
} from '../resilience/guarded-ports.ts'
import { apiKeyAuthenticator } from './authentication/api-key-authenticator.ts'
import type { Authenticator } from './authentication/authenticator.ts'
import { iamAuthenticator } from './authentication/iam-authenticator.ts'
import { tokenAuthenticator } from './authentication/token-authenticator.ts'
import type { TokenVerifier } from './authentication/token-verifier.ts'
import type { HttpPlatform } from './platform.ts'
import { configuredRemoteServices } from './remote/configured-remote-services.ts'

/** What differs from place to place: the adapters, and what only one place has. */
export interface PlatformAdapters {
  readonly configs: Pick<PluginConfigManager, 'environment' | 'getPluginConfig'>
  readonly base: Pick<
    BaseConfig,
    'api_keys' | 'authentication' | 'egress' | 'plugins' | 'server' | 'service_accounts' | 'remote_services'
  >
  /** Where what is saved while the process runs takes effect. */
  readonly live?: LiveConfig | undefined
  readonly clock: Clock
  readonly ids: Ids
  /** With every table open that this process may touch. */
  readonly database: DatabaseAdapter
  readonly platformTables: readonly AnyTable[]
  readonly keys: KeyService
  readonly blobs: Blobs
  readonly verifier: TokenVerifier
  /** Without it no API key counts, and none can be made. */
  readonly apiKeyHash?: ApiKeyHash | undefined
  readonly observability: Observability
  readonly metricsText?: HttpPlatform['metricsText'] | undefined
  readonly logLevels?: HttpPlatform['logLevels'] | undefined
  readonly traces?: HttpPlatform['traces'] | undefined
  readonly deadLetters?: HttpPlatform['deadLetters'] | undefined
  readonly waitingEvents?: HttpPlatform['waitingEvents'] | undefined
  readonly brokenPlugins?: HttpPlatform['brokenPlugins'] | undefined
  readonly askHealth?: HttpPlatform['askHealth'] | undefined
  readonly askReadiness?: HttpPlatform['askReadiness'] | undefined
  readonly codeStatus?: HttpPlatform['codeStatus'] | undefined
  /** Carries calls to the functions of other services. */
  readonly invoke?: ServiceTransport | undefined
  /** Whether database and keys are services behind a network, which need a circuit; default false. */
  readonly remote?: boolean | undefined
  /** Names this process where it alone can hold idempotency keys; see {@link createIdempotency}. */
  readonly keyHolder?: string | undefined
  /** How long an answer about health or readiness serves other askers; default 1,000 ms, and what the configuration says. */
  readonly health?: { readonly maxAgeMs: number } | undefined
}

/**
 * The ports of a process over its adapters: the one place where cache, idempotency, events, egress, health checks and authentication are put
 * together, on this machine as on AWS. It loads no adapter and calls nothing.
 */
export function assemblePlatform(adapters: PlatformAdapters): HttpPlatform {
  const { configs, base, clock, ids, platformTables, blobs, verifier, observability } = adapters
  const { invoke, metricsText, logLevels, traces, deadLetters, remote = false } = adapters
  const { logger } = observability
  const resilience = createResilience({ clock, database: adapters.database, observability })
  const database = remote ? guardedDatabase(adapters.database, resilience) : adapters.database
  const keys = remote ? guardedKeys(adapters.keys, resilience) : adapters.keys
  return {
    environment: configs.environment,
    pluginConfig: name => configs.getPluginConfig(name),
    database,
    platformTables,
    keys,
    events: (plugin, service) => createEvents({ plugin, service, clock, ids }),
    cache: createTwoLevelCache({ database, clock, ids, logger: logger.child({}, 'framework.cache') }),
    blobs,
    egress: guardedEgress(
      configuredEgress(() => adapters.live?.base().egress ?? base.egress),
      resilience,
    ),
    resilience,
    ...defined({ currentConfig: adapters.live?.current, configurationStatus: adapters.live?.status }),
    invoke: invoke === undefined ? undefined : guardedTransport(invoke, resilience),
    serviceAccounts: base.service_accounts,
    remoteServices: guardedRemotes(configuredRemoteServices(base.remote_services), resilience),
    observability,
    clock,
    ids,
    checks: sharedChecks(
      {
        async database() {
          await database.ping()
          return { status: 'healthy' }
        },
        keys: signal => keys.health({ signal }),
      },
      { clock, logger, ...adapters.health },
    ),
    storeCheck: sharedChecks(
      { store: storeCanary({ database, clock, ids }) },
      { clock, logger, maxAgeMs: storeMaxAgeMs, ...adapters.health },
    ).store,
    readinessMaxAgeMs: adapters.health?.maxAgeMs ?? base.plugins.readiness_seconds * 1000,
    authenticators: [tokenAuthenticator(verifier), ...apiKeysOf(adapters, database), ...iamCallers(base)],
    apiKeys: { ...defined({ hash: adapters.apiKeyHash }), settings: base.api_keys },
    idempotency: createIdempotency({ database, clock, ids, holder: adapters.keyHolder }),
    pluginSettings: base.plugins,
    maxBodyBytes: base.server.max_body_bytes,
    basePath: base.server.base_path,
    metricsText,
    logLevels,
    traces,
    deadLetters,
    waitingEvents: adapters.waitingEvents,
    brokenPlugins: adapters.brokenPlugins,
    askHealth: adapters.askHealth,
    askReadiness: adapters.askReadiness,
    codeStatus: adapters.codeStatus,
  }
}

function apiKeysOf(adapters: PlatformAdapters, database: Database): readonly Authenticator[] {
  const { apiKeyHash: hash, base, configs, clock, observability } = adapters
  if (hash === undefined) return []
  return [
    apiKeyAuthenticator({
      environment: configs.environment,
      database,
      clock,
      hash,
      observability,
      grantable: base.api_keys,
    }),
  ]
}

/** Where no AWS identity is named, none counts. */
function iamCallers({ authentication: { iam } }: PlatformAdapters['base']): readonly Authenticator[] {
  return Object.keys(iam).length === 0 ? [] : [iamAuthenticator(iam)]
}

/** Each check of the store is a write. */
const storeMaxAgeMs = 5_000

/**
 * Has the keys of a plugin ready for the algorithms that its configuration allows: those of these names, or all.
 * @throws {MmfError} `config_…`, `key_service_…`
 */
export async function ensureKeys(
  {
    configs,
    keys,
  }: { readonly configs: Pick<PluginConfigManager, 'getPluginConfig'> } & Pick<PlatformAdapters, 'keys'>,
  plugin: PluginDefinition,
  names?: readonly string[],
): Promise<void> {
  const allowed = allowedKeys(plugin, await configs.getPluginConfig(plugin.name))
  const wanted = allowed.filter(({ key }) => names?.includes(key.name) ?? true)
  await Promise.all(wanted.map(({ key, algorithms }) => keys.ensure(key, algorithms)))
}
