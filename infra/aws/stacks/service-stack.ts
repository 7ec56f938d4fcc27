import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defined, type Service } from '@mmf/framework'
import { Annotations, ArnFormat, Duration, NestedStack, type NestedStackProps } from 'aws-cdk-lib'
import { EventBus } from 'aws-cdk-lib/aws-events'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { functionFile } from '../../plugins/function-file.ts'
import { operationsFile } from '../../plugins/operations-file.ts'
import { AlarmTopic } from '../constructs/alarm-topic.ts'
import { Alarms } from '../constructs/alarms.ts'
import { allowed } from '../constructs/allowed.ts'
import { agentLayer, appConfigAccess } from '../constructs/appconfig.ts'
import { blobAccess, lockedAccess } from '../constructs/blob-bucket.ts'
import { fileDeadLetters } from '../constructs/dead-letter-filing.ts'
import { deadLetters } from '../constructs/dead-letters.ts'
import { OutboxRelay, publishStatement, relayStatements } from '../constructs/outbox-relay.ts'
import { OutboxSweep } from '../constructs/outbox-sweep.ts'
import { PlatformApi } from '../constructs/platform-api.ts'
import { PlatformFunction } from '../constructs/platform-function.ts'
import type { LogSettings } from '../constructs/platform-logs.ts'
import { Schedules } from '../constructs/schedules.ts'
import { secretAccess } from '../constructs/secret-access.ts'
import { Subscriptions } from '../constructs/subscriptions.ts'
import { dataKeyAccess, tableAccess } from '../constructs/table-access.ts'
import { type DeployedPlugin, type Deployment, metricsNamespace, nameOf, secretsPrefix } from '../deployment.ts'
import { filingGrants, type Grants, grantsOf, platformGrants, relayGrants } from '../derive/grants.ts'
import { pascal } from '../derive/names.ts'
import { routesOf } from '../derive/routes.ts'
import { type ScheduledOperation, schedulesOf } from '../derive/schedules.ts'
import { type Subscription, subscribersOf, subscriptionsOf } from '../derive/subscriptions.ts'
import type { ServiceResources } from '../framework.ts'
import { alarmsOf, declaredPlatformService, platformAlarms } from '../framework.ts'
import type { StateStack } from './state-stack.ts'

export interface ServiceStackProps extends NestedStackProps {
  readonly deployment: Deployment
  readonly state: StateStack
}

/** What calls a function beside the API. */
interface Deliveries {
  readonly subscriptions: readonly Subscription[]
  readonly schedules: readonly ScheduledOperation[]
  /** Of the function. */
  readonly timeout: Duration
}

interface FunctionPlan {
  /** The plugin it belongs to, if any. */
  readonly plugin?: string
  /** Parts of its name after application and environment. */
  readonly name: readonly string[]
  readonly description: string
  readonly handler: string
  readonly grants: Grants
  readonly statements?: readonly PolicyStatement[]
  readonly environment?: Readonly<Record<string, string>>
  /** What manifest and configuration say of the service it is for. */
  readonly resources?: ServiceResources | undefined
}

/** Those of the outbox and of dead letters know no plugin and read no configuration. */
const readsConfiguration = ({ plugin, handler }: FunctionPlan) => plugin !== undefined || handler === 'platform'

/** Everything that can be replaced at any time: layer, functions, API, bus, alarms. */
export class ServiceStack extends NestedStack {
  /** What a deployer needs to know, by name. */
  readonly outputs: Readonly<Record<string, string>>
  private readonly deployment: Deployment
  private readonly state: StateStack
  private readonly layer: LayerVersion
  private readonly bus: EventBus
  private readonly alarms: Alarms
  /** The dead-letter queues of services, by service. */
  private readonly deadLetters = new Map<string, { readonly queue: Queue; readonly name: string }>()

