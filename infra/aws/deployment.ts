import type { AnyTable, Environment, PluginDefinition } from '@mmf/framework'
import type { PlannedKey } from './derive/key-plan.ts'
import type { BaseConfig, ServiceResources } from './framework.ts'
import type { EnvironmentSettings } from './settings.ts'

/** A plugin with what this environment's configuration makes of it. */
export interface DeployedPlugin {
  readonly definition: PluginDefinition
  readonly keys: readonly PlannedKey[]
  /** The secrets that its configuration refers to, without the prefix of the deployment. */
  readonly secrets: readonly string[]
  /** What the function of each service gets, where manifest or configuration say it. */
  readonly resources: Readonly<Record<string, ServiceResources>>
}

/** Where clients reach the API, when not at the address that API Gateway gives it. */
export interface ApiDomain {
  readonly name: string
  readonly certificateArn: string
  /** A PEM file: certificates of clients must chain to one in it (mutual TLS). Without it none is asked for. */
  readonly truststore?: string | undefined
}

/** Everything the stacks are derived from. */
export interface Deployment {
  /** First part of every name: `<app>-<environment>-…`. */
  readonly app: string
  readonly environment: Environment
  readonly settings: EnvironmentSettings
  readonly base: BaseConfig
  /** The secrets that the configuration of the platform refers to. */
  readonly secrets: readonly string[]
  readonly plugins: readonly DeployedPlugin[]
  /** Tables that the platform itself needs, with their roles. */
  readonly platformTables: PlatformTables
  /** Environment variables that the configuration was read with; the functions read it with the same. */
  readonly variables: Readonly<Record<string, string>>
  readonly domain?: ApiDomain | undefined
  /** An e-mail or https address that is notified of alarms. */
  readonly alarmAddress?: string | undefined
  /** The output of the build. */
  readonly dist: string
}

/** The platform's own tables. Who may touch which is decided in `derive/grants.ts`. */
export interface PlatformTables {
  readonly outbox: AnyTable
  readonly deliveries: AnyTable
  readonly idempotency: AnyTable
  readonly keyCatalogue: AnyTable
  readonly cache: AnyTable
  readonly rateLimits: AnyTable
  readonly apiKeys: AnyTable
  readonly apiKeyHolders: AnyTable
  readonly apiKeyUses: AnyTable
  readonly auditWaiting: AnyTable
}

/** Before the name of every secret: `marty/production/`. One deployment cannot name another's secrets. */
export const secretsPrefix = ({ app, environment }: Pick<Deployment, 'app' | 'environment'>): string =>
  `${app}/${environment}/`

/** Where the functions of a deployment write their metrics: deployments that share an account do not share them. */
export const metricsNamespace = ({ app, environment }: Pick<Deployment, 'app' | 'environment'>): string =>
  `${app}/${environment}`

/** `marty-production-document_signer` */
export function nameOf(deployment: Pick<Deployment, 'app' | 'environment'>, ...parts: readonly string[]): string {
  return [deployment.app, deployment.environment, ...parts].join('-')
}
