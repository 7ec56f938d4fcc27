import { basename, dirname, join, resolve } from 'node:path'
import {
  type DatabaseAdapter,
  MmfError,
  type PluginConfigManager,
  type PluginDefinition,
  systemClock,
} from '@mmf/framework'
import type { BaseConfig } from '@mmf/framework/embedded'
import {
  assemblePlatform,
  type BlobUrls,
  configuredApiKeyHash,
  createBlobUrls,
  createDeadLetters,
  createEmbeddedKeyProvider,
  createFilesBlobs,
  createIds,
  createKeyCatalogue,
  createKeyService,
  createLocalObservability,
  createLogLevels,
  createOtlpExporter,
  createSqliteDatabase,
  createWaitingEvents,
  ensureKeys,
  type KeyProvider,
  keyStoreSecret,
  type LineSink,
  logConfigSources,
  loggedDatabase,
  otlpSettings,
  platformTables,
} from '@mmf/framework/embedded'
import type { HttpPlatform } from '@mmf/framework/http'
import { resourcesOf, type ServiceTransport } from '@mmf/framework/internal'
import { apiKeySecret } from './api-key-secret.ts'
import { blobSecret } from './blob-secret.ts'
import { checkContents, checkKeys, endFirstStart } from './data-folder/check-data-folder.ts'
import { holdDataFolder } from './data-folder/hold-data-folder.ts'
import { prepareDataFolder } from './data-folder/prepare-data-folder.ts'
import type { LocalIssuer } from './issuer/local-issuer.ts'
import { openTokenCheck, tokenAuthority } from './issuer/token-authority.ts'
import { type LocalResources, levelsWith } from './local-resources.ts'
import { reloadConfiguration } from './reload-configuration.ts'

export interface EmbeddedPlatformOptions {
  readonly configs: PluginConfigManager
  readonly base: BaseConfig
  readonly plugins: readonly PluginDefinition[]
  /** What manifests and configuration say of the functions of services; default nothing. */
  readonly resources?: LocalResources | undefined
  /** Environment variables; the passphrase of the keys may be among them. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly sink?: LineSink | undefined
  /** Whether no other process may serve from the data folder meanwhile. Default false: tests open one twice. */
  readonly exclusive?: boolean | undefined
  /** Whether configuration that is saved while it runs is taken over. Default false: most tests save none. */
  readonly reload?: boolean | undefined
  /** How long an answer about health or readiness serves other askers; default 1,000 ms, and what the configuration says. */
  readonly health?: { readonly maxAgeMs: number } | undefined
  /** Carries calls between services. */
  readonly invoke?: ServiceTransport | undefined
  readonly brokenPlugins?: HttpPlatform['brokenPlugins'] | undefined
  readonly askHealth?: HttpPlatform['askHealth'] | undefined
  readonly askReadiness?: HttpPlatform['askReadiness'] | undefined
  readonly codeStatus?: HttpPlatform['codeStatus'] | undefined
  /** Where `blobUrls` are served; without it there are none. */
  readonly blobUrl?: (() => string) | undefined
  /** Tests wrap ports here to make them fail. */
  readonly wrap?:
    | {
        readonly database?: ((database: DatabaseAdapter) => DatabaseAdapter) | undefined
        readonly keyProvider?: ((provider: KeyProvider) => KeyProvider) | undefined
      }
    | undefined
}

export interface EmbeddedPlatform {
  readonly http: HttpPlatform
  /** What presigned URLs of blobs allow. */
  readonly blobUrls?: BlobUrls | undefined
  readonly dataDirectory: string
  /**
   * The public keys of the local token issuer, where that one counts: other keys than those that sign documents, published apart.
   */
  readonly issuerKeys: LocalIssuer['jwks'] | undefined
  close(): Promise<void>
}

/**
 * The platform on this machine: SQLite, encrypted key files, in-process events, and, where none is configured, an issuer of tokens of its own.
 * @throws {MmfError} `config_invalid`, before anything is made, where the configured issuer is missing or incomplete; `data_folder_unusable`,
 * `data_folder_in_use`, `data_folder_incomplete`; `database_unavailable`;
 * `key_service_unavailable` when the keys do not open
 */