  constructor(scope: Construct, id: string, { deployment, state, ...props }: ServiceStackProps) {
    super(scope, id, props)
    this.deployment = deployment
    this.state = state
    this.layer = new LayerVersion(this, 'Layer', {
      layerVersionName: nameOf(deployment, 'layer'),
      description: 'MMF: framework, PKI and zod',
      code: Code.fromAsset(join(deployment.dist, 'layer'), { exclude: ['**/*.map'] }),
      compatibleRuntimes: [Runtime.NODEJS_24_X],
      compatibleArchitectures: [Architecture.ARM_64],
    })
    this.bus = new EventBus(this, 'Bus', { eventBusName: nameOf(deployment) })
    const name = nameOf(deployment, 'alarms')
    const { topic } = new AlarmTopic(this, 'AlarmTopic', {
      name,
      encryptionKey: state.dataKey,
      address: deployment.alarmAddress,
    })
    this.alarms = new Alarms(this, 'Alarms', {
      name: nameOf(deployment),
      namespace: metricsNamespace(deployment),
      topic,
    })
    const platform = this.platformFunction()
    const api = new PlatformApi(this, 'Api', {
      name: nameOf(deployment),
      fallback: platform.resource,
      domain: deployment.domain,
      basePath: deployment.base.server.base_path,
      throttle: deployment.settings.throttle,
      logs: this.logs,
    })
    this.alarms.ofApi(api.id)
    api.addRoutes('Platform', routesOf(declaredPlatformService), platform.resource)
    for (const plugin of deployment.plugins) {
      for (const service of plugin.definition.services) this.service(plugin, service, api)
    }
    if (this.isBuilt('outbox-relay', 'committed events stay in the outbox')) this.relay()
    if (this.isBuilt('outbox-sweeper', 'events that a stalled stream leaves stay in the outbox')) this.sweeper()
    if (this.isBuilt('dead-letters', 'dead letters stay in their queues')) this.filing()
    this.outputs = { ApiUrl: api.url, AlarmTopicArn: topic.topicArn, ...defined({ ApiTarget: api.target }) }
  }

  private service(plugin: DeployedPlugin, service: Service, api: PlatformApi): void {
    const { name } = plugin.definition
    const grants = {
      ...grantsOf(plugin, service, this.deployment),
      secrets: [...this.deployment.secrets, ...plugin.secrets],
    }
    const resources = plugin.resources[service.name]
    const { resource } = this.serviceFunction(name, service, { grants, resources })
    api.addRoutes(pascal(service.name), routesOf(service), resource)
    const subscriptions = subscriptionsOf(
      service,
      this.deployment.plugins.map(({ definition }) => definition),
    )
    const schedules = schedulesOf(service)
    if (subscriptions.length + schedules.length > 0) {
      const timeout = this.timeoutOf(resources)
      this.deliver(name, service, resource, { subscriptions, schedules, timeout })
    }
    this.alarms.declared([name, service.name], alarmsOf(plugin.definition, service))
  }

  private serviceFunction(
    plugin: string,
    service: Service,
    given: Pick<FunctionPlan, 'grants' | 'resources'>,
  ): PlatformFunction {
    return this.addFunction({
      plugin,
      name: [plugin, service.name],
      description: service.description,
      handler: functionFile(service.name),
      ...given,
    })
  }

  private platformFunction(): PlatformFunction {
    const subscribers = subscribersOf(this.deployment.plugins.map(({ definition }) => definition))
    const functions = Object.fromEntries(
      subscribers.map(({ plugin, service }) => [service, nameOf(this.deployment, plugin, service)]),
    )
    return this.addFunction({
      name: ['platform'],
      description: declaredPlatformService.description,
      handler: 'platform',
      grants: platformGrants(this.deployment),
      environment: { MMF_SUBSCRIBERS: JSON.stringify(functions) },
    })
  }

  /** What calls a function beside the API: its events and its schedules. What fails ends in one queue, and is filed from there. */
  private deliver(plugin: string, service: Service, handler: PlatformFunction['resource'], by: Deliveries): void {
    const { queue } = this.deadLetterQueue([plugin, service.name], `${pascal(service.name)}Subscriptions`)
    // Replayed dead letters and schedules are asynchronous calls: the first are retried, and neither is lost.
    const retryAttempts = by.subscriptions.length > 0 ? 2 : 0
    handler.configureAsyncInvoke({ retryAttempts, onFailure: new SqsDestination(queue) })
    new Subscriptions(this, `${pascal(service.name)}Events`, {
      bus: this.bus,
      handler,
      timeout: by.timeout,
      subscriptions: by.subscriptions,
      deadLetters: queue,
    })
    if (by.schedules.length === 0) return
    const props = { handler, schedules: by.schedules, deadLetters: queue }
    new Schedules(this, `${pascal(service.name)}Schedules`, props)
  }

