import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { configuredApiKeyHash } from '../api-keys/api-key-secrets.ts'
import { loggedDatabase } from '../audit-log/logged-database.ts'
import { createS3Blobs } from '../blobs/s3/s3-blobs.ts'
import type { S3BlobsOptions } from '../blobs/s3/s3-options.ts'
import { type Clock, systemClock } from '../clock/clock.ts'
import { createPluginConfigManager, requireIssuers } from '../config/index.ts'
import { levelSettings } from '../config/log-settings.ts'
import { logConfigSources } from '../config/log-sources.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { DynamoDbCommands } from '../database/dynamodb/dynamodb-client.ts'
import { createDynamoDbDatabase } from '../database/dynamodb/dynamodb-database.ts'
import { resourcesOf, scopeOf } from '../derive/declared.ts'
import { platformTables } from '../derive/platform-tables.ts'
import { createDeadLetters, type DeadLetters } from '../events/dead-letters.ts'
import { createWaitingEvents } from '../events/outbox/waiting-events.ts'
import type { PluginHealth, PluginReadiness } from '../health/health.ts'
import { assemblePlatform, ensureKeys } from '../http/assemble-platform.ts'
import { configuredTokenVerifier } from '../http/authentication/configured-token-verifier.ts'
import type { HandlerDefinition, HttpPlatform } from '../http/platform.ts'
import { createIds } from '../ids/uuid-v7.ts'
import { createKeyService } from '../keys/key-service.ts'
import { createKmsKeyProvider, type KmsKeyProviderOptions } from '../keys/kms/kms-key-provider.ts'
import { createLambdaObservability } from '../observability/lambda-observability.ts'
import { createLogLevels } from '../observability/log-levels.ts'
import { configuredSecrets, type LoadSecrets } from './configured-secrets.ts'
import { createLambdaQuestions } from './lambda-questions.ts'
import { createLambdaRedelivery } from './lambda-redelivery.ts'
import { createLambdaTransport, type LambdaTransportOptions } from './lambda-transport.ts'
import { layerConfigFolder } from './layer-config-folder.ts'
import { mapIn } from './map-in.ts'
import { metricsNamespace } from './metrics-namespace.ts'
import { noBlobs, noKeyProvider } from './missing-ports.ts'
import { secretRotation } from './secret-rotation.ts'