export async function openEmbeddedPlatform(options: EmbeddedPlatformOptions): Promise<EmbeddedPlatform> {
  const { configs, base, plugins, env, wrap = {} } = options
  const clock = systemClock
  const ids = createIds({ clock })
  const authority = tokenAuthority(base, configs.environment)
  const dataDirectory = resolve(base.embedded.data_dir)
  const mended = prepareDataFolder(dataDirectory)
  const held = options.exclusive ? holdDataFolder(dataDirectory) : undefined
  const contents = checkContents(dataDirectory)

  const collector = otlpSettings(env, 'marty')
  const levels = createLogLevels(levelsWith(options.resources ?? {}, base.logging))
  const observability = createLocalObservability({
    kind: 'local',
    service: 'local',
    environment: configs.environment,
    levels,
    clock,
    sink: options.sink,
    onSpan: span => exporter?.add(span),
  })
  const { logger, metrics } = observability
  const exporter = collector === undefined ? undefined : createOtlpExporter({ settings: collector, logger, metrics })
  await logConfigSources(configs, ['base', ...plugins.map(({ name }) => name)], logger)
  if (mended.length > 0) logger.warn('others could read files of the data folder; their modes were changed', { mended })
  const opened = createSqliteDatabase({ file: join(dataDirectory, 'data.sqlite'), clock })
  const database = loggedDatabase(wrap.database?.(opened) ?? opened, { clock, ids })
  const ofPlatform = Object.values(platformTables)
  const resources = plugins.map(resourcesOf)
  await database.open([...ofPlatform, ...resources.flatMap(({ tables }) => tables)])

  const secretFolder = join(dirname(dataDirectory), `${basename(dataDirectory)}-secret`)
  const embedded = createEmbeddedKeyProvider({
    directory: join(dataDirectory, 'keys'),
    secret: keyStoreSecret(env, join(secretFolder, 'keys.passphrase')),
  })
  const provider = wrap.keyProvider?.(embedded) ?? embedded
  const definitions = resources.flatMap(({ keys }) => keys)
  const keys = createKeyService({ provider, database, definitions, clock })
  await orClose(database, async () => {
    checkKeys(dataDirectory, contents, await createKeyCatalogue(database).listAll())
    for (const plugin of plugins) await ensureKeys({ configs, keys }, plugin)
    await refuseLockedKeys(keys)
  })
  endFirstStart(dataDirectory)

  const tokens = openTokenCheck(authority, {
    dataDirectory,
    leewaySeconds: base.authentication.clock_leeway_seconds,
    clock,
    logger,
  })
  const live = options.reload
    ? reloadConfiguration({
        configs,
        plugins,
        clock,
        observability,
        keys,
        onBase: ({ logging }) => levels.configure(levelsWith(options.resources ?? {}, logging)),
      })
    : undefined
  const blobUrls =
    options.blobUrl === undefined
      ? undefined
      : createBlobUrls({ baseUrl: options.blobUrl, secret: await blobSecret(secretFolder, dataDirectory), clock })
  const http = assemblePlatform({
    configs,
    base,
    live,
    clock,
    ids,
    database,
    platformTables: ofPlatform,
    keys,
    blobs: createFilesBlobs({
      directory: join(dataDirectory, 'blobs'),
      clock,
      urls: blobUrls,
    }),
    verifier: tokens.verifier,
    apiKeyHash: configuredApiKeyHash(base, await apiKeySecret(secretFolder, dataDirectory)),
    observability,
    invoke: options.invoke,
    brokenPlugins: options.brokenPlugins,
    askHealth: options.askHealth,
    askReadiness: options.askReadiness,
    codeStatus: options.codeStatus,
    health: options.health,
    // Keys that any other process holds were left behind, where only one at a time can be there.
    ...(options.exclusive === true ? { keyHolder: ids.next() } : {}),
    deadLetters: createDeadLetters({ database, clock }),
    waitingEvents: createWaitingEvents({ database }),
    metricsText: () => observability.metricsText(),
    logLevels: levels,
    traces: () => observability.traces(),
  })
  return {
    http,
    blobUrls,
    dataDirectory,
    issuerKeys: tokens.jwks,
    async close() {
      live?.close()
      await exporter?.close(collectorTimeoutMs)
      await observability.flush()
      await database.close()
      held?.release()
    },
  }
}

/** How long the end waits for the collector of traces, in milliseconds. */
const collectorTimeoutMs = 2000

/** A start that fails leaves no open database behind. */
async function orClose(database: DatabaseAdapter, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Keys are opened by their first use; with a wrong passphrase the start must fail, not a later signature. */
async function refuseLockedKeys(keys: ReturnType<typeof createKeyService>): Promise<void> {
  const { status, reason } = await keys.health()
  if (status !== 'unhealthy') return
  throw new MmfError('key_service_unavailable', { detail: reason })
}