  private deadLetterQueue(owner: readonly string[], id: string): { readonly queue: Queue; readonly name: string } {
    const name = `${nameOf(this.deployment, ...owner)}-dead-letters`
    const queue = deadLetters(new Construct(this, id), 'DeadLetters', name)
    this.alarms.ofDeadLetters(owner, queue)
    const made = { queue, name }
    this.deadLetters.set(owner.at(-1) ?? '', made)
    return made
  }

  private filing(): void {
    const services = [...this.deadLetters].map(([service, { name }]) => [name, service])
    const plugins = this.deployment.plugins.map(({ definition }) => definition)
    const attempts = plugins.flatMap(({ services }) =>
      services.flatMap(service =>
        subscriptionsOf(service, plugins).map(({ type, retries }) => [`${service.name}:${type}`, String(retries + 1)]),
      ),
    )
    const { resource } = this.addFunction({
      name: ['dead-letters'],
      description: 'Files dead letters, so that they can be listed and replayed',
      handler: 'dead-letters',
      grants: filingGrants(this.deployment.platformTables),
      environment: {
        MMF_DEAD_LETTERS: JSON.stringify(Object.fromEntries(services)),
        MMF_EVENT_ATTEMPTS: JSON.stringify(Object.fromEntries(attempts)),
      },
    })
    for (const { queue } of this.deadLetters.values()) fileDeadLetters(resource, queue)
  }

  private relay(): void {
    const { platformTables } = this.deployment
    const outbox = this.tableOf(platformTables.outbox.name)
    const relay = this.addFunction({
      name: ['outbox-relay'],
      description: 'Publishes committed events',
      handler: 'outbox-relay',
      grants: relayGrants(platformTables),
      statements: relayStatements(outbox, this.bus),
      environment: { MMF_EVENT_BUS: this.bus.eventBusName },
    })
    const { deadLetters } = new OutboxRelay(this, 'OutboxRelay', {
      name: nameOf(this.deployment, 'outbox-relay'),
      outbox,
      relay: relay.resource,
    })
    this.alarms.ofDeadLetters(['outbox-relay'], deadLetters)
  }

  private sweeper(): void {
    const { platformTables } = this.deployment
    const sweeper = this.addFunction({
      name: ['outbox-sweeper'],
      description: 'Publishes committed events that a stalled stream left',
      handler: 'outbox-sweeper',
      grants: relayGrants(platformTables),
      statements: [publishStatement(this.bus)],
      environment: { MMF_EVENT_BUS: this.bus.eventBusName },
    })
    const { queue } = this.deadLetterQueue(['outbox-sweeper'], 'OutboxSweeper')
    new OutboxSweep(this, 'OutboxSweep', { sweeper: sweeper.resource, deadLetters: queue })
    this.alarms.declared([], platformAlarms)
  }

  /** The functions of the outbox can be left out; what that means is said. */
  private isBuilt(handler: string, without: string): boolean {
    if (existsSync(join(this.deployment.dist, `handlers/${handler}.mjs`))) return true
    Annotations.of(this).addWarningV2(`mmf:no-${handler}`, `no handlers/${handler}.ts: ${without}`)
    return false
  }

  private addFunction(plan: FunctionPlan): PlatformFunction {
    const { deployment } = this
    const { settings, base } = deployment
    const made = new PlatformFunction(this, `${pascal(plan.name.at(-1) ?? '')}Function`, {
      name: nameOf(deployment, ...plan.name),
      description: plan.description,
      handlers: join(deployment.dist, 'handlers'),
      handler: plan.handler,
      layers: [this.layer, ...(readsConfiguration(plan) ? agentLayer(this, base, plan.handler) : [])],
      memoryMb: plan.resources?.memory_mb ?? settings.memoryMb,
      timeout: this.timeoutOf(plan.resources),
      reservedConcurrency: plan.resources?.reserved_concurrency,
      logs: this.logs,
      tracing: base.tracing.enabled,
      environment: { ...this.environmentOf(plan), ...plan.environment },
      onDemand: [
        ...(plan.grants.secrets?.length ? ['secrets-manager'] : []),
        ...(plan.handler === 'platform' ? [operationsFile] : []),
      ],
      statements: [...this.statementsOf(plan), ...(plan.statements ?? [])],
    })
    this.alarms.ofFunction(plan.name, made.resource)
    return made
  }