/** Clients and command classes come from the handler, whose bundle holds the one pinned copy of the SDK. */
export interface AwsPlatformOptions {
  readonly dynamodb: { readonly client: Pick<DynamoDBClient, 'send'>; readonly commands: DynamoDbCommands }
  /** Left out for functions that neither sign nor check keys: their bundle then holds no KMS client. */
  readonly kms?: KmsKeyProviderOptions
  /** Left out for functions without blobs. */
  readonly s3?: Pick<S3BlobsOptions, 'client' | 'commands'>
  /** Left out for functions that call no other one. The platform's own replays dead letters with it. */
  readonly lambda?: LambdaTransportOptions['lambda']
  /** Left out where no configuration may refer to secrets. */
  readonly secrets?: LoadSecrets | undefined
  /** The function these ports are for. */
  readonly definition: HandlerDefinition
  /** Environment variables, as the service stack sets them. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The ports of a deployed function. It makes no network call but for keys that are not in the catalogue yet.
 * @throws {MmfError} `config_…`: a deployed function without a configured issuer does not boot
 */
export async function createAwsPlatform(options: AwsPlatformOptions): Promise<HttpPlatform> {
  const { env, definition } = options
  const plugins: readonly PluginDefinition[] = 'platformOf' in definition ? definition.platformOf : [definition.plugin]
  const clock = systemClock
  const ids = createIds({ clock })
  const schemas = Object.fromEntries(plugins.map(plugin => [plugin.name, plugin.config]))
  const manifestOf = (name: string) => ('platformOf' in definition ? definition.manifests?.[name] : definition.manifest)
  const declaredSecrets = Object.fromEntries(plugins.map(({ name }) => [name, manifestOf(name)?.permissions?.secrets]))
  const secrets = configuredSecrets({ load: options.secrets, env, clock })
  const configDir = env['MMF_CONFIG_DIR'] ?? layerConfigFolder()
  const shipped = createPluginConfigManager({ env, schemas, declaredSecrets, secrets, configDir })
  const { appconfig } = (await shipped.getBaseConfig()).configuration
  const managed = appconfig === undefined ? undefined : await import('./aws-appconfig.ts')
  const source = appconfig === undefined ? undefined : managed?.createAppConfigSource(appconfig, env)
  const configs =
    source === undefined
      ? shipped
      : createPluginConfigManager({ env, schemas, declaredSecrets, secrets, configDir, source })
  const base = await configs.getBaseConfig()
  const issuers = requireIssuers(base, configs.environment)

  const levels = createLogLevels(levelSettings(base.logging))
  const observability = await createLambdaObservability({
    kind: 'lambda',
    service: env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'lambda',
    environment: configs.environment,
    namespace: metricsNamespace(env),
    tracing: base.tracing.enabled,
    levels,
    clock,
  })
  await logConfigSources(configs, ['base', ...plugins.map(({ name }) => name)], observability.logger)
  const tableNames = mapIn(env, 'MMF_TABLES')
  const database = loggedDatabase(createDynamoDbDatabase({ ...options.dynamodb, clock, tableNames }), { clock, ids })
  const ofPlatform = Object.values(platformTables)
  const tables = [...ofPlatform, ...plugins.flatMap(plugin => resourcesOf(plugin).tables)]
  // The variables of a function name the tables that it may touch, and no others.
  await database.open(tables.filter(table => Object.hasOwn(tableNames, table.name)))
  const keys = createKeyService({
    provider: options.kms === undefined ? noKeyProvider : createKmsKeyProvider(options.kms),
    database,
    definitions: plugins.flatMap(plugin => resourcesOf(plugin).keys),
    providerRefs: mapIn(env, 'MMF_KEYS'),
    clock,
  })
  const signing = signingKeys(definition)
  await Promise.all(signing.map(({ plugin, names }) => ensureKeys({ configs, keys }, plugin, names)))
  await Promise.all(plugins.map(({ name }) => configs.getPluginConfig(name)))
  const live =
    managed === undefined
      ? undefined
      : (await import('../config/live-config.ts')).createLiveConfig({
          configs,
          plugins,
          clock,
          observability,
          async prepare(plugin, fresh) {
            const fixed = { getPluginConfig: async () => fresh as never }
            const names = signing.find(known => known.plugin === plugin)?.names
            if (names !== undefined) await ensureKeys({ configs: fixed, keys }, plugin, names)
          },
          onBase: ({ logging }) => levels.configure(levelSettings(logging)),
        })
  const platform = await assemblePlatform({
    configs,
    base,
    live,
    clock,
    ids,
    database,
    platformTables: ofPlatform,
    keys,
    blobs:
      options.s3 === undefined
        ? noBlobs
        : createS3Blobs({
            ...options.s3,
            bucket: env['MMF_BLOBS'] ?? '',
            lockedBucket: env['MMF_LOCKED_BLOBS'],
            clock,
          }),
    verifier: configuredTokenVerifier(issuers, { clock, logger: observability.logger }),
    apiKeyHash: configuredApiKeyHash(base),
    observability,
    invoke:
      options.lambda === undefined
        ? undefined
        : createLambdaTransport({ lambda: options.lambda, functions: mapIn(env, 'MMF_FUNCTIONS') }),
    remote: true,
    deadLetters: deadLettersOf(options, { database, clock }),
    ...asksFunctions(options, clock),
    waitingEvents: 'platformOf' in definition ? createWaitingEvents({ database }) : undefined,
  })
  const outdated = secrets === undefined ? undefined : secretRotation({ configs, clock })
  if (managed === undefined || live === undefined || appconfig === undefined) return { ...platform, outdated }
  return {
    ...platform,
    outdated,
    beforeEvent: managed.refreshedByAge(live, { clock, maxAgeSeconds: appconfig.max_age_seconds }),
  }
}

/** Those of all plugins, for the function that serves the platform's own routes. */
function deadLettersOf(
  { definition, lambda, env }: AwsPlatformOptions,
  ports: Pick<HttpPlatform, 'database' | 'clock'>,
): DeadLetters | undefined {
  if (!('platformOf' in definition) || lambda === undefined) return undefined
  const redeliver = createLambdaRedelivery({ lambda, subscribers: mapIn(env, 'MMF_SUBSCRIBERS') })
  return createDeadLetters({ ...ports, redeliver })
}

/** The platform's own function asks the others, each of which has its own permissions. */
function asksFunctions(
  { definition, lambda, env }: AwsPlatformOptions,
  clock: Clock,
): Pick<HttpPlatform, 'askHealth' | 'askReadiness'> {
  if (!('platformOf' in definition) || lambda === undefined) return {}
  const options = { lambda, functions: mapIn(env, 'MMF_FUNCTIONS'), clock }
  return {
    askHealth: createLambdaQuestions<PluginHealth>('health', options),
    askReadiness: createLambdaQuestions<PluginReadiness>('ready', options),
  }
}

/** The keys that this function signs with. It registers them in the catalogue; the others only read it, and may do no more. */
function signingKeys(definition: HandlerDefinition): { plugin: PluginDefinition; names: readonly string[] }[] {
  if ('platformOf' in definition) return []
  const { plugin, services } = definition
  const scopes = plugin.services.filter(service => services.includes(service.name)).map(scopeOf)
  return [{ plugin, names: scopes.flatMap(scope => scope.keys.map(grant => grant.key.name)) }]
}