  private get logs(): LogSettings {
    const { logRetentionDays: retention, retainState: retain } = this.deployment.settings
    return { retention, retain }
  }

  /** The request ends first, with an answer; then the function would be stopped, without one. */
  private timeoutOf(resources: ServiceResources = {}): Duration {
    return Duration.seconds(resources.timeout_seconds ?? this.deployment.base.server.request_timeout_seconds + 3)
  }

  /** A function learns the names of what it may touch, and of nothing else. */
  private environmentOf({ plugin = '', grants, resources }: FunctionPlan): Record<string, string> {
    const tables = Object.fromEntries(grants.tables.map(({ table }) => [table.name, this.tableOf(table.name).name]))
    const keys = Object.fromEntries(grants.describes.map(({ keyId }) => [keyId, this.keyOf(keyId).arn]))
    const functions = Object.fromEntries(
      grants.invokes.map(one => [`${one.plugin}.${one.service}`, nameOf(this.deployment, one.plugin, one.service)]),
    )
    return {
      ...this.deployment.variables,
      ...defined({ MMF_LOG_LEVEL: resources?.log_level }),
      MMF_ENVIRONMENT: this.deployment.environment,
      MMF_METRICS_NAMESPACE: metricsNamespace(this.deployment),
      MMF_TABLES: this.toJsonString(tables),
      MMF_KEYS: this.toJsonString(keys),
      MMF_FUNCTIONS: JSON.stringify(functions),
      ...(grants.blobs === undefined ? {} : { MMF_BLOBS: this.blobsOf(plugin).bucketName }),
      ...(grants.lockedBlobs === true ? { MMF_LOCKED_BLOBS: this.lockedBlobsOf(plugin).bucketName } : {}),
      ...(grants.secrets?.length ? { MMF_SECRETS_PREFIX: secretsPrefix(this.deployment) } : {}),
    }
  }

  private statementsOf(plan: FunctionPlan): PolicyStatement[] {
    const { plugin = '', grants } = plan
    const { tables, signs, describes, invokes, blobs, lockedBlobs, scans = [], secrets = [] } = grants
    const access = tables.some(grant => grant.access === 'write') ? 'write' : 'read'
    const keyArns = (keys: Grants['signs']) => keys.map(({ keyId }) => this.keyOf(keyId).arn)
    return [
      ...tables.flatMap(grant => tableAccess(this.tableOf(grant.table.name), grant.access)),
      ...(tables.length > 0 ? [dataKeyAccess(this.state.dataKey, access)] : []),
      ...allowed(keyArns(signs), 'kms:Sign'),
      ...allowed(keyArns(describes), 'kms:DescribeKey', 'kms:GetPublicKey'),
      ...allowed(
        invokes.map(one => this.functionArn(nameOf(this.deployment, one.plugin, one.service))),
        'lambda:InvokeFunction',
      ),
      ...(readsConfiguration(plan) ? appConfigAccess(this, this.deployment.base) : []),
      ...secretAccess(this, secretsPrefix(this.deployment), secrets),
      ...allowed(
        scans.map(table => this.tableOf(table.name).arn),
        'dynamodb:Scan',
      ),
      ...(lockedBlobs === true ? lockedAccess(this.lockedBlobsOf(plugin), plugin) : []),
      ...(blobs === undefined ? [] : blobAccess(this.blobsOf(plugin), plugin, blobs)),
    ]
  }

  /** By name, because two functions may call each other. */
  private functionArn(resourceName: string): string {
    return this.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
  }

  private tableOf(name: string) {
    const table = this.state.tables.get(name)
    if (table === undefined) throw new Error(`the state stack has no table ${name}`)
    return table
  }

  private blobsOf(plugin: string) {
    const bucket = this.state.blobs.get(plugin)
    if (bucket === undefined) throw new Error(`the state stack has no blobs of ${plugin}`)
    return bucket
  }

  private lockedBlobsOf(plugin: string) {
    const bucket = this.state.lockedBlobs.get(plugin)
    if (bucket === undefined) throw new Error(`the state stack has no locked blobs of ${plugin}`)
    return bucket
  }

  private keyOf(keyId: string) {
    const key = this.state.keys.get(keyId)
    if (key === undefined) throw new Error(`the state stack has no key ${keyId}`)
    return key
  }
}
